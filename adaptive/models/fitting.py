"""Long fits: who watches them, how they are resumed, and which settings a search may try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol, Self, TypeVar, runtime_checkable

from adaptive.protocols import AttemptTable, LearnerModel, Parameters

__all__ = ["FitObserver", "RefreshableModel", "ResumableModel", "SearchRange", "Silent", "TunableModel"]

StateT = TypeVar("StateT")


class FitObserver(Protocol):
    """Who watches a long fit: shows its progress, keeps its checkpoints, and may hold one from an interrupted fit."""

    def epoch(self, stage: str, done: int, of: int, measures: Mapping[str, float]) -> None:
        """After each epoch of a stage: how many are done of at most how many, and what was measured (log_loss, auc, seconds)."""

    def save(self, checkpoint: Parameters) -> None:
        """Keep this in place of the last checkpoint. Called after `epoch` of the last epoch that it holds."""

    def restore(self) -> Parameters | None:
        """The last checkpoint kept, None where there is none. A fit resumed from it ends as one never interrupted."""


class Silent:
    """Nobody watches, nothing is kept.

    >>> Silent().restore() is None
    True
    """

    def epoch(self, stage: str, done: int, of: int, measures: Mapping[str, float]) -> None:
        """Not shown."""

    def save(self, checkpoint: Parameters) -> None:
        """Not kept."""

    def restore(self) -> Parameters | None:
        """Always from the beginning."""
        return None


@runtime_checkable
class ResumableModel(LearnerModel[StateT], Protocol[StateT]):
    """A model whose fit takes long enough to be watched, interrupted and resumed."""

    def fit_observed(self, attempts: AttemptTable, *, seed: int, observer: FitObserver) -> Self:
        """`fit`, watched. The same parameters, whoever watches. A checkpoint of other attempts, seed or settings is not used."""


@dataclass(frozen=True, slots=True)
class SearchRange:
    """The values of one setting that are worth trying, searched evenly or (`log`) evenly in their logarithm."""

    low: float
    high: float
    log: bool = False
    integer: bool = False


@runtime_checkable
class TunableModel(LearnerModel[StateT], Protocol[StateT]):
    """A model with settings that data cannot fit by themselves: a search chooses them on held-out training learners."""

    search_space: ClassVar[Mapping[str, SearchRange]]

    def with_settings(self, settings: Mapping[str, float]) -> Self:
        """An unfitted copy with these settings; those left out stay. Raises UnknownName for a name without a range."""


@runtime_checkable
class RefreshableModel(LearnerModel[StateT], Protocol[StateT]):
    """A model that new attempts bring up to date without fitting all of it again."""

    def refresh(self, attempts: AttemptTable, *, seed: int = 0) -> Self:
        """A copy in which what these attempts speak of is fitted anew, from where it stood; all else is as it was.

        Items that the attempts do not name keep their place, so a model can be refreshed from the newest attempts alone. An
        empty table gives an equal model.
        """
