"""The only loops over a history: `replay` folds it into a state, `walk` and `forecast` also look before each step.

Training, evaluation, simulation and serving all pass here, so what is measured is what is served.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np

from adaptive.domain import Attempt
from adaptive.protocols import Floats, Fold, Items, LearnerModel

__all__ = ["forecast", "replay", "walk"]

StateT = TypeVar("StateT")


def replay(fold: Fold[StateT], attempts: Iterable[Attempt], state: StateT | None = None) -> StateT:
    """The state after these attempts of one learner, in order, from `state` or else the fold's initial state.

    Every model is a fold; so is what the engine keeps beside a model's state.

    >>> from adaptive.models import build_model
    >>> model = build_model("baseline")
    >>> replay(model, []) == model.initial_state()
    True
    """
    now = fold.initial_state() if state is None else state
    for attempt in attempts:
        now = fold.update(now, attempt)
    return now


def walk(model: LearnerModel[StateT], attempts: Iterable[Attempt], state: StateT | None = None) -> Iterator[tuple[StateT, Attempt]]:
    """Each attempt with the state before it. Starts where `replay` does."""
    now = model.initial_state() if state is None else state
    for attempt in attempts:
        yield now, attempt
        now = model.update(now, attempt)


def forecast(model: LearnerModel[StateT], attempts: Sequence[Attempt], state: StateT | None = None) -> Floats:
    """P(correct) before each attempt, (n,), NaN where the attempt is no evidence. Starts where `replay` does.

    >>> from adaptive.models import build_model
    >>> forecast(build_model("baseline"), [Attempt("a1", "ann", "q7", ("fractions",), correct=1.0)])
    array([0.5])
    """
    p_correct = np.full(len(attempts), np.nan)
    met: dict[tuple[str, tuple[str, ...]], Items] = {}  # one object per item, so that models find their cached codes
    for i, (before, attempt) in enumerate(walk(model, attempts, state)):
        if attempt.is_evidence:
            key = (attempt.item_id, attempt.skill_ids)
            items = met[key] if key in met else met.setdefault(key, Items((attempt.item_id,), (attempt.skill_ids,)))
            p_correct[i] = model.predict(before, items, attempt.occurred_at).p_correct[0]
    return p_correct
