"""Candidates as JSON values, for logs that carry what the policy saw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adaptive.domain import Mode
from adaptive.models.information import information_of_forecast
from adaptive.protocols import Candidates, Floats, Forecast, Items, Outlook

__all__ = ["candidates_document", "candidates_of"]


def candidates_document(candidates: Candidates) -> dict[str, Any]:  # Any: JSON values
    """The candidates of one learner as columns, exact to the last bit; NaN becomes null. `information` follows from the forecast.

    >>> p = np.array([0.5, 0.7])
    >>> two = Candidates(Items(("q1", "q2"), (("a",), ("a",))), Forecast(p, p, p), p, p, p, np.full(2, np.nan))
    >>> document = candidates_document(two)
    >>> document["p_correct"], document["expected_gain"], candidates_of(document, "learn").items.item_ids
    ([0.5, 0.7], [None, None], ('q1', 'q2'))
    """
    forecast, outlook = candidates.forecast, candidates.outlook
    return {
        "item_ids": list(candidates.items.item_ids),
        "skill_ids": [list(skill_ids) for skill_ids in candidates.items.skill_ids],
        "p_correct": _column(forecast.p_correct),
        "low": _column(forecast.low),
        "high": _column(forecast.high),
        "is_two_state": forecast.is_two_state,
        "p_mastered": _column(candidates.p_mastered),
        "readiness": _column(candidates.readiness),
        "zone_probability": _column(candidates.zone_probability),
        "expected_gain": _column(candidates.expected_gain),
        "outlook": outlook
        and {
            "p_correct_low": _column(outlook.p_correct_low),
            "information": _column(information_of_forecast(forecast)),
            "steps_back": outlook.steps_back.tolist(),
            "lesson": None if outlook.lesson is None else _column(outlook.lesson),
        },
        "plan_step": None if candidates.plan_step is None else candidates.plan_step.tolist(),
        "teacher_pin": None if candidates.teacher_pin is None else candidates.teacher_pin.tolist(),
    }


def candidates_of(document: Mapping[str, Any], mode: Mode) -> Candidates:  # Any: JSON values
    """The candidates that `candidates_document` wrote. Raises ValueError, TypeError or KeyError where it did not."""
    n_items = len(document["item_ids"])

    def column(values: Any) -> Floats:  # Any: a JSON value, checked here
        numbers = np.array([np.nan if value is None else float(value) for value in values])
        if numbers.shape != (n_items,):
            raise ValueError(f"a column of {len(numbers)} values beside {n_items} items")
        return numbers

    def chance(values: Any) -> Floats:  # Any: as above
        numbers = column(values)
        if not np.all((numbers >= 0.0) & (numbers <= 1.0)):  # NaN is neither
            raise ValueError("a probability outside [0, 1]")
        return numbers

    def mark(values: Any) -> NDArray[np.bool_] | None:  # Any: as above
        return None if values is None else column(values).astype(np.bool_)

    outlook = document.get("outlook")
    return Candidates(
        items=Items(tuple(map(str, document["item_ids"])), tuple(tuple(map(str, ids)) for ids in document["skill_ids"])),
        forecast=Forecast(
            chance(document["p_correct"]), chance(document["low"]), chance(document["high"]), bool(document.get("is_two_state", False))
        ),
        p_mastered=chance(document["p_mastered"]),
        readiness=chance(document["readiness"]),
        zone_probability=chance(document["zone_probability"]),
        expected_gain=column(document["expected_gain"]),
        mode=mode,
        outlook=outlook
        and Outlook(
            chance(outlook["p_correct_low"]),
            column(outlook["steps_back"]).astype(np.bool_),
            lesson=None if outlook.get("lesson") is None else chance(outlook["lesson"]),
        ),
        plan_step=mark(document.get("plan_step")),
        teacher_pin=mark(document.get("teacher_pin")),
    )


def _column(values: Floats) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values.tolist()]
