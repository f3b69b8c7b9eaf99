"""Domain values are frozen and comparable."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass

import pytest

from adaptive import domain
from adaptive.errors import InvalidInput

VALUES = [value for name in domain.__all__ if is_dataclass(value := getattr(domain, name))]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.__name__)
def test_every_domain_value_is_frozen_and_slotted(value: type) -> None:
    assert value.__dataclass_params__.frozen  # type: ignore[attr-defined]  # set by the decorator
    assert "__slots__" in vars(value)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.__name__)
def test_no_domain_value_defaults_to_something_mutable(value: type) -> None:
    assert not any(isinstance(field.default, list | dict | set) for field in fields(value))


def test_goal_rejects_assignment() -> None:
    goal = domain.Goal("grade 3", ("s",))
    with pytest.raises(FrozenInstanceError):
        goal.title = "grade 4"  # type: ignore[misc]  # the point of the test


def test_thresholds_are_ordered() -> None:
    assert domain.READY_AT < domain.MASTERED_AT < domain.PROMOTE_AT


def test_a_placement_takes_no_score_of_another_learner() -> None:
    with pytest.raises(InvalidInput, match="bob"):
        domain.Placement("p1", "ann", (domain.Score("bob", "rit", 200.0),))
