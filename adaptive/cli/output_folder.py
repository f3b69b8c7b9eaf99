"""Whether results can be written where the command line says, known before any work is done."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

from adaptive.errors import InvalidInput, Problem

__all__ = ["require_writable"]


def require_writable(folder: Path) -> None:
    """Try it: make the folder, write into it, and leave no trace. Raises InvalidInput where that fails.

    >>> require_writable(Path("no-such-folder/below")), Path("no-such-folder").exists()
    (None, False)
    """
    made: list[Path] = []
    try:
        for level in reversed((folder, *folder.parents)):
            if not level.is_dir():
                level.mkdir()
                made.append(level)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        rule, found = "results are written to a folder that can be made and written to", error.strerror or str(error)
        raise InvalidInput(str(folder), [Problem("out", rule, found, "name another")]) from error
    finally:
        for level in reversed(made):
            with suppress(OSError):  # by now another run may have written there
                level.rmdir()
