"""Drawn attempts: whatever the domain allows."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from adaptive.domain import Attempt

IDS = st.text(st.characters(codec="utf-8", exclude_categories=("C",)), min_size=1, max_size=8)
TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive by hypothesis
COUNTS = st.none() | st.integers(0, 5)


@st.composite
def attempts(draw: st.DrawFn) -> Attempt:
    study = draw(st.booleans())
    score = st.floats(0, 1)
    return Attempt(
        attempt_id=draw(IDS),
        learner_id=draw(st.sampled_from(("ann", "bob", "cécile"))),
        item_id=draw(IDS),
        skill_ids=tuple(draw(st.lists(IDS, unique=True, max_size=3))),
        correct=draw(st.none() | score) if study else draw(score),
        occurred_at=draw(st.none() | TIMES),
        sequence=draw(st.integers(-3, 3)),
        study=study,
        attempt_number=draw(COUNTS),
        hints_used=draw(COUNTS),
        response_ms=draw(st.none() | st.integers(0, 10**9)),
    )
