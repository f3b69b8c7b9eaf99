"""A folder that appears under its name whole or not at all, and replaces only what is its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["foreign_files", "whole_folder"]


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A new folder to fill, which takes the name `path` when the block ends without an error.

    A folder that was there stays until the new one is whole, and comes back if anything, Ctrl-C included, breaks the
    swap. Killed outright between its two renames, the process leaves the old folder beside `path`, under a hidden name
    that begins with it.

    >>> with tempfile.TemporaryDirectory() as made:
    ...     with whole_folder(Path(made, "model")) as folder:
    ...         _ = Path(folder, "notes.txt").write_text("whole")
    ...     Path(made, "model", "notes.txt").read_text()
    'whole'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    new, old = scratch / "new", scratch / "old"
    try:
        new.mkdir()
        yield new
        if path.exists():
            path.replace(old)
        new.replace(path)
    finally:
        if old.exists() and not path.exists():
            old.replace(path)
        shutil.rmtree(scratch, ignore_errors=True)


def foreign_files(folder: Path, own: frozenset[str]) -> list[str]:
    """Files below the folder that are not among its own, which replacing it would delete; relative, in sorted order.

    >>> with tempfile.TemporaryDirectory() as made:
    ...     _ = Path(made, "thesis.txt").write_text("mine")
    ...     foreign_files(Path(made), frozenset({"manifest.json"}))
    ['thesis.txt']
    """
    found = (entry.relative_to(folder).as_posix() for entry in folder.rglob("*") if not entry.is_dir() or entry.is_symlink())
    return sorted(set(found) - own)
