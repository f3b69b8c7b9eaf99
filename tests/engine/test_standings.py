"""Levels are a fold of the log under a mastery rule, kept apart from the estimate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adaptive.catalog import Catalog
from adaptive.domain import Attempt, Placement, Score
from adaptive.engine import Engine, MasteryRow
from adaptive.mastery import RULES, AnyRule, build_rule
from adaptive.models import build_model
from adaptive.storage import Store

from .conftest import START, attempt_of

TENANT = "school"
LATER = START + timedelta(days=30)


@pytest.fixture
def by_rule(catalog: Catalog) -> Iterator[Engine[Any]]:
    with_store = Store.open("sqlite://")
    yield Engine(with_store, build_model("state_space_irt", catalog), catalog, model_version="prior")
    with_store.close()


def history() -> list[Attempt]:
    """Right but for the sixth, over three days, in all modes, with a second try and a hint that are no evidence."""
    modes = ("practice", "quiz", "review", "test", None, "placement")
    plain = [
        replace(
            attempt_of(n, ("halves-1", "sums-2", "both")[n % 3], correct=float(n != 6), minutes=n * 300.0),
            mode=modes[n % 6],
            session_id=f"s{n // 4}",
        )
        for n in range(18)
    ]
    aided = [
        replace(attempt_of(50, "halves-3", minutes=7.0), hints_used=1),
        replace(attempt_of(51, "halves-3", correct=0.0, minutes=8.0), attempt_number=2),
    ]
    return [*plain, *aided]


def row_of(engine: Engine[Any], skill_id: str, rule: AnyRule | None = None) -> MasteryRow:
    (row,) = engine.mastery(TENANT, "ann", at=LATER, skill_ids=[skill_id], rule=rule).rows
    return row


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_kept_step_by_step_arrived_in_any_order_or_asked_for_levels_are_the_same(by_rule: Engine[Any], rule: AnyRule) -> None:
    kept = replace(by_rule, rule=rule, model_version="kept")
    for attempt in history():
        kept.record(TENANT, attempt)
    kept.record_batch("other", history()[::-1])
    assert kept.stale_learners(TENANT) == ()
    for skill_id in ("halves", "sums", "ratios"):
        told = row_of(kept, skill_id)
        assert told == row_of(by_rule, skill_id, rule)
        assert told.level.rule == rule.name
        assert (told.level.value != rule.levels[0]) == (skill_id != "ratios")
        (reverse,) = kept.mastery("other", "ann", at=LATER, skill_ids=[skill_id]).rows
        assert reverse == told


def test_an_attempt_says_which_level_it_moved(by_rule: Engine[Any]) -> None:
    engine = replace(by_rule, rule=build_rule("streak", {"in_a_row": 2}))
    answers = [engine.record(TENANT, attempt_of(n, "both")) for n in range(3)]
    moves = [{update.skill_id: (update.level_before, update.level_after) for update in answer.updates} for answer in answers]
    assert [move["halves"] for move in moves] == [("not started", "practising"), ("practising", "mastered"), ("mastered", "mastered")]
    assert moves[1]["sums"] == ("practising", "mastered")
    level = row_of(engine, "halves").level
    assert (level.value, level.earned, level.evidence_ids) == ("mastered", "mastered", ("ann-0", "ann-1"))
    assert level.awarded_at == START + timedelta(minutes=1)


def test_a_late_wrong_answer_takes_back_a_level_that_rested_on_its_absence(by_rule: Engine[Any]) -> None:
    engine = replace(by_rule, rule=build_rule("streak"))
    for n in (0, 1, 3):
        engine.record(TENANT, attempt_of(n, f"halves-{n}"))
    assert row_of(engine, "halves").level.value == "mastered"
    late = engine.record(TENANT, attempt_of(2, "halves-2", correct=0.0))
    assert late.applied == "refolded"
    assert row_of(engine, "halves").level.value == "practising"


def test_a_recheck_is_due_when_its_day_comes_and_lowers_nothing(by_rule: Engine[Any]) -> None:
    engine = replace(by_rule, rule=build_rule("skill_builder"))
    for n in range(3):
        engine.record(TENANT, attempt_of(n, f"halves-{n}"))
    before, due = (engine.mastery(TENANT, "ann", at=START + timedelta(days=days), skill_ids=["halves"]).rows[0] for days in (6, 8))
    assert (before.needs_review, due.needs_review) == (False, True)
    assert before.review_due_at == due.review_due_at == START + timedelta(minutes=2, days=7)
    assert due.status == "needs_review"
    assert (due.level.value, due.level.asks) == ("mastered", "check")


def test_another_rule_does_not_use_the_levels_of_the_first(by_rule: Engine[Any]) -> None:
    """A snapshot names the rule: levels of one are never read as another's."""
    for n in range(3):
        by_rule.record(TENANT, attempt_of(n, f"halves-{n}"))
    stricter = replace(by_rule, rule=build_rule("streak", {"in_a_row": 5}))
    assert row_of(stricter, "halves").level.value == "practising"
    assert replace(by_rule, rule=build_rule("streak")).record(TENANT, attempt_of(3, "halves-3")).updates[0].level_before == "mastered"


def test_a_placement_moves_estimates_and_no_level(by_rule: Engine[Any]) -> None:
    score = Score("ann", "rit", 230.0, standard_error=3.0, taken_on=START.date(), grade="4")
    by_rule.place(TENANT, Placement("p1", "ann", (score,), placed_at=START))
    row = row_of(by_rule, "halves")
    assert (row.source, row.level.value, row.level.earned) == ("placement", "not started", "not started")
    assert row.p_mastery > 0.5
