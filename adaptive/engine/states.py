"""States as a cache: read from the snapshot where it is current, rebuilt by replay where it is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from adaptive.catalog import Catalog
from adaptive.domain import Attempt, Placement
from adaptive.engine.learner import LearnerFold, LearnerState
from adaptive.models import replay
from adaptive.placement import prior_from_scores
from adaptive.protocols import AbilityPrior
from adaptive.storage import Snapshot, Unit

__all__ = ["Current", "StateKeeper"]

StateT = TypeVar("StateT")

_FOLD: Final = "fold-2"
"""Snapshots of a fold that counted other things are passed over, and their learners replayed."""


@dataclass(frozen=True, slots=True)
class Current(Generic[StateT]):
    """A learner's state and its version: the number of attempts and placements that it rests on."""

    state: LearnerState[StateT]
    version: int
    is_placed: bool


@dataclass(frozen=True, slots=True, eq=False)
class StateKeeper(Generic[StateT]):
    """Reads, rebuilds and saves learner states under one model version and catalogue."""

    fold: LearnerFold[StateT]
    model_version: str
    catalog: Catalog

    def current(self, unit: Unit, learner_id: str) -> Current[StateT]:
        """The state now. A snapshot that is missing, made under something else, or behind the log is not used."""
        snapshot, placements = self.snapshot(unit, learner_id), unit.placements(learner_id)
        version = unit.version(learner_id)
        if snapshot is None or snapshot.state_version != version:
            return self.rebuild(unit, learner_id)
        return Current(self.fold.decode(snapshot.state), version, bool(placements))

    def rebuild(self, unit: Unit, learner_id: str, *, until: int | None = None) -> Current[StateT]:
        """The state from the log alone: the prior of the placements, then every attempt in order.

        `until` is a version: only what had arrived by then counts.
        """
        placements, history = unit.placements(learner_id, until=until), unit.history(learner_id, until=until)
        state = replay(self.fold, history, self.start(placements))
        return Current(state, len(history) + len(placements), bool(placements))

    def start(self, placements: Sequence[Placement]) -> LearnerState[StateT]:
        """The state before any attempt, by the prior of the placements."""
        return self.fold.initial_state(self._prior(placements))

    def as_of(self, unit: Unit, learner_id: str, versions: Iterable[int]) -> Iterator[Current[StateT]]:
        """The state at each version, as `rebuild` gives it; folded on from the one before where attempts came in order of time."""
        before: Sequence[Attempt] = ()
        n_placements, current = -1, self.rebuild(unit, learner_id, until=0)
        for version in versions:
            history, placements = unit.history(learner_id, until=version), unit.placements(learner_id, until=version)
            if len(placements) != n_placements or history[: len(before)] != before:
                current = self.rebuild(unit, learner_id, until=version)
            else:
                state = replay(self.fold, history[len(before) :], current.state)
                current = Current(state, len(history) + len(placements), bool(placements))
            before, n_placements = history, len(placements)
            yield current

    def after(self, unit: Unit, current: Current[StateT], learner_id: str, new: Sequence[Attempt]) -> Current[StateT]:
        """The state after `new`, which the log already holds: folded on where they come last, else rebuilt."""
        in_order = sorted(new, key=lambda attempt: attempt.order_key)
        last_key = current.state.last_key
        if last_key is not None and in_order[0].order_key < last_key:
            return self.rebuild(unit, learner_id)
        return Current(replay(self.fold, in_order, current.state), current.version + len(new), current.is_placed)

    def save(self, unit: Unit, learner_id: str, current: Current[StateT]) -> None:
        """Write the snapshot, in the same transaction as what changed it."""
        made_under = self._made_under(is_placed=current.is_placed)
        unit.save_snapshot(Snapshot(learner_id, made_under, current.version, current.state.last_key, self.fold.encode(current.state)))

    def snapshot(self, unit: Unit, learner_id: str) -> Snapshot | None:
        """The stored state as it stands; None where there is none of this model, and, once placed, of this catalogue."""
        return unit.snapshot(learner_id, self._made_under(is_placed=bool(unit.placements(learner_id))))

    def is_current(self, unit: Unit, learner_id: str) -> bool:
        """Whether the stored snapshot equals what the log gives, bit for bit (True where there is no snapshot)."""
        snapshot = self.snapshot(unit, learner_id)
        if snapshot is None:
            return True
        rebuilt = self.rebuild(unit, learner_id)
        return snapshot.state_version == rebuilt.version and dict(snapshot.state) == self.fold.encode(rebuilt.state)

    def _made_under(self, *, is_placed: bool) -> str:
        """What a state depends on besides the log: the model, the mastery rule, and the catalogue's difficulties or families of items.

        The first through a placement's prior, the second through a rule that counts families.
        """
        rule = None if self.fold.awarding is None else self.fold.awarding.rule
        reads_catalog = is_placed or (rule is not None and rule.reads_families)
        parts = (f"{self.model_version}@{_FOLD}", *([rule.version] if rule else []), *([self.catalog.version] if reads_catalog else []))
        return "+".join(parts)

    def _prior(self, placements: Sequence[Placement]) -> AbilityPrior | None:
        """All scores together, as of the newest placement; None without any."""
        scores = [score for placement in placements for score in placement.scores]
        if not scores:
            return None
        at = max(placement.placed_at for placement in placements if placement.placed_at is not None)
        prior, _ = prior_from_scores(scores, self.catalog, at)
        return prior
