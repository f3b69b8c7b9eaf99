from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from adaptive.catalog import Catalog
from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt, Item, Prerequisite, Skill
from adaptive.models import build_model, forecast, replay, walk
from adaptive.models.checks.data import TINY_ITEMS, TINY_SKILLS, PlainData, tiny_attempts
from adaptive.models.checks.subject import table_of
from adaptive.models.normal_logit import attenuation
from adaptive.models.state_space import DAY_ZERO, OFF, Hyperparameters, StateSpaceIrt
from adaptive.models.state_space.arrays import KEPT_MEMORIES, MOST_MEMORIES
from adaptive.protocols import AbilityPrior, Items, Skills

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def attempt(n: int, item: str = "q1", skills: tuple[str, ...] = ("a",), correct: float | None = 1.0, **more: object) -> Attempt:
    return Attempt(f"a{n}", "ann", item, skills, correct, sequence=n, **more)  # type: ignore[arg-type]  # each has its field's type


def p_of(model: StateSpaceIrt, attempts: list[Attempt], item: str, skill: str, at: datetime | None = None) -> float:
    return float(model.predict(replay(model, attempts), Items((item,), ((skill,),)), at).p_correct[0])


@pytest.fixture(scope="module")
def table() -> AttemptTable:
    return table_of(tiny_attempts(np.random.default_rng(3)))


@pytest.fixture(scope="module")
def fitted(table: AttemptTable) -> StateSpaceIrt:
    return StateSpaceIrt().fit(table)


def two_domains() -> Catalog:
    names = ("a1", "a2", "a3", "b1", "b2", "b3")
    skills = tuple(Skill(name, domain=name[0], difficulty=0.0) for name in names)
    return Catalog("c", skills=skills, items=tuple(Item(f"q-{name}", (name,)) for name in names))


def test_table_logits_are_those_of_item_logits_step_by_step(fitted: StateSpaceIrt) -> None:
    strange = [
        [*history[:9], attempt(100 + i, f"new{i}", ("never seen", "sums"))]
        for i, history in enumerate(tiny_attempts(np.random.default_rng(8)))
    ]
    strange = [
        [replace(row, learner_id=f"l{n}", attempt_id=f"{n}-{i}") for i, row in enumerate(history)] for n, history in enumerate(strange)
    ]
    table = table_of(strange)
    found = fitted.table_logits(table.codes())
    slow = [
        fitted.item_logits(state, Items((row.item_id,), (row.skill_ids,)), row.occurred_at)
        for _, history in table.histories()
        for state, row in walk(fitted, history)
    ]
    np.testing.assert_allclose(found.mean, [mean[0] for mean, _ in slow], rtol=0, atol=1e-9)
    p_correct = np.concatenate(
        [
            forecast(fitted, [replace(row, study=False, correct=0.0, hints_used=0, attempt_number=1)])
            for _, history in table.histories()
            for row in history[:1]
        ]
    )
    np.testing.assert_allclose(found.p_correct[np.unique(table.codes().learner, return_index=True)[1]], p_correct, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.variance, [variance[0] for _, variance in slow], rtol=0, atol=1e-9)


def test_answers_on_one_skill_move_the_others() -> None:
    model = StateSpaceIrt()
    right, wrong = ([attempt(n, f"q{n}", ("a",), score) for n in range(5)] for score in (1.0, 0.0))
    assert p_of(model, right, "x", "b") > p_of(model, [], "x", "b") > p_of(model, wrong, "x", "b")
    assert p_of(model, right, "x", "a") > p_of(model, right, "x", "b")


def test_skills_of_one_domain_follow_each_other_more_than_others_on_day_zero() -> None:
    model = StateSpaceIrt(two_domains())
    seen = [attempt(n, f"other{n}", ("a1",), 1.0) for n in range(6)]
    near, far = (p_of(model, seen, "x", skill) for skill in ("a2", "b2"))
    assert near > far + 0.005
    flat = StateSpaceIrt(two_domains(), hyperparameters=DAY_ZERO._replace(structure_share=0.0))
    assert p_of(flat, seen, "x", "a2") == pytest.approx(p_of(flat, seen, "x", "b2"), abs=1e-12)


def test_prerequisites_relate_skills_too() -> None:
    skills = tuple(Skill(name, difficulty=0.0) for name in ("halves", "sums", "poems", "plays"))
    model = StateSpaceIrt(Catalog("c", skills=skills, prerequisites=(Prerequisite("halves", "sums"), Prerequisite("poems", "plays"))))
    seen = [attempt(n, f"q{n}", ("halves",), 1.0) for n in range(6)]
    assert p_of(model, seen, "x", "sums") > p_of(model, seen, "x", "plays") + 0.005


def test_structure_leaves_each_skill_its_variance() -> None:
    model = StateSpaceIrt(two_domains())
    plain = StateSpaceIrt()
    with_structure, without = (each.mastery(each.initial_state(), Skills(("a1",)), None) for each in (model, plain))
    np.testing.assert_allclose(with_structure.low, without.low, atol=1e-9)


def test_a_stated_difficulty_orders_items_on_day_zero() -> None:
    items = (Item("easy", ("a",), difficulty=-1.5), Item("plain", ("a",)), Item("hard", ("a",), difficulty=1.5))
    model = StateSpaceIrt(Catalog("c", skills=(Skill("a", difficulty=0.0),), items=items))
    p = model.predict(model.initial_state(), Items(("easy", "plain", "hard"), (("a",),) * 3), None).p_correct
    assert p[0] > p[1] + 0.1
    assert p[1] > p[2] + 0.1


def test_study_teaches_and_its_outcome_is_not_looked_at() -> None:
    model = StateSpaceIrt()
    studied = [attempt(0, "q1", ("a",), score, study=True) for score in (0.0, 1.0)]
    after = [replay(model, [row]) for row in studied]
    assert after[0] == after[1]
    skills = Skills(("a",))
    assert (
        model.mastery(after[0], skills, None).expected_success[0] > model.mastery(model.initial_state(), skills, None).expected_success[0]
    )


def test_half_a_point_lies_between_right_and_wrong() -> None:
    model = StateSpaceIrt()
    wrong, half, right = (p_of(model, [attempt(0, "q1", ("a",), score)], "x", "a") for score in (0.0, 0.5, 1.0))
    assert wrong < half < right


def test_what_is_off_stays_off() -> None:
    model = StateSpaceIrt(hyperparameters=OFF)
    once, often = ([attempt(n, "q1", ("a",), 0.5, study=True) for n in range(k)] for k in (1, 20))
    assert p_of(model, once, "q1", "a") == p_of(model, often, "q1", "a") == p_of(model, [], "q1", "a")
    later = START + timedelta(days=400)
    seen = [attempt(0, occurred_at=START)]
    assert p_of(model, seen, "x", "a", START) == p_of(model, seen, "x", "a", later)


def test_forgetting_goes_towards_a_new_learner_and_needs_times() -> None:
    model = StateSpaceIrt(hyperparameters=DAY_ZERO._replace(skill_forgetting=0.3))
    seen = [attempt(n, f"q{n}", ("a",), 1.0, occurred_at=START + timedelta(minutes=n)) for n in range(10)]
    state, skills = replay(model, seen), Skills(("a",))
    days = [model.mastery(state, skills, START + timedelta(days=d)).expected_success[0] for d in (0.1, 1, 10, 100)]
    assert all(later < earlier for earlier, later in pairwise(days))
    timeless = replay(model, [replace(row, occurred_at=None) for row in seen])
    assert (
        model.mastery(timeless, skills, START + timedelta(days=100)).expected_success
        == model.mastery(timeless, skills, None).expected_success
    )


def test_advancing_moves_nothing_but_the_moment_and_composes() -> None:
    model = StateSpaceIrt()
    state = replay(model, [attempt(0, occurred_at=START)])
    twice = model.advance(model.advance(state, START + timedelta(days=3)), START + timedelta(days=9))
    assert twice == model.advance(state, START + timedelta(days=9))
    assert model.advance(twice, START) == twice
    skills = Skills(("a",))
    np.testing.assert_array_equal(
        model.mastery(twice, skills, None).p_mastered, model.mastery(state, skills, START + timedelta(days=9)).p_mastered
    )


def test_mastery_is_of_what_lasts() -> None:
    """A run of right answers on one item lifts its forecast by form and memory, of which mastery knows nothing."""
    model = StateSpaceIrt(hyperparameters=DAY_ZERO._replace(memory_right=2.0, gain_right=0.0))
    seen = [attempt(n, "q1", ("a",), 1.0) for n in range(3)]
    unlucky = StateSpaceIrt(hyperparameters=DAY_ZERO._replace(memory_right=0.0, gain_right=0.0))
    first = [attempt(0, "q1", ("a",), 1.0)]
    skills = Skills(("a",))
    of_both = [each.mastery(replay(each, first), skills, None).p_mastered[0] for each in (model, unlucky)]
    assert of_both[0] == of_both[1]
    assert p_of(model, seen, "q1", "a") > p_of(model, seen, "q2", "a") + 0.05


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([0.0, 0.3, 1.0])), max_size=25))
def test_variances_stay_positive_and_states_finite(answers: list[tuple[str, float]]) -> None:
    model = StateSpaceIrt(hyperparameters=DAY_ZERO._replace(ability_sd=3.0, skill_sd=2.0, gain_sd=1.5, memory_sd=1.0))
    state = replay(model, [attempt(n, f"q{n % 3}", (skill,) if n % 2 else ("a", "b"), score) for n, (skill, score) in enumerate(answers)])
    assert min(np.diag(np.reshape(state.covariance, (len(state.mean), -1))), default=1.0) > 0.0
    assert all(skill.variance > 0.0 and skill.form_variance >= 0.0 for skill in state.skills.values())
    assert np.all(np.isfinite([*state.mean, *state.covariance, state.form, *(v for s in state.skills.values() for v in s.row()[:5])]))


def test_states_stay_small_and_keep_the_items_met_last() -> None:
    model = StateSpaceIrt()
    seen = [attempt(n, f"q{n}", (f"s{n % 150}",), float(n % 2)) for n in range(MOST_MEMORIES + 40)]
    state = replay(model, seen)
    assert KEPT_MEMORIES <= len(state.items) <= MOST_MEMORIES
    assert {f"q{n}" for n in range(MOST_MEMORIES + 40 - KEPT_MEMORIES, MOST_MEMORIES + 40)} <= set(state.items)
    assert len(json.dumps(model.encode_state(state))) < 40_000  # 64 KiB, with room for 25 of a network's
    assert model.decode_state(json.loads(json.dumps(model.encode_state(state)))) == state


def test_forgotten_items_are_forgotten_in_the_table_too() -> None:
    model = StateSpaceIrt(hyperparameters=DAY_ZERO._replace(memory_right=2.0, memory_step_decay=0.0))
    seen = [attempt(n, f"q{n}", ("a",), float(n % 2)) for n in range(MOST_MEMORIES + 30)] + [attempt(999, "q1"), attempt(1000, "q320")]
    table = AttemptTable.from_attempts(seen)
    found = model.table_logits(table.codes()).mean
    slow = [
        model.item_logits(state, Items((row.item_id,), (row.skill_ids,)), None)[0][0]
        for _, history in table.histories()
        for state, row in walk(model, history)
    ]
    np.testing.assert_allclose(found, slow, rtol=0, atol=1e-9)


def test_a_placement_sets_means_and_variances_of_its_skills() -> None:
    model = StateSpaceIrt(two_domains())
    spread = np.array([[0.5, 0.3, 0.2], [0.3, 0.6, 0.25], [0.2, 0.25, 0.4]])
    prior = AbilityPrior(("a1", "a2", "b1"), np.array([1.2, 0.4, -0.5]), spread)
    state = model.initial_state(prior)
    slopes = np.array([state.skills[id_].slope for id_ in prior.skill_ids])
    own = np.array([state.skills[id_].mean for id_ in prior.skill_ids])
    covariance = np.reshape(state.covariance, (len(state.mean), -1))
    variance = np.array([state.skills[id_].variance for id_ in prior.skill_ids]) + np.einsum("kf,fg,kg->k", slopes, covariance, slopes)
    typical = model.fitted.bank.typical(prior.skill_ids)
    np.testing.assert_allclose(own + slopes @ np.array(state.mean) - typical, prior.mean, atol=1e-12)
    np.testing.assert_allclose(variance, np.diag(spread), atol=1e-12)
    before, after = (model.mastery(each, Skills(("a3",)), None).expected_success[0] for each in (model.initial_state(), state))
    assert after > before + 0.02  # an unplaced skill follows the placed ones of its domain


def test_draws_hold_what_the_skills_have_in_common() -> None:
    """Correlation of drawn abilities of two untouched skills is the prior's, within 5 standard errors (seed 0)."""
    h = Hyperparameters(ability_sd=1.0, skill_sd=1.0, skill_form_sd=0.0, structure_share=0.0)
    model, n = StateSpaceIrt(hyperparameters=h), 20_000
    drawn = model.draw(model.initial_state(), Items((), ()), Skills(("a", "b")), n=n, at=None, rng=np.random.default_rng(0))
    expected = 0.5
    assert abs(np.corrcoef(drawn.latent[:, :2].T)[0, 1] - expected) < 5.0 * (1.0 - expected**2) / np.sqrt(n)


def test_expected_gain_is_what_the_success_of_the_typical_item_rises_by() -> None:
    no_form = {"skill_form_sd": 0.0, "skill_form_right": 0.0, "skill_form_wrong": 0.0}
    alike = {"rate_sd": 0.0, "challenge": 0.0, "massing": 0.0}
    h = DAY_ZERO._replace(gain_right=0.4, gain_wrong=0.4, saturation=0.0, skill_forgetting=0.0, **no_form, **alike)
    model, items = StateSpaceIrt(hyperparameters=h), Items(("q1", "q2", "q3"), (("a",), ("a", "b"), ("c",)))
    drawn = model.draw(model.initial_state(), items, Skills(("a", "b")), n=50, at=None, rng=np.random.default_rng(0))
    rise = expit(drawn.latent[:, :2] + 0.4) - expit(drawn.latent[:, :2])
    gain = model.expected_gain(drawn, items, timedelta(days=30))
    np.testing.assert_allclose(gain, np.stack([rise[:, 0], rise.sum(axis=1), np.zeros(50)], axis=1), atol=1e-12)


def test_what_practice_lends_is_gained_and_mastered_until_form_holds_no_more() -> None:
    """Without any lasting gain: form climbs to lent / (1 - kept), mastery with it, and a further attempt is worth nothing there."""
    h = DAY_ZERO._replace(gain_right=0.0, gain_wrong=0.0, gain_sd=0.0, skill_form_sd=0.01, skill_form_kept=0.5, skill_form_right=0.6)
    h = h._replace(skill_form_wrong=0.6, skill_form_exposure=0.6, gain_exposure=0.0, skill_forgetting=0.0, challenge=0.0)
    model, items, skills = StateSpaceIrt(hyperparameters=h), Items(("q1",), (("a",),)), Skills(("a",))
    fresh, seen = model.initial_state(), replay(model, [attempt(n, correct=None, study=True) for n in range(30)])
    logits = [logit(model.mastery(state, skills, None).expected_success[0]) for state in (fresh, seen)]
    assert logits[1] - logits[0] == pytest.approx(1.2 / attenuation(h.ability_sd**2 + h.skill_sd**2), abs=1e-3)
    gains = [
        model.expected_gain(model.draw(state, items, skills, n=200, at=None, rng=np.random.default_rng(1)), items, timedelta(0)).mean()
        for state in (fresh, seen)
    ]
    assert gains[0] > 0.08
    assert 0.0 <= gains[1] < 0.003


def test_gains_fade_with_practice_and_with_the_horizon() -> None:
    model, items, skills = StateSpaceIrt(), Items(("q1",), (("a",),)), Skills(("a",))
    fresh, seen = model.initial_state(), replay(model, [attempt(n, correct=None, study=True) for n in range(30)])
    now, later = timedelta(0), timedelta(days=60)
    draws = [model.draw(state, items, skills, n=400, at=None, rng=np.random.default_rng(1)) for state in (fresh, seen)]
    of_fresh, of_seen = (model.expected_gain(drawn, items, now).mean() for drawn in draws)
    assert of_fresh > 2.0 * of_seen
    assert model.expected_gain(draws[0], items, later).mean() < of_fresh


def test_intervals_hold_their_share_of_what_the_model_draws(fitted: StateSpaceIrt) -> None:
    """Of 4,000 drawn successes 90 % lie in the stated interval: within 4 points, as draws leave the logit scale (seed 5)."""
    state = replay(fitted, tiny_attempts(np.random.default_rng(5))[0])
    drawn = fitted.draw(state, TINY_ITEMS, TINY_SKILLS, n=4000, at=None, rng=np.random.default_rng(5))
    forecast = fitted.predict(state, TINY_ITEMS, None)
    inside = ((drawn.item_success >= forecast.low) & (drawn.item_success <= forecast.high)).mean(axis=0)
    assert np.all(np.abs(inside - 0.9) < 0.04)


def test_a_right_answer_lowers_mastery_only_where_there_is_next_to_none(fitted: StateSpaceIrt) -> None:
    for history in tiny_attempts(np.random.default_rng(9))[:10]:
        for state, row in walk(fitted, history):
            skills = Skills(row.skill_ids)
            before = fitted.mastery(state, skills, row.occurred_at).p_mastered
            after = fitted.mastery(fitted.update(state, replace(row, correct=1.0, study=False)), skills, row.occurred_at).p_mastered
            assert np.all(after > before - 1e-3)


def test_it_is_registered() -> None:
    assert isinstance(build_model("state_space_irt"), StateSpaceIrt)


def test_plain_data_gives_spreads_near_those_that_made_it() -> None:
    """Abilities and difficulties of the generated data vary by 1; 80 learners on 20 items, the fitted spreads within half of it."""
    model = StateSpaceIrt().fit(table_of(tiny_attempts(np.random.default_rng(2), PlainData(n_learners=80, plain=True))))
    total = np.hypot(model.hyperparameters.ability_sd, model.hyperparameters.skill_sd)
    assert 0.5 < total < 1.5
    assert 0.25 < model.fitted.bank.spreads.item + model.fitted.bank.spreads.skill < 2.0


def test_what_is_left_in_mind_passes_with_the_time_since_the_meeting() -> None:
    """Half of it after recent_scale; nothing where times are unknown."""
    h = OFF._replace(recent_right=2.0, recent_wrong=-1.0, recent_exposure=0.5, recent_scale=60.0)
    model, items = StateSpaceIrt(hyperparameters=h), Items(("q1",), (("a",),))

    def lifted(score: float | None, seconds: float | None) -> float:
        met = attempt(0, "q1", ("a",), score, occurred_at=START) if score is not None else attempt(0, "q1", study=True, occurred_at=START)
        met = met if seconds is not None else replace(met, occurred_at=None)
        state, other = model.update(model.initial_state(), met), Items(("q2",), (("a",),))
        at = None if seconds is None else START + timedelta(seconds=seconds)
        return float(model.item_logits(state, items, at)[0][0] - model.item_logits(state, other, at)[0][0])

    assert [lifted(1.0, seconds) for seconds in (0.0, 60.0, 540.0)] == pytest.approx([2.0, 1.0, 0.2])
    assert lifted(0.0, 60.0) == pytest.approx(-0.5)
    assert lifted(None, 60.0) == pytest.approx(0.25)
    assert lifted(1.0, None) == pytest.approx(0.0)


def test_meetings_apart_leave_more_than_meetings_at_once() -> None:
    """The second of two meetings adds 1 - spacing / (1 + seconds / recent_scale) of its share."""
    h = OFF._replace(memory_right=1.0, spacing=0.8, recent_scale=60.0)
    model, items = StateSpaceIrt(hyperparameters=h), Items(("q1", "q2"), (("a",), ("a",)))
    left = []
    for seconds in (0, 60, 5940):
        seen = [attempt(n, "q1", ("a",), 1.0, occurred_at=START + timedelta(seconds=seconds * n)) for n in range(2)]
        mean = model.item_logits(replay(model, seen), items, None)[0]
        left.append(float(mean[0] - mean[1]))
    assert left == pytest.approx([1.2, 1.6, 1.992])


def test_a_practice_lends_form_to_its_skill_that_passes() -> None:
    h = OFF._replace(skill_form_wrong=1.0, skill_form_kept=0.5, skill_form_sd=0.0)
    model = StateSpaceIrt(hyperparameters=h)
    of_others = [attempt(n, f"q{n}", ("b",), study=True) for n in range(1, 4)]
    wrong = model.update(model.initial_state(), attempt(0, "q0", ("a",), 0.0))
    assert wrong.skills["a"].form == pytest.approx(1.0)
    assert model.update(wrong, attempt(1, "q1", ("a",), study=True)).skills["a"].form == pytest.approx(0.5)
    assert replay(model, [attempt(0, "q0", ("a",), 0.0), *of_others]).skills["a"].form == pytest.approx(1.0)  # by practice of the skill
    plain = StateSpaceIrt(hyperparameters=OFF)
    lasting = plain.update(model.initial_state(), attempt(0, "q0", ("a",), 0.0))
    lent, not_lent = (each.mastery(state, Skills(("a",)), None).expected_success[0] for each, state in ((model, wrong), (plain, lasting)))
    variance = OFF.ability_sd**2 + OFF.skill_sd**2  # of a newcomer; the answer narrowed both alike
    assert logit(lent) - logit(not_lent) == pytest.approx(1.0 / attenuation(variance), abs=0.03)


def test_items_that_everyone_answers_in_turn_right_and_wrong_keep_a_finite_spread() -> None:
    """Items told nothing apart by their answers once ran away: their unsure discriminations held forecasts near one half."""
    rows = [
        Attempt(f"{learner}-{n}", f"l{learner}", f"q{n % 12}", ("a",), float((n + learner) % 2), sequence=n)
        for learner in range(40)
        for n in range(48)
    ]
    model = StateSpaceIrt().fit(AttemptTable.from_attempts(rows))
    assert model.fitted.bank.spreads.item < 2.0
    items = Items(tuple(f"q{n}" for n in range(12)), (("a",),) * 12)
    draws = model.draw(model.initial_state(), items, Skills(("a",)), n=4000, at=None, rng=np.random.default_rng(0))
    expected = model.predict(model.initial_state(), items, None).p_correct
    assert draws.item_success.mean(axis=0) == pytest.approx(expected, abs=0.05)


def test_easy_items_are_forecast_as_easy_as_they_are() -> None:
    """All are answered right 97 times in 100; an unsure discrimination widens intervals and leaves P(correct) alone."""
    rng = np.random.default_rng(5)
    rows = [
        Attempt(f"{learner}-{n}", f"l{learner}", f"q{n}", ("a",), float(rng.random() < 0.97), sequence=n)
        for learner in range(60)
        for n in range(25)
    ]
    model = StateSpaceIrt().fit(AttemptTable.from_attempts(rows))
    items = Items(tuple(f"q{n}" for n in range(25)), (("a",),) * 25)
    assert model.predict(model.initial_state(), items, None).p_correct.mean() == pytest.approx(0.97, abs=0.015)
    mean, variance = model.item_logits(model.initial_state(), items, None)
    assert np.all(model.interval_variance(items, mean, variance) > variance)
