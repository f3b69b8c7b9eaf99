"""What could have been shown, and what came of it, is found again from the attempts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt
from adaptive.engine import Asked, RecommendationRequest
from adaptive.errors import InvalidInput, Problem
from adaptive.evaluation.off_policy import (
    Matched,
    Replay,
    RewardSettings,
    complete_lines,
    match,
    read_decisions,
    store_of,
    stored_lines,
    target_policy,
    write_decisions,
)
from adaptive.policies import ExpectedGainPolicy, Place, RuledPolicy, RuleSettings, ThresholdPolicy, session_rules
from adaptive.storage import Store

from .conftest import Practised
from .world import CATALOG, START, TENANT, engine_over

REWARDS = ("delayed_correct", "mastery")
SETTINGS = RewardSettings(mastery_within=4)


def arrivals(practised: Practised) -> list[Attempt]:
    """All attempts by learner, each in the order in which it was recorded: late ones after those that they preceded."""
    with practised.engine.store.unit(TENANT, write=False) as unit:
        found: list[Attempt] = []
        for learner_id in unit.learners():
            have: list[Attempt] = []
            for version in range(1, unit.version(learner_id) + 1):
                have += [each for each in unit.history(learner_id, until=version) if each not in have]
            found += have
    return found


def equal(one: Matched, other: Matched) -> bool:
    columns = ("learner", "propensity", "p_target", "unsupported", "features", "target_features")
    same = all(np.array_equal(getattr(one.choices, name), getattr(other.choices, name)) for name in columns)
    return same and all(np.array_equal(one.rewards[name], other.rewards[name], equal_nan=True) for name in REWARDS)


def test_the_logs_own_policy_chooses_again_as_it_did(practised: Practised, log: Path) -> None:
    """Late attempts among them, and cold starts by information, which are the rules': 1e-12 is rounding of a softmax."""
    matched = match(read_decisions(log), ExpectedGainPolicy(), REWARDS, SETTINGS, replay=Replay(practised.engine, ruled=True))
    shown = [decision for decision in practised.decisions if decision.shown]
    assert len(matched.choices) == len(shown)
    np.testing.assert_allclose(matched.choices.weight, 1.0, rtol=1e-12)
    assert not matched.choices.unsupported.any()
    assert matched.rejects == ()


def test_a_target_under_the_same_rules_chooses_again_as_the_log_did_whatever_they_made_of_it(tmp_path: Path) -> None:
    """Cold start by information, reference items, easy ends: weights are 1 to rounding, and without the rules they are not."""
    store = Store.open("sqlite://")
    policy = RuledPolicy(ThresholdPolicy(), session_rules(RuleSettings(reference_share=0.2)))
    engine = replace(engine_over(store, "state_space_irt"), policy=policy)
    rng = np.random.default_rng(2)
    for step in range(10):
        at, place = START + timedelta(minutes=step), Place(step, (10 - step) * 0.75)
        decision = engine.recommend(TENANT, RecommendationRequest("ann", place=place), decision_id=f"d{step}", at=at, seed=step)
        answer = Attempt(f"a{step}", "ann", decision.shown[0].item_id, (), float(rng.random() < 0.6), at + timedelta(seconds=30))
        engine.record(TENANT, answer)
    write_decisions(stored_lines(store, TENANT), tmp_path / "log.ndjson")
    read = read_decisions(tmp_path / "log.ndjson")
    ruled, alone = (match(read, ThresholdPolicy(), REWARDS, SETTINGS, replay=Replay(engine, ruled=ruled)) for ruled in (True, False))
    store.close()
    assert len(ruled.choices) == 10
    np.testing.assert_allclose(ruled.choices.weight, 1.0, rtol=1e-9)
    assert not ruled.choices.unsupported.any()
    assert abs(alone.choices.weight - 1.0).max() > 0.05


def test_some_answers_arrived_after_decisions_on_later_ones(practised: Practised) -> None:
    """What the test above rests on."""
    late = 0
    with practised.engine.store.unit(TENANT, write=False) as unit:
        for decision in practised.decisions:
            now, then = unit.history(decision.learner_id), unit.history(decision.learner_id, until=decision.state_version)
            late += now[: len(then)] != then
    assert late > 0


def test_a_file_of_attempts_replays_as_the_database_does(practised: Practised, log: Path) -> None:
    table = AttemptTable.from_attempts(arrivals(practised))
    read, even = read_decisions(log), target_policy("random")
    store, n_unknown = store_of(table, {each.learner_id for each in read.decisions}, CATALOG, TENANT)
    from_file = match(read, even, REWARDS, SETTINGS, replay=Replay(engine_over(store)))
    store.close()
    assert n_unknown == 0
    assert equal(from_file, match(read, even, REWARDS, SETTINGS, replay=Replay(practised.engine)))


def test_a_complete_log_tells_by_itself_what_replay_tells(practised: Practised, log: Path, tmp_path: Path) -> None:
    path, even = tmp_path / "complete.ndjson", target_policy("random")
    n_lines = write_decisions(complete_lines(practised.engine, TENANT, SETTINGS), path)
    assert n_lines == len(practised.decisions)
    alone = match(read_decisions(path), even, REWARDS, SETTINGS)
    replayed = match(read_decisions(log), even, REWARDS, SETTINGS, replay=Replay(practised.engine))
    assert sorted(zip(alone.choices.p_target, alone.choices.propensity, strict=True)) == sorted(
        zip(replayed.choices.p_target, replayed.choices.propensity, strict=True)
    )
    for name in REWARDS:
        np.testing.assert_array_equal(np.sort(alone.rewards[name]), np.sort(replayed.rewards[name]))


def test_without_candidates_and_without_replay_nothing_is_matched(log: Path) -> None:
    with pytest.raises(InvalidInput, match=r"--attempts or --db"):
        match(read_decisions(log), target_policy("random"), REWARDS, SETTINGS)


@pytest.fixture
def one_learner(practised: Practised) -> list[Attempt]:
    return [each for each in arrivals(practised) if each.learner_id == "learner-0"]


def rejects_of(attempts: list[Attempt], log: Path) -> dict[str, int]:
    """How many decisions of learner-0 break which rule's field, where these are all attempts there are."""
    read = read_decisions(log)
    own = replace(read, decisions=tuple(each for each in read.decisions if each.learner_id == "learner-0"))
    store, _ = store_of(AttemptTable.from_attempts(attempts), {"learner-0"}, CATALOG, TENANT)
    try:
        matched = match(own, target_policy("random"), REWARDS, SETTINGS, replay=Replay(engine_over(store)))
    except InvalidInput as error:
        return {error.problems[0].where: len(own.decisions)}
    finally:
        store.close()
    fields = [reject.problem.where for reject in matched.rejects]
    return {field: fields.count(field) for field in fields}


def test_a_history_that_lacks_its_last_attempts_is_told(one_learner: list[Attempt], log: Path) -> None:
    assert rejects_of(one_learner, log) == {}
    assert rejects_of(one_learner[:-3], log)["state_version"] >= 2  # the last decisions rested on them; the very last attempt on none


def test_another_history_than_the_decision_rested_on_is_told(one_learner: list[Attempt], log: Path) -> None:
    """The first answer turned round: every later forecast on that skill differs."""
    turned = [replace(one_learner[0], correct=1.0 - (one_learner[0].correct or 0.0)), *one_learner[1:]]
    assert rejects_of(turned, log).get("p_correct", 0) + rejects_of(turned, log).get("item_id", 0) > 0


def test_skills_that_stood_mastered_are_those_of_the_rule(practised: Practised) -> None:
    engine = practised.engine
    learner_id = next(d.learner_id for d in practised.decisions if engine.mastered_after(TENANT, d.learner_id)[1][-1])
    history, mastered = engine.mastered_after(TENANT, learner_id)
    report = engine.mastery(TENANT, learner_id, at=history[-1].occurred_at or practised.decisions[0].at)
    assert mastered[-1] == {row.skill_id for row in report.rows if row.level.value == "mastered"}
    assert all(before <= after for before, after in pairwise(mastered))  # bkt_threshold takes nothing away


def test_candidates_are_refused_beyond_the_end_of_the_log(practised: Practised) -> None:
    decision = practised.decisions[0]
    asked = [Asked(RecommendationRequest(decision.learner_id), decision.at, state_version=10_000)]
    with pytest.raises(InvalidInput, match="in the order in which they arrived") as refused:
        list(practised.engine.chances_as_of(TENANT, decision.learner_id, asked))
    assert isinstance(refused.value.problems[0], Problem)
