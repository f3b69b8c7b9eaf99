"""What holds for each mastery rule, whatever it asks: the promises of docs/mastery.md."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import accumulate, pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive.errors import InvalidInput
from adaptive.mastery import RULES, AnyRule, Evidence, Occasion, Standing, build_rule, level_changes, stand
from tests.mastery.learners import DAY, NOON, answer, estimate, histories, rank, spoilt, walk_rightly

VARIANTS = {
    **RULES,
    "bkt .90": build_rule("bkt_threshold", {"p_mastery": 0.9}),
    **{f"{n} in a row": build_rule("streak", {"in_a_row": n}) for n in (2, 3, 5, 10)},
    "4 of 5": build_rule("streak", {"m_of_n": [4, 5]}),
    "P(above)": build_rule("ability_cut", {"min_p_above": 0.95}),
}
MOST_BYTES = 2500
"""Of a stored standing."""
every_rule = pytest.mark.parametrize("rule", VARIANTS.values(), ids=VARIANTS.keys())


def standings(rule: AnyRule, history: list[Evidence]) -> list[Standing[Any]]:
    """From the start, then after each piece of evidence."""
    return list(accumulate(history, rule.after, initial=rule.start()))


@every_rule
def test_a_learner_who_is_always_right_finishes(rule: AnyRule) -> None:
    steps = walk_rightly(rule)
    _, standing = steps[-1]
    assert standing.finished
    assert standing.asks is None
    assert standing.level == standing.earned
    assert standing.level.value == rule.levels[-1]
    assert standing.level.awarded_at is not None
    assert set(standing.level.evidence_ids) <= {evidence.evidence_id for evidence, _ in steps}
    assert standing.level.evidence_ids


@given(history=histories(most=15), place=st.integers(0, 15), occasion=st.sampled_from([Occasion.PRACTICE, Occasion.CHECK, Occasion.QUIZ]))
def test_retried_hinted_and_studied_attempts_touch_nothing(history: list[Evidence], place: int, occasion: Occasion) -> None:
    extra = answer(99, at=NOON, occasion=occasion, estimate=estimate(0.99))
    for rule in VARIANTS.values():
        before = stand(rule, history[:place])
        for change in ({"attempt_number": 2}, {"hints_used": 1}, {"study": True, "correct": None}):
            assert rule.after(before, spoilt(extra, **change)) == before


@given(history=histories())
def test_what_is_earned_is_never_taken_away(history: list[Evidence]) -> None:
    for rule in VARIANTS.values():
        for before, after in pairwise(standings(rule, history)):
            if after.earned != before.earned:
                assert rank(rule, after.earned.value) > rank(rule, before.earned.value)
            assert rank(rule, after.earned.value) >= rank(rule, after.level.value)


@given(history=histories())
def test_no_level_falls_silently(history: list[Evidence]) -> None:
    """Only khan_levels lowers a level, as its source does: the reason says so and the answers that did it are named."""
    for rule in VARIANTS.values():
        for evidence, (before, after) in zip(history, pairwise(standings(rule, history)), strict=True):
            if rank(rule, after.level.value) < rank(rule, before.level.value):
                assert rule.name == "khan_levels"
                assert "lowered" in after.reason
                assert evidence.evidence_id in after.level.evidence_ids


@given(history=histories(), split=st.integers(0, 40))
def test_a_fold_can_be_stored_and_resumed_anywhere(history: list[Evidence], split: int) -> None:
    for rule in VARIANTS.values():
        before = stand(rule, history[:split])
        resumed = rule.from_json(json.loads(json.dumps(rule.as_json(before))))
        assert resumed == before
        assert stand(rule, history[split:], resumed) == stand(rule, history)


@given(first=histories(most=12), second=histories(most=12), seed=st.randoms(use_true_random=False))
def test_skills_do_not_touch_each_other(first: list[Evidence], second: list[Evidence], seed: Random) -> None:
    """Two skills folded in any interleaving stand as they do alone."""
    turns = [0] * len(first) + [1] * len(second)
    seed.shuffle(turns)
    for rule in VARIANTS.values():
        now, left = [rule.start(), rule.start()], [iter(first), iter(second)]
        for turn in turns:
            now[turn] = rule.after(now[turn], next(left[turn]))
        assert now == [stand(rule, first), stand(rule, second)]


@given(history=histories())
def test_memory_stays_small(history: list[Evidence]) -> None:
    """At most a row of ten, a handful of successes and the bookkeeping, however long the history is."""
    for rule in VARIANTS.values():
        assert len(json.dumps(rule.as_json(stand(rule, history * 3)))) < MOST_BYTES


@given(history=histories(most=15), p=st.sampled_from([0.05, 0.8, 0.99]))
def test_a_look_between_attempts_sets_the_review_and_nothing_else(history: list[Evidence], p: float) -> None:
    for rule in VARIANTS.values():
        standing = stand(rule, history)
        later = rule.as_of(standing, estimate(p), NOON + 400 * DAY)
        assert replace(later, review=standing.review) == standing
        assert rule.as_of(later, estimate(p), NOON + 401 * DAY) == later


@every_rule
def test_sources_without_times_are_no_error(rule: AnyRule) -> None:
    history = [answer(n, at=None, occasion=occasion, estimate=estimate(0.99)) for n, occasion in enumerate([*Occasion][:-1] * 3)]
    standing = stand(rule, history)
    assert standing.level.awarded_at is None
    assert standing.level.value != rule.levels[0]


@every_rule
def test_changes_of_level_are_the_learners_record(rule: AnyRule) -> None:
    steps = walk_rightly(rule)
    changes = list(level_changes(rule, [evidence for evidence, _ in steps]))
    assert [change.level.value for change in changes] == sorted({c.level.value for c in changes}, key=rule.levels.index)
    assert changes[-1].level == steps[-1][1].level


@every_rule
def test_a_standing_of_other_parameters_is_refused(rule: AnyRule) -> None:
    stored = rule.as_json(rule.start()) | {"version": "streak(in_a_row=99)"}
    with pytest.raises(InvalidInput, match="replay the log under this rule"):
        rule.from_json(stored)
