"""Ctrl-C and SIGTERM during a long job: a word on what is kept and how to go on, and the exit code of the signal."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

import typer

__all__ = ["going_on_later"]

_SIGNAL_EXIT: Final = 128
"""A shell's exit code of a process ended by a signal: 128 and the signal's number."""


class _Terminated(KeyboardInterrupt):
    """SIGTERM, made an interruption."""


@contextmanager
def going_on_later(word: Callable[[KeyboardInterrupt], str]) -> Iterator[None]:
    """Within the block SIGTERM interrupts as Ctrl-C does; either prints `word` on standard error and leaves with 143 or 130.

    What the block made so far is its own to keep: it meets a KeyboardInterrupt.
    """

    def stop(_: int, __: FrameType | None) -> None:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt as stopped:
        typer.echo(f"interrupted; {word(stopped)}", err=True)
        is_terminated = isinstance(stopped, _Terminated) or isinstance(stopped.__cause__, _Terminated)
        raise typer.Exit(_SIGNAL_EXIT + (signal.SIGTERM if is_terminated else signal.SIGINT)) from stopped
    finally:
        signal.signal(signal.SIGTERM, before)
