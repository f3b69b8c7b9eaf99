"""How far a long job is: bars on a terminal, a line as each stage begins and ends elsewhere. Both on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from adaptive.training.epochs import Epoch

__all__ = ["ShownProgress", "shown_progress"]

_MEASURES = {"log_loss": "log loss", "auc": "AUC"}
"""Measures of an epoch that are shown first, and their words."""


class ShownProgress(Protocol):
    """What is told while it runs: stages by calling it, epochs of a fit by `epoch`."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """A stage in words, the steps done and the steps in all."""

    def epoch(self, epoch: Epoch) -> None:
        """An epoch of a watched fit, with its measures and how long the stage may still take."""

    def say(self, line: str) -> None:
        """A line by itself."""


@contextmanager
def shown_progress(stream: TextIO | None = None) -> Iterator[ShownProgress]:
    """Shows each stage and epoch on the stream (standard error) for as long as the block runs."""
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
    """One bar a stage; it pulses where a stage has a single step. Epochs leave their lines above the bars."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._pace = _Pace()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total if total > 1 else None)
        self._bars.update(self._tasks[stage], completed=done, total=total if total > 1 or done else None)

    def epoch(self, epoch: Epoch) -> None:
        """The epoch's line, and the bar of its stage moved to it."""
        self.say(self._pace.line(epoch))
        self(f"{epoch.fit}, {epoch.stage}", epoch.done, epoch.of)

    def say(self, line: str) -> None:
        """The line, above the bars."""
        self._bars.console.print(line, markup=False, highlight=False)


class _Lines:
    """A line when a stage begins, and one when it ends with the seconds it took; a line an epoch."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._began: dict[str, float] = {}
        self._pace = _Pace()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage not in self._began:
            self._began[stage] = perf_counter()
            self.say(f"{stage} ...")
        if done >= total:
            self.say(f"{stage}: {perf_counter() - self._began.pop(stage):.1f} s")

    def epoch(self, epoch: Epoch) -> None:
        """The epoch's line."""
        self.say(self._pace.line(epoch))

    def say(self, line: str) -> None:
        """The line."""
        self._stream.write(f"{line}\n")
        self._stream.flush()


class _Pace:
    """Epochs in words, with what the rest of their stage takes at the pace so far."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[str, str], list[float]] = {}
        self._last = perf_counter()

    def line(self, epoch: Epoch) -> str:
        """Which epoch, and its words."""
        return f"  {epoch.stage}, epoch {epoch.done} of at most {epoch.of}: {self._words(epoch)}"

    def _words(self, epoch: Epoch) -> str:
        """Measures, seconds, and the time left at most: a fit may stop early. An epoch of an interrupted run says so."""
        measured = [f"{words} {epoch.measures[name]:.4f}" for name, words in _MEASURES.items() if name in epoch.measures]
        if epoch.is_restored:
            return ", ".join([*measured, "from the checkpoint"])
        now = perf_counter()
        took = self._seconds.setdefault((epoch.fit, epoch.stage), [])
        took.append(epoch.measures.get("seconds", now - self._last))
        self._last = now
        left = (epoch.of - epoch.done) * sum(took) / len(took)
        return ", ".join([*measured, f"{took[-1]:.1f} s", f"at most {_duration(left)} left"])


def _duration(seconds: float) -> str:
    """Seconds in words.

    >>> _duration(42.4), _duration(250)
    ('42 s', '4 min 10 s')
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
