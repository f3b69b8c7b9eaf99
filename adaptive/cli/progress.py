"""How far a long job is: bars on a terminal, a line as each stage begins and ends elsewhere. Both on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from adaptive.evaluation.progress import Progress

__all__ = ["shown_progress"]


@contextmanager
def shown_progress(stream: TextIO | None = None) -> Iterator[Progress]:
    """A `Progress` that shows each stage on the stream (standard error) for as long as the block runs."""
    chosen = stream or sys.stderr
    if not chosen.isatty():
        yield _Lines(chosen)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(file=chosen)) as bars:
        yield _Bars(bars)


class _Bars:
    """One bar a stage; it pulses where a stage has a single step."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total if total > 1 else None)
        self._bars.update(self._tasks[stage], completed=done, total=total if total > 1 or done else None)


class _Lines:
    """A line when a stage begins, and one when it ends with the seconds it took."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._began: dict[str, float] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage not in self._began:
            self._began[stage] = perf_counter()
            self._say(f"{stage} ...")
        if done >= total:
            self._say(f"{stage}: {perf_counter() - self._began.pop(stage):.1f} s")

    def _say(self, line: str) -> None:
        self._stream.write(f"{line}\n")
        self._stream.flush()
