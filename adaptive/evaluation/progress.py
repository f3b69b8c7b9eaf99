"""What a long job tells about how far it is; the command line draws bars from it."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Progress", "silent"]

Progress = Callable[[str, int, int], None]
"""Called with a stage in words ("fold 1: fitting"), the steps done and the steps in all (done = total ends the stage)."""


def silent(stage: str, done: int, total: int) -> None:
    """Say nothing.

    >>> silent("fold 1: fitting", 0, 1)
    """
