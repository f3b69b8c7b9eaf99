"""Errors name the thing, the rule, the value and the way out; each has a stable slug."""

from __future__ import annotations

import pytest

from adaptive import errors
from adaptive.errors import AdaptiveError, InvalidInput, Problem, unknown_name

KINDS = [kind for name in errors.__all__ if isinstance(kind := getattr(errors, name), type) and issubclass(kind, AdaptiveError)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_has_a_slug_fit_for_an_address(kind: type[AdaptiveError]) -> None:
    assert kind.slug.replace("_", "").isalpha()
    assert kind.slug == kind.slug.lower()


def test_all_problems_are_listed_and_counted() -> None:
    problems = [Problem(f"row {n}", "must be a number", "x", "write digits") for n in (1, 2)]
    text = str(InvalidInput("scores.csv", problems))
    assert text.splitlines()[0] == "scores.csv has 2 problems:"
    assert "row 2: must be a number. Got 'x'; write digits." in text


def test_unknown_name_lists_the_known_ones() -> None:
    assert str(unknown_name("policy", "best", ["threshold", "random"])).endswith("Known: random, threshold; use one of the known names.")
