"""What a logged decision does not carry, found again from the log of attempts: what could have been shown, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from adaptive.catalog import Catalog
from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt
from adaptive.engine import Asked, Engine
from adaptive.errors import AdaptiveError, InvalidInput, Problem, UnknownItem
from adaptive.evaluation.off_policy.decision_log import LoggedDecision
from adaptive.evaluation.off_policy.requests import request_of
from adaptive.evaluation.off_policy.rewards import PractisedLearner
from adaptive.protocols import Candidates, Floats
from adaptive.storage import Store

__all__ = ["Choice", "Replay", "store_of"]

SAME_FORECAST: Final = 1e-6
"""How far P(correct) made again may lie from the record: processors differ in the last bits, another history moves it by far more."""


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What could be shown, and the target's probabilities (n_items,) where they rest on more than that, else None."""

    candidates: Candidates
    p_target: Floats | None = None


@dataclass(frozen=True, eq=False)
class Replay:
    """An engine over the attempts of the decisions' learners; its policy's settings are the target's.

    Where its model is the one that made a decision, the P(correct) on record must come out again. Where it is another, the target is
    that model with its policy, and only the number of attempts can be checked.

    The target chooses among what rules of the session left. Where it is `ruled`, it is the engine's policy with its rules whole, which is
    what serving it would do: what they make of its distribution (information in a cold start, exposure, reference items) is part of it.
    """

    engine: Engine[Any]  # Any: each model has its own state
    ruled: bool = False

    def candidates(self, decisions: Sequence[LoggedDecision]) -> Iterator[tuple[LoggedDecision, Choice | Problem]]:
        """Of decisions of one learner: what could be shown at each, or why that cannot be told."""
        known = sorted((each for each in decisions if each.state_version is not None), key=lambda each: (each.state_version, each.at))
        yield from ((each, _NO_VERSION) for each in decisions if each.state_version is None)
        asked = [Asked(request_of(each), each.at, each.state_version or 0) for each in known]
        found = self.engine.chances_as_of(known[0].tenant_id, known[0].learner_id, asked) if known else iter(())
        for n, decision in enumerate(known):
            try:
                choice = next(found)
            except AdaptiveError as error:  # the log ends before this decision, and so before those after it
                yield from ((each, _problem(error)) for each in known[n:])
                return
            yield decision, self._verified(decision, *choice)

    def practised(self, tenant_id: str, learner_id: str) -> PractisedLearner:
        """What the learner did, and what stood mastered after it by the engine's rule."""
        return PractisedLearner(*self.engine.mastered_after(tenant_id, learner_id))

    def _verified(self, decision: LoggedDecision, candidates: Candidates, p_choice: Floats) -> Choice | Problem:
        if decision.item_id not in candidates.items.item_ids:
            rule = "the item shown is among those that could be, by the attempts and the catalogue given"
            return Problem("item_id", rule, decision.item_id, "give the catalogue and the attempts that the decision was made on")
        made_again = float(candidates.forecast.p_correct[candidates.items.item_ids.index(decision.item_id)])
        is_same_model = decision.model_version == self.engine.model_version
        if is_same_model and decision.p_correct is not None and abs(made_again - decision.p_correct) > SAME_FORECAST:
            rule = f"the P(correct) on record comes out again; it is {made_again:.6f} by the attempts given"
            return Problem("p_correct", rule, f"{decision.p_correct:.6f}", "give all attempts, in the order in which they arrived")
        return Choice(candidates, p_choice if self.ruled else None)


def store_of(table: AttemptTable, learner_ids: Iterable[str], catalog: Catalog, tenant_id: str) -> tuple[Store, int]:
    """The attempts of these learners in a store in memory, in the order of the file, and how many were left out.

    Their order is taken as that of arrival. Attempts on items that the catalogue does not hold are left out, as the engine refuses them.
    """
    wanted, n_unknown = set(learner_ids), 0
    store = Store.open("sqlite://")
    with store.unit(tenant_id, write=True) as unit:
        for _, attempt in sorted(_rows(table, wanted), key=lambda pair: pair[0]):
            try:
                unit.append(replace(attempt, skill_ids=catalog.item(attempt.item_id).skill_ids))
            except UnknownItem:
                n_unknown += 1
    return store, n_unknown


def _rows(table: AttemptTable, wanted: set[str]) -> Iterator[tuple[int, Attempt]]:
    """The wanted learners' attempts with their row in the file."""
    start = 0
    for learner_id, history in table.histories():
        if learner_id in wanted:
            yield from zip(table.rows[start : start + len(history)].tolist(), history, strict=True)
        start += len(history)


_NO_VERSION: Final = Problem(
    "state_version", "a decision without candidates says on how many attempts it rested", "nothing", "export the log with state_version"
)


def _problem(error: AdaptiveError) -> Problem:
    if isinstance(error, InvalidInput):
        return error.problems[0]
    return Problem("decision", str(error).rstrip("."), "an error", "give the catalogue that the decision was made with")
