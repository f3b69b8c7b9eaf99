"""Evidence for the tests of mastery rules: single answers, a learner who is always right, and strategies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from adaptive.domain import Attempt
from adaptive.mastery import Ability, AnyRule, Estimate, Evidence, MasteryRule, Occasion, Recall, Standing

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def answer(n: int, score: float = 1.0, *, at: datetime | None = NOON, session: str | None = None, **known: Any) -> Evidence:
    """Answer n of a learner, on an item of its own."""
    attempt = Attempt(f"a{n}", "ann", f"q{n}", ("fractions",), correct=score, occurred_at=at, session_id=session)
    return Evidence(attempt, **known)


def answers(marks: str, **known: Any) -> list[Evidence]:
    """One answer a letter: r is right, w is wrong."""
    return [answer(n, 1.0 if mark == "r" else 0.0, **known) for n, mark in enumerate(marks)]


def estimate(p: float, at: datetime | None = None) -> Estimate:
    """What a model might say at that P(mastered): surer and abler as it rises."""
    until = None if at is None else at + 10 * DAY
    return Estimate(p, (p * 0.97, min(1.0, p * 1.02)), Ability(6.0 * p - 3.0, 0.5), Recall(p, until))


def walk_rightly(rule: MasteryRule[Any], most: int = 60) -> list[tuple[Evidence, Standing[Any]]]:
    """A learner who does what the rule asks, when it is due, and is always right; each answer with the standing after it."""
    standing, at, steps = rule.start(), NOON, []
    while not standing.finished and len(steps) < most:
        n = len(steps)
        if standing.asks is Occasion.CHECK and standing.review_due_at is not None:
            at = max(at, standing.review_due_at)
        occasion = standing.asks or Occasion.PRACTICE
        p = 1.0 - 0.5 * 0.6 ** (n + 1)
        known = {"estimate": estimate(p, at), "family_id": f"f{n % 3}", "n_families": 3}
        evidence = answer(n, at=at, session=f"s{n // 4}", occasion=occasion, **known)
        standing = rule.after(standing, evidence)
        steps.append((evidence, standing))
        at += timedelta(hours=5)
    return steps


@st.composite
def evidences(draw: st.DrawFn, n: int, at: datetime) -> Evidence:
    """Any answer number n, at that time or at none, clean or not."""
    occasion = draw(st.sampled_from([*Occasion]))
    attempt = Attempt(
        f"a{n}",
        "ann",
        f"q{draw(st.integers(0, 9))}",
        ("fractions",),
        correct=draw(st.sampled_from([0.0, 0.5, 1.0, 1.0])),
        occurred_at=at,
        session_id=draw(st.sampled_from([None, "s1", "s2"])),
        attempt_number=draw(st.sampled_from([None, 1, 1, 2])),
        hints_used=draw(st.sampled_from([0, 0, 1])),
    )
    return Evidence(
        attempt,
        occasion,
        estimate(draw(st.sampled_from([0.1, 0.5, 0.72, 0.85, 0.93, 0.96, 0.99])), at),
        family_id=draw(st.sampled_from([None, "f1", "f2"])),
        n_families=draw(st.integers(0, 3)),
        author="ms lin" if occasion is Occasion.TEACHER else None,
    )


@st.composite
def histories(draw: st.DrawFn, most: int = 40) -> list[Evidence]:
    """Any history of one learner on one skill, in order of time."""
    at, history = NOON, []
    for n in range(draw(st.integers(0, most))):
        at += draw(st.sampled_from([timedelta(minutes=1), timedelta(hours=5), 3 * DAY, 8 * DAY]))
        history.append(draw(evidences(n, at)))
    return history


def spoilt(evidence: Evidence, **change: Any) -> Evidence:
    """The same evidence with its attempt changed."""
    return replace(evidence, attempt=replace(evidence.attempt, **change))


def rank(rule: AnyRule, value: str) -> int:
    """How high a level stands."""
    return rule.levels.index(value)
