"""Rules of a session in the engine: what the state counts for them, and that the decision keeps what it was made under."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from scipy import stats

from adaptive.catalog import Catalog
from adaptive.domain import Attempt, StuckSkill
from adaptive.engine import Engine, RecommendationRequest
from adaptive.engine.bank import Bank
from adaptive.engine.learner import LearnerFold, LearnerState
from adaptive.engine.sessions import SessionView
from adaptive.engine.view import LearnerView
from adaptive.models import build_model, replay
from adaptive.policies import Place, RuledPolicy, RuleSettings, ThresholdPolicy, ZoneSettings, session_rules
from adaptive.storage import Store

from .conftest import START, attempt_of

TENANT = "school"
LATER = START + timedelta(hours=1)


@pytest.fixture
def logistic(store: Store, catalog: Catalog) -> Engine[Any]:  # Any: the model's own state
    return Engine(store, build_model("logistic", catalog), catalog, model_version="logistic-prior")


def folded(catalog: Catalog, attempts: list[Attempt]) -> LearnerState[Any]:  # Any: the model's own state
    named = [replace(attempt, skill_ids=catalog.item(attempt.item_id).skill_ids) for attempt in attempts]
    return replay(LearnerFold(build_model("logistic", catalog)), named)


def test_failures_in_a_row_are_first_unaided_answers_below_half(catalog: Catalog) -> None:
    scores = [0.0, 1.0, 0.4, 0.0, 0.5, 0.3]
    attempts = [attempt_of(n, f"halves-{n}", correct=score) for n, score in enumerate(scores)]
    counted = [(state.n_answered, state.n_failures) for state in (folded(catalog, attempts[: n + 1]) for n in range(len(scores)))]
    assert counted == [(1, 1), (2, 0), (3, 1), (4, 2), (5, 0), (6, 1)]
    aided = replace(attempt_of(6, "halves-6"), hints_used=1)
    studied = replace(attempt_of(7, "halves-7"), study=True, correct=None)
    state = folded(catalog, [*attempts, aided, studied])
    assert (state.n_answered, state.n_failures) == (6, 1)


def test_the_counts_are_kept_in_the_snapshot(catalog: Catalog) -> None:
    state = folded(catalog, [attempt_of(n, f"halves-{n}", correct=0.0) for n in range(3)])
    fold = LearnerFold(build_model("logistic", catalog))
    again = fold.decode(json.loads(json.dumps(fold.encode(state))))
    assert (again.n_answered, again.n_failures) == (3, 3)


def test_the_session_is_what_the_log_says(catalog: Catalog) -> None:
    """Every field by hand, from a log of five, and after an item that was shown and not answered yet."""
    met = ["halves-0", "sums-0", "halves-1", "sums-1", "both"]
    state = folded(catalog, [attempt_of(n, item_id, correct=0.0) for n, item_id in enumerate(met)])
    bank, model = Bank.of(catalog), build_model("logistic", catalog)
    view, everything = LearnerView.of(model, bank, state, LATER, ZoneSettings()), np.arange(len(catalog.items))
    session = SessionView(view, Place(2, 3.0), LATER).after((), everything)
    place = bank.item_index
    assert (int(session.n_answered), int(session.n_failures), session.place) == (5, 5, Place(2, 3.0))
    assert [int(session.items_since[place[item_id]]) for item_id in met] == [5, 4, 3, 2, 1]
    assert [float(session.hours_since[place[item_id]]) for item_id in met] == pytest.approx([(60 - n) / 60 for n in range(5)])
    assert session.items_since[place["ratios-0"]] > 1_000
    assert np.isinf(session.hours_since[place["ratios-0"]])
    runs = {item_id: int(session.run_attempts[place[item_id]]) for item_id in ("halves-9", "sums-9", "both", "ratios-9")}
    assert runs == {"halves-9": 0, "sums-9": 3, "both": 3, "ratios-9": 0}  # sums joins the last two, met thrice
    after = SessionView(view, Place(2, 3.0), LATER).after([place["halves-9"]], everything)
    runs = {item_id: int(after.run_attempts[place[item_id]]) for item_id in ("halves-8", "sums-9", "both", "ratios-9")}
    assert runs == {"halves-8": 3, "sums-9": 0, "both": 3, "ratios-9": 0}
    assert (int(after.n_failures), after.place) == (0, Place(3, 3.0 - RuleSettings().minutes_per_item))
    some = np.array([place["halves-0"], place["sums-0"], place["ratios-0"]])
    of_some = SessionView(view, Place(2, 3.0), LATER).after((), some)
    assert of_some.items_since.tolist() == session.items_since[some].tolist()
    assert of_some.hours_since.tolist() == session.hours_since[some].tolist()
    width = view.mastery.high - view.mastery.low
    assert session.width[place["both"]] == max(width[bank.skill_index["halves"]], width[bank.skill_index["sums"]])


def test_no_third_item_of_a_practised_skill_comes_in_a_row(logistic: Engine[Any]) -> None:
    logistic.record_batch(TENANT, [attempt_of(n, f"halves-{n}", correct=float(n % 3 > 0)) for n in range(6)])
    decision = logistic.recommend(TENANT, RecommendationRequest("ann", k=10), decision_id="d1", at=LATER, seed=2)
    skills = ["halves", "halves", *(shown.skill_ids for shown in decision.shown)]
    assert "variety" in decision.constraints_applied
    assert "halves" not in decision.shown[0].skill_ids
    for rank in range(2, len(skills)):
        practised = {"halves"} if "variety" in decision.shown[rank - 2].constraints_applied else set()
        assert not practised & set(skills[rank]) & set(skills[rank - 1]) & set(skills[rank - 2])


def test_after_two_failures_comes_an_item_that_should_go_well(logistic: Engine[Any]) -> None:
    """For who failed few items are that easy: the rule is relaxed, or holds where its bound is at what is the easiest for the learner."""
    logistic.record_batch(TENANT, [attempt_of(n, f"sums-{n}", correct=float(n < 4)) for n in range(6)])
    free = logistic.recommend(TENANT, RecommendationRequest("ann", k=1), decision_id="d1", at=LATER, seed=2)
    assert {"easy_after_failures", "easy_after_failures:relaxed"} & set(free.constraints_applied)
    best = max(row.p_correct for row in logistic.zone(TENANT, "ann", at=LATER).rows)
    reachable = RuledPolicy(ThresholdPolicy(), session_rules(RuleSettings(easy_from=best - 0.02)))
    made = replace(logistic, policy=reachable).recommend(TENANT, RecommendationRequest("ann"), decision_id="d2", at=LATER, seed=2)
    assert "easy_after_failures" in made.constraints_applied
    assert made.shown[0].p_correct >= best - 0.02


@pytest.mark.parametrize(("place", "is_end"), [(Place(0, 15.0), True), (Place(3, 15.0), False), (Place(19, 1.0), True), (Place(), False)])
def test_the_place_in_a_session_is_kept_with_the_decision(logistic: Engine[Any], place: Place, is_end: bool) -> None:
    logistic.record_batch(TENANT, [attempt_of(n, f"halves-{n}", correct=float(n % 2)) for n in range(8)])
    decision = logistic.recommend(TENANT, RecommendationRequest("ann", k=2, place=place), decision_id="d1", at=LATER, seed=2)
    assert any(name.startswith("easy_ends") for name in decision.constraints_applied) is is_end
    stored = logistic.recommendation(TENANT, "d1")
    assert (stored.items_done, stored.minutes_left) == (place.items_done, place.minutes_left)
    logistic.record(TENANT, attempt_of(9, "sums-2", correct=0.0))
    assert logistic.decide_again(TENANT, "d1") == decision


def test_propensities_are_the_frequencies_of_draws(logistic: Engine[Any]) -> None:
    """Chi-square of 600 first items against the stated propensities; false alarm 1e-3, seeds fixed."""
    policy = RuledPolicy(ThresholdPolicy(), session_rules(RuleSettings(reference_share=0.2)))
    engine = replace(logistic, policy=policy)
    engine.record_batch(TENANT, [attempt_of(n, f"halves-{n}", correct=float(n % 2)) for n in range(4)])
    left = {f"halves-{n}" for n in range(8)} | {f"sums-{n}" for n in range(6)}
    others = tuple(item_id for item_id in engine.catalog.item_columns.item_ids if item_id not in left)
    request = RecommendationRequest("ann", exclude_item_ids=others, dry_run=True)
    made = [engine.recommend(TENANT, request, decision_id="d", at=LATER, seed=seed) for seed in range(600)]
    told = dict(made[0].runners_up) | {made[0].shown[0].item_id: made[0].shown[0].propensity}
    counts = {item_id: sum(decision.shown[0].item_id == item_id for decision in made) for item_id in told}
    ids = [item_id for item_id, p in told.items() if p > 0.0]
    assert sum(told.values()) == pytest.approx(1.0, abs=1e-12)  # rounding of fourteen additions
    assert sum(counts[item_id] for item_id in ids) == 600
    assert stats.chisquare([counts[i] for i in ids], [600 * told[i] / sum(told[j] for j in ids) for i in ids]).pvalue > 1e-3


def test_a_stuck_skill_is_named_with_its_prerequisite_as_the_next_step(store: Store, catalog: Catalog) -> None:
    engine = Engine(store, build_model("bkt", catalog), catalog, model_version="bkt-prior")
    engine.record_batch(TENANT, [attempt_of(n, f"sums-{n}", correct=0.0) for n in range(25)])
    request = RecommendationRequest("ann", skill_ids=("sums",))
    decision = engine.recommend(TENANT, request, decision_id="d1", at=LATER, seed=2)
    assert decision.stuck == (StuckSkill("sums", "halves"),)
    assert decision.shown[0].skill_ids == ("halves",)
    assert engine.recommendation(TENANT, "d1") == decision == engine.decide_again(TENANT, "d1")
    engine.record_batch(TENANT, [attempt_of(n + 25, f"halves-{n}") for n in range(14)])
    later = engine.recommend(TENANT, request, decision_id="d2", at=LATER, seed=2)
    assert (later.status, later.shown, later.stuck) == ("stuck", (), (StuckSkill("sums", None),))


@pytest.mark.parametrize(("n_wrong", "is_stuck"), [(9, False), (20, True)])
def test_a_skill_of_next_to_no_chance_of_gain_is_stuck_before_many_attempts(
    store: Store, catalog: Catalog, n_wrong: int, is_stuck: bool
) -> None:
    """Wrong answers in a row on what builds on a skill never met: P(gain) is .035 after twenty, and every screen says the same."""
    engine = Engine(store, build_model("state_space_irt", catalog), catalog, model_version="core-prior")
    told = engine.record_batch(TENANT, [attempt_of(n, f"sums-{n}", correct=0.0) for n in range(n_wrong)])
    decision = engine.recommend(TENANT, RecommendationRequest("ann", k=3), decision_id="d1", at=LATER, seed=2)
    assert decision.stuck == ((StuckSkill("sums", "halves"),) if is_stuck else ())
    assert told[-1].alerts == (("stuck:sums",) if is_stuck else ())  # type: ignore[union-attr]  # none was refused
    (row,) = engine.mastery(TENANT, "ann", at=LATER, skill_ids=("sums",)).rows
    assert (row.status == "stuck") is is_stuck
    assert not is_stuck or all("sums" not in shown.skill_ids for shown in decision.shown)


def test_who_answers_right_half_the_time_is_not_stuck_after_ten_attempts(store: Store, catalog: Catalog) -> None:
    engine = Engine(store, build_model("state_space_irt", catalog), catalog, model_version="core-prior")
    engine.record_batch(TENANT, [attempt_of(n, f"halves-{n}", correct=float(n % 2)) for n in range(12)])
    assert engine.recommend(TENANT, RecommendationRequest("ann"), decision_id="d1", at=LATER, seed=2).stuck == ()


def test_a_mastered_item_stands_in_where_nothing_open_is_easy(store: Store, catalog: Catalog) -> None:
    """Halves are mastered and easy, sums are open and hard: a session begins with halves, and goes on with sums."""
    engine = Engine(store, build_model("bkt", catalog), catalog, model_version="bkt-prior")
    engine.record_batch(TENANT, [attempt_of(n, f"halves-{n}") for n in range(14)])
    request = RecommendationRequest("ann", skill_ids=("sums",))
    easy, free = (
        engine.recommend(TENANT, replace(request, place=place), decision_id=f"d{place.items_done}", at=LATER, seed=2)
        for place in (Place(0), Place(3))
    )
    assert (easy.shown[0].skill_ids, easy.shown[0].purpose) == (("halves",), "review")
    assert easy.shown[0].p_correct >= RuleSettings().easy_from
    assert "mastered_items" in easy.constraints_applied
    assert "mastered_items" in easy.shown[0].constraints_applied
    assert "easy_ends:relaxed" not in easy.constraints_applied
    assert engine.decide_again(TENANT, "d0") == easy
    assert "sums" in free.shown[0].skill_ids
    assert "mastered_items" not in free.constraints_applied
