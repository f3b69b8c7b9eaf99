"""What is known of a fit while it runs: its epochs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Epoch", "EpochReport", "unseen"]


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch of a watched fit: the `done`-th of at most `of` in a stage, and what was measured (log_loss, auc, seconds).

    `fit` says which fit of the run it belongs to. `is_restored` marks an epoch of an earlier, interrupted run, told again.

    >>> Epoch("all", "network", 3, 20, {"log_loss": 0.53}).measures["log_loss"]
    0.53
    """

    fit: str
    stage: str
    done: int
    of: int
    measures: Mapping[str, float]
    is_restored: bool = False

    def encode(self) -> dict[str, Any]:  # Any: JSON values
        """As JSON values."""
        return {"fit": self.fit, "stage": self.stage, "done": self.done, "of": self.of, "measures": dict(self.measures)}


EpochReport = Callable[[Epoch], None]
"""Called after each epoch."""


def unseen(epoch: Epoch) -> None:
    """Tell nobody.

    >>> unseen(Epoch("all", "network", 1, 20, {}))
    """
