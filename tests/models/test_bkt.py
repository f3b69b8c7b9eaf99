from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import numpy as np
import pytest
from scipy.stats import norm

from adaptive.catalog import Catalog
from adaptive.datasets import AttemptTable
from adaptive.domain import MASTERED_AT, READY_AT, Attempt, Item, Skill
from adaptive.models import forecast, replay
from adaptive.models.bkt import Bkt, BktState, ForgettingBkt, Knowledge
from adaptive.models.bkt.filter import condition, learn, likelihood
from adaptive.models.bkt.parameters import DAY_ZERO, BktSettings
from adaptive.models.checks.data import TINY_ITEMS, TINY_SKILLS, tiny_attempts
from adaptive.protocols import AbilityPrior, GenerativeModel, Items, Skills

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
LOGIT_80 = np.log(4.0)


def table() -> AttemptTable:
    return AttemptTable.from_attempts(attempt for history in tiny_attempts(np.random.default_rng(0)) for attempt in history)


@pytest.fixture(scope="module")
def model() -> Bkt:
    return Bkt().fit(table())


@pytest.fixture(scope="module")
def forgetting() -> ForgettingBkt:
    return ForgettingBkt().fit(table())


def answer(correct: float | None, at: datetime | None = None, skill_ids: tuple[str, ...] = ("halves",), **named: object) -> Attempt:
    return Attempt("a", "ann", "q", skill_ids, correct, occurred_at=at, **named)  # type: ignore[arg-type]  # counts and flags


def test_update_conditions_then_learns(model: Bkt) -> None:
    values = model.fitted.of(("halves",))
    p_init, guess, slip, p_learn = (float(x[0]) for x in (values.p_init, values.guess, values.slip, values.p_learn))
    for score in (0.0, 1.0, 0.5):
        expected = learn(condition(p_init, likelihood(score, 1 - slip), likelihood(score, guess)), p_learn)
        assert model.update(model.initial_state(), answer(score)).skills["halves"].p_known == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("exposure", [answer(None, study=True), answer(0.0, hints_used=1), answer(1.0, attempt_number=2)])
def test_exposure_teaches_without_being_evidence(model: Bkt, exposure: Attempt) -> None:
    values = model.fitted.of(("halves",))
    taught = learn(float(values.p_init[0]), float(values.p_learn[0]))
    assert model.update(model.initial_state(), exposure).skills["halves"].p_known == pytest.approx(taught, abs=1e-12)


def test_a_multi_skill_attempt_moves_each_skill_as_if_it_were_alone(model: Bkt) -> None:
    both = model.update(model.initial_state(), answer(1.0, skill_ids=("halves", "sums")))
    for skill_id in ("halves", "sums"):
        assert both.skills[skill_id] == model.update(model.initial_state(), answer(1.0, skill_ids=(skill_id,))).skills[skill_id]


def test_a_multi_skill_item_has_the_mean_success_of_its_skills(model: Bkt) -> None:
    state = replay(model, [answer(1.0), answer(0.0, skill_ids=("sums",))])
    items = Items(("a", "b", "c"), (("halves",), ("sums",), ("halves", "sums")))
    one, other, both = model.predict(state, items, None).p_correct
    assert both == pytest.approx((one + other) / 2, abs=1e-12)


def test_intervals_are_those_of_two_points(model: Bkt) -> None:
    values = model.fitted.of(("halves",))
    guess, right = float(values.guess[0]), 1.0 - float(values.slip[0])
    for p_known, low, high in ((0.5, guess, right), (0.02, guess, None), (0.97, None, right)):
        mastery = model.mastery(BktState(BktState().skills.set("halves", Knowledge(p_known, None))), Skills(("halves",)), None)
        mean = p_known * right + (1 - p_known) * guess
        assert mastery.p_mastered[0] == p_known
        assert (mastery.low[0], mastery.high[0]) == pytest.approx((mean if low is None else low, mean if high is None else high))


def test_knowing_a_skill_means_success_at_the_threshold_and_not_knowing_it_means_less_than_readiness() -> None:
    """Two answers in three are right, whoever gives them: without bounds, half the slips would count as knowing."""
    rng = np.random.default_rng(3)
    right = rng.random(600) < 0.67
    attempts = [Attempt(f"a{i}", f"l{i % 40}", "q", ("halves",), float(y), sequence=i) for i, y in enumerate(right)]
    for model in (Bkt().fit(AttemptTable.from_attempts(attempts)), ForgettingBkt().fit(AttemptTable.from_attempts(attempts))):
        assert np.all(1.0 - model.fitted.values.slip >= MASTERED_AT)
        assert np.all(model.fitted.values.guess < READY_AT)


def test_a_placement_sets_p_known_to_the_chance_of_success_at_80_percent(model: Bkt) -> None:
    prior = AbilityPrior(("halves", "new"), np.array([1.0, -4.0]), np.diag([0.5, 0.5]))
    state = model.initial_state(prior)
    assert state.skills["halves"].p_known == pytest.approx(norm.sf(LOGIT_80, loc=1.0, scale=np.sqrt(0.5)), abs=1e-9)
    assert state.skills["new"].p_known == 0.01


def test_day_zero_follows_stated_difficulties() -> None:
    skills = (Skill("easy", difficulty=-2.0), Skill("hard", difficulty=2.0), Skill("unsaid"))
    model = Bkt(Catalog("c", skills=skills, items=(Item("q", ("easy",)),)))
    mastery = model.mastery(model.initial_state(), Skills(("easy", "hard", "unsaid", "stranger")), None)
    expected = [norm.sf(LOGIT_80, loc=2.0), norm.sf(LOGIT_80, loc=-2.0), DAY_ZERO.p_init[0], DAY_ZERO.p_init[0]]
    np.testing.assert_allclose(mastery.p_mastered, expected, atol=1e-9)
    is_open = (mastery.p_mastered > 0.05) & (mastery.p_mastered < 0.95)
    assert np.all((mastery.high - mastery.low)[is_open] == pytest.approx(1.0 - DAY_ZERO.slip[0] - DAY_ZERO.guess[0]))


def test_the_default_is_the_population_at_80_percent() -> None:
    assert DAY_ZERO.p_init[0] == pytest.approx(norm.sf(LOGIT_80), abs=5e-4)


def test_stated_difficulties_stay_the_prior_of_a_fit() -> None:
    catalog = Catalog("c", skills=(Skill("halves", difficulty=-3.0), Skill("unmet", difficulty=-3.0)))
    fitted, day_zero = Bkt(catalog).fit(table()), Bkt(catalog)
    assert fitted.fitted.of(("unmet",)).p_init[0] == pytest.approx(day_zero.fitted.of(("unmet",)).p_init[0], abs=1e-6)
    assert fitted.fitted.of(("halves",)).p_init[0] > Bkt().fit(table()).fitted.of(("halves",)).p_init[0]


def test_shrinkage_draws_every_skill_to_what_unknown_skills_get() -> None:
    loose, tight = (Bkt(settings=BktSettings(shrinkage=strength)).fit(table()).fitted for strength in (1.0, 1e5))
    for name in ("p_learn", "guess", "slip"):
        apart, close = (np.ptp(getattr(fitted.of((*TINY_SKILLS.skill_ids, "never seen")), name)) for fitted in (loose, tight))
        assert close < 0.01 < apart


def test_a_table_of_study_rows_alone_leaves_day_zero() -> None:
    fitted = Bkt().fit(AttemptTable.from_attempts([answer(None, study=True)]))
    assert fitted.fitted.of(("halves",)).guess[0] == DAY_ZERO.guess[0]
    assert np.isnan(fitted.training_log_loss)


def test_a_run_of_wrong_answers_overturns_any_run_of_right_ones(model: Bkt) -> None:
    certain = replay(model, [answer(1.0)] * 500)
    assert certain.skills["halves"].p_known < 1.0
    assert replay(model, [answer(0.0)] * 40, certain).skills["halves"].p_known < 0.5


def test_time_moves_nothing_without_forgetting(model: Bkt) -> None:
    state = replay(model, [answer(1.0, START)])
    assert model.advance(state, START + timedelta(days=400)) is state
    assert isinstance(model, GenerativeModel)


def test_advancing_in_two_steps_is_advancing_once(forgetting: ForgettingBkt) -> None:
    state = replay(forgetting, [answer(1.0, START)])
    end = START + timedelta(days=30)
    twice = forgetting.advance(forgetting.advance(state, START + timedelta(days=11)), end)
    once = forgetting.advance(state, end)
    assert twice.skills["halves"].p_known == pytest.approx(once.skills["halves"].p_known, abs=1e-12)
    assert once.skills["halves"].p_known < state.skills["halves"].p_known
    assert forgetting.advance(once, START) == once


def test_gaps_of_centuries_are_forgotten_over_without_overflow() -> None:
    years = [1900, 2170, 2440, 2710]
    attempts = [
        Attempt(f"{i}-{y}", f"l{i}", "q", ("halves",), float((i + y // 270) % 2), datetime(y, 1, 1, tzinfo=UTC))
        for i in range(5)
        for y in years
    ]
    fitted = ForgettingBkt().fit(AttemptTable.from_attempts(attempts)).fitted.of(("halves",))
    assert 0.0 < fitted.forget_rate[0] < 1.0
    for name in ("p_init", "p_learn", "guess", "slip"):
        assert 0.0 < getattr(fitted, name)[0] < 1.0


def test_predicting_later_is_advancing_first(forgetting: ForgettingBkt) -> None:
    state, later = replay(forgetting, [answer(1.0, START)]), START + timedelta(days=9)
    np.testing.assert_allclose(
        forgetting.predict(state, TINY_ITEMS, later).p_correct,
        forgetting.predict(forgetting.advance(state, later), TINY_ITEMS, later).p_correct,
        atol=1e-12,
    )


def test_an_unknown_gap_moves_nothing(forgetting: ForgettingBkt) -> None:
    timed, untimed = replay(forgetting, [answer(1.0, START)]), replay(forgetting, [answer(1.0)])
    p_known = timed.skills["halves"].p_known
    assert forgetting.predict(timed, TINY_ITEMS, None).p_correct[0] == forgetting.predict(timed, TINY_ITEMS, START).p_correct[0]
    assert forgetting.mastery(untimed, Skills(("halves",)), START + timedelta(days=99)).p_mastered[0] == p_known
    assert forgetting.advance(untimed, START) == untimed


def test_draws_have_the_means_that_predict_and_mastery_state(model: Bkt) -> None:
    """20,000 draws: a mean's standard error is below .0036 in [0, 1], and 5 of them are allowed; 24 means."""
    state = replay(model, [answer(1.0), answer(0.0, skill_ids=("sums", "words"))])
    draws = model.draw(state, TINY_ITEMS, TINY_SKILLS, n=20_000, at=None, rng=np.random.default_rng(6))
    assert draws.skill_success.shape == draws.latent.shape == (20_000, 4)
    assert draws.item_success.shape == (20_000, 20)
    np.testing.assert_allclose(draws.item_success.mean(axis=0), model.predict(state, TINY_ITEMS, None).p_correct, atol=0.018)
    np.testing.assert_allclose(draws.skill_success.mean(axis=0), model.mastery(state, TINY_SKILLS, None).expected_success, atol=0.018)
    again = model.draw(state, TINY_ITEMS, TINY_SKILLS, n=20_000, at=None, rng=np.random.default_rng(6))
    np.testing.assert_array_equal(draws.item_success, again.item_success)


def test_expected_gain_equals_an_enumeration_of_what_an_attempt_can_do(forgetting: ForgettingBkt) -> None:
    """Per draw: success at the horizon with the attempt, minus success there without, over both fates of each skill."""
    state, horizon = replay(forgetting, [answer(1.0, START)]), timedelta(days=14)
    skills, values = Skills(("words", "halves", "sums")), forgetting.fitted.of(("words", "halves", "sums"))
    draws = forgetting.draw(state, TINY_ITEMS, skills, n=6, at=START, rng=np.random.default_rng(7))
    gain = forgetting.expected_gain(draws, TINY_ITEMS, horizon)
    assert gain.shape == (6, 20)
    for draw, item in product(range(6), range(20)):
        total = 0.0
        for k, skill_id in enumerate(skills.skill_ids):
            kept = np.exp(-values.forget_rate[k] * 14.0)
            success = {True: 1 - values.slip[k], False: values.guess[k]}
            known = bool(draws.latent[draw, k])

            def at_horizon(p_known: float, kept: float = kept, success: dict[bool, float] = success) -> float:
                return p_known * kept * success[True] + (1 - p_known * kept) * success[False]

            after = 1.0 if known else float(values.p_learn[k]) * (skill_id in TINY_ITEMS.skill_ids[item])
            total += at_horizon(after) - at_horizon(float(known))
        assert gain[draw, item] == pytest.approx(total, abs=1e-12)


def test_settings_travel_with_the_model() -> None:
    chosen = BktSettings(shrinkage=3.0, guess_max=0.3)
    back = Bkt.from_parameters(Bkt(settings=chosen).fit(table()).parameters())
    assert back.settings == chosen
    assert back.fitted.values.guess.max() <= 0.3


def test_forecasts_of_many_items_are_those_one_by_one(forgetting: ForgettingBkt) -> None:
    state = replay(forgetting, next(iter(table().histories()))[1])
    together = forgetting.predict(state, TINY_ITEMS, START)
    for i in range(len(TINY_ITEMS)):
        alone = forgetting.predict(state, Items(TINY_ITEMS.item_ids[i : i + 1], TINY_ITEMS.skill_ids[i : i + 1]), START)
        assert (alone.p_correct[0], alone.low[0], alone.high[0]) == (together.p_correct[i], together.low[i], together.high[i])


def test_every_answer_right_is_no_trouble() -> None:
    attempts = [Attempt(f"a{i}", f"l{i % 3}", "q", ("halves",), 1.0, sequence=i) for i in range(30)]
    model = Bkt().fit(AttemptTable.from_attempts(attempts))
    assert np.all((forecast(model, attempts) > 0.5) & (forecast(model, attempts) < 1.0))
