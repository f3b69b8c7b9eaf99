"""What a run was made with: enough to make it again."""

from __future__ import annotations

import platform
import subprocess
from importlib import metadata
from pathlib import Path

__all__ = ["environment"]

_PACKAGES = ("adaptive-practice", "mlflow", "numpy", "optuna", "polars", "pyro-ppl", "scikit-learn", "scipy", "torch")
"""The packages whose version can change a figure."""


def environment() -> dict[str, str]:
    """Versions of Python and of the packages that can change a figure, the platform, and the code's commit where it has one.

    >>> sorted(environment())[-3:]
    ['scikit-learn', 'scipy', 'torch']
    """
    versions = {name: metadata.version(name) for name in _PACKAGES}
    commit = _commit(Path(__file__).parent)
    return {"python": platform.python_version(), "platform": platform.platform(), **versions} | ({"git_commit": commit} if commit else {})


def _commit(folder: Path) -> str | None:
    """The commit that `folder` is checked out at, with "+changes" where files differ from it; None outside a repository."""
    try:
        head = _git(folder, "rev-parse", "HEAD")
        return head + ("+changes" if _git(folder, "status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return None


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=10).stdout.strip()  # noqa: S603 - fixed words
