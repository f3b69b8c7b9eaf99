"""What a fitted model costs where it serves: a forecast of a large bank, a learner's state, the model's folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt
from adaptive.models import Metadata, replay, save_model
from adaptive.protocols import Items, LearnerModel

__all__ = ["BANK_SIZE", "ServingCost", "bank_of", "serving_cost"]

BANK_SIZE = 10_000
"""Items of the bank that is forecast (benchmarks, "Costs": prediction of 10,000 items)."""

_N_CALLS = 15
"""Forecasts of the bank whose median is told: it is steady to a few percent, and slow models are done in seconds."""

_MOST_ATTEMPTS = 5_000
"""Attempts of the busiest learner that are replayed into the state."""

_NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ServingCost:
    """Median milliseconds of one forecast of 10,000 items, bytes of a state as JSON, bytes of the model's folder.

    The state is that of the learner with the most attempts (the first 5,000 of them), after which it is largest. The
    bank is known to the model from an earlier call, as it is where it serves.
    """

    predict_10k_ms: float
    state_bytes: int
    model_bytes: int


def serving_cost(model: LearnerModel[Any], attempts: AttemptTable) -> ServingCost:  # Any: the state is never looked into
    """The cost of a fitted model over the bank and the busiest learner of these attempts.

    >>> from adaptive.models import build_model
    >>> table = AttemptTable.from_attempts([Attempt("a1", "ann", "q7", ("sums",), correct=1.0)])
    >>> cost = serving_cost(build_model("baseline").fit(table), table)
    >>> cost.predict_10k_ms > 0.0, cost.state_bytes > 0, cost.model_bytes > 0
    (True, True, True)
    """
    history = _busiest(attempts)
    state = replay(model, history)
    at = history[-1].occurred_at if history else None
    encoded = json.dumps(model.encode_state(state), separators=(",", ":"))
    return ServingCost(
        predict_10k_ms=_predict_ms(model, state, bank_of(attempts), at),
        state_bytes=len(encoded.encode()),
        model_bytes=_folder_bytes(model),
    )


def bank_of(attempts: AttemptTable, n_items: int = BANK_SIZE) -> Items:
    """`n_items` items: those of the attempts, then items that nobody has met, on the same skills in turn.

    >>> table = AttemptTable.from_attempts([Attempt("a1", "ann", "q7", ("sums",), correct=1.0)])
    >>> bank_of(table, 3)
    Items(item_ids=('q7', 'unmet-1', 'unmet-2'), skill_ids=(('sums',), ('sums',), ('sums',)))
    """
    known = attempts.frame.select("item_id", "skill_ids").unique("item_id", maintain_order=True).head(n_items)
    ids, skills = known["item_id"].to_list(), [tuple(each) for each in known["skill_ids"].to_list()] or [()]
    ids += [f"unmet-{n}" for n in range(len(ids), n_items)]
    return Items(tuple(ids), tuple(skills[n % len(skills)] for n in range(n_items)))


def _busiest(attempts: AttemptTable) -> Sequence[Attempt]:
    """The first attempts of the learner with the most of them."""
    if not len(attempts):
        return ()
    learner_id = attempts.frame["learner_id"].value_counts(sort=True)["learner_id"][0]
    _, history = next(attempts.select_learners([learner_id]).histories())
    return list(islice(history, _MOST_ATTEMPTS))


def _predict_ms(model: LearnerModel[Any], state: object, bank: Items, at: datetime | None) -> float:
    model.predict(state, bank, at)
    seconds = []
    for _ in range(_N_CALLS):
        start = perf_counter()
        model.predict(state, bank, at)
        seconds.append(perf_counter() - start)
    return 1e3 * median(seconds)


def _folder_bytes(model: LearnerModel[Any]) -> int:
    with TemporaryDirectory() as made:
        folder = Path(made) / "model"
        save_model(model, folder, metadata=Metadata(_NO_DATE))
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
