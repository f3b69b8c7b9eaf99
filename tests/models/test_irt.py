from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, logsumexp

from adaptive.catalog import Catalog
from adaptive.datasets import AttemptTable, format_named, read_attempts
from adaptive.domain import Attempt, Item, Skill
from adaptive.models import forecast, replay
from adaptive.models.checks import check_model
from adaptive.models.irt import MAXIMUM_LIKELIHOOD, ONE_PARAMETER, THREE_PARAMETER, TWO_PARAMETER, Irt, IrtSettings
from adaptive.models.irt.answers import Answers, mean_log_loss
from adaptive.models.irt.curves import LOG_PRIOR, NODES, Curves
from adaptive.models.irt.spreads import information
from adaptive.protocols import AbilityPrior, Floats, Items, Skills

_TABLE = """
00000:3 00001:6 00010:2 00011:11 00100:1 00101:1 00110:3 00111:4 01000:1 01001:8 01011:16 01101:3 01110:2 01111:15 10000:10
10001:29 10010:14 10011:81 10100:3 10101:28 10110:15 10111:80 11000:16 11001:56 11010:21 11011:173 11100:11 11101:61 11110:28
11111:298
"""
LSAT6 = dict(pair.split(":") for pair in _TABLE.split())
"""Answers of 1,000 examinees to the five items of section 6 of the Law School Admission Test (Bock & Lieberman 1970)."""


def attempts_of(answers: Sequence[Sequence[float]], skill_ids: Sequence[str] = ()) -> list[Attempt]:
    """One learner a row, one item a column; NaN where there was no answer."""
    return [
        Attempt(f"{n}-{i}", f"l{n}", f"q{i + 1}", (skill_ids[i] if skill_ids else "s",), float(correct), sequence=i)
        for n, row in enumerate(answers)
        for i, correct in enumerate(row)
        if not np.isnan(correct)
    ]


@cache
def lsat6() -> AttemptTable:
    rows = [[float(digit) for digit in pattern] for pattern, count in LSAT6.items() for _ in range(int(count))]
    return AttemptTable.from_attempts(attempts_of(rows))


def maximum_likelihood(settings: IrtSettings) -> IrtSettings:
    return replace(settings, spreads=MAXIMUM_LIKELIHOOD, n_rounds=1)


def log_likelihood(model: Irt, table: AttemptTable) -> float:
    """Marginal log likelihood of a table, learner by learner and node by node, for the items as they were fitted."""
    total, bank = 0.0, model.bank
    for _, history in table.histories():
        by_node = LOG_PRIOR.copy()
        for attempt in history:
            i = bank.items.index[attempt.item_id]
            p = bank.guess[i] + (1.0 - bank.guess[i]) * expit(np.exp(bank.log_discrimination[i]) * NODES + bank.intercept[i])
            by_node += np.log(p if attempt.correct else 1.0 - p)
        total += float(logsumexp(by_node))
    return total


def test_lsat6_rasch_is_what_ltm_publishes() -> None:
    """`summary(rasch(LSAT))` of the R package ltm (Rizopoulos 2006, J. Stat. Softw. 17(5)); its own 21 Gauss-Hermite nodes."""
    model = Irt(settings=maximum_likelihood(ONE_PARAMETER)).fit(lsat6())
    found = model.calibration()
    np.testing.assert_allclose(found.difficulty, [-3.6153, -1.3224, -0.3176, -1.7301, -2.7802], atol=5e-4)
    np.testing.assert_allclose(found.discrimination, 0.7551, atol=2e-4)
    assert log_likelihood(model, lsat6()) == pytest.approx(-2466.938, abs=2e-3)


def test_lsat6_two_parameters_are_what_ltm_publishes() -> None:
    """`ltm(LSAT ~ z1)`: stopped by its BFGS at a gradient of .024, so values agree to .003. Errors: to a tenth, by blocks of items."""
    model = Irt(settings=maximum_likelihood(TWO_PARAMETER)).fit(lsat6())
    found = model.calibration()
    np.testing.assert_allclose(found.difficulty, [-3.3597, -1.3696, -0.2799, -1.8659, -3.1236], atol=3e-3)
    np.testing.assert_allclose(found.discrimination, [0.8254, 0.7229, 0.8905, 0.6886, 0.6575], atol=1e-3)
    np.testing.assert_allclose(found.difficulty_sd, [0.8669, 0.3073, 0.0997, 0.4341, 0.8700], rtol=0.1)
    assert log_likelihood(model, lsat6()) == pytest.approx(-2466.653, abs=2e-3)


@pytest.mark.parametrize(("pattern", "ability"), [("00000", -1.895), ("01111", 0.023), ("10111", 0.093), ("11111", 0.606)])
def test_lsat6_abilities_are_near_those_of_ltm(pattern: str, ability: float) -> None:
    """Empirical Bayes scores of ltm are modes; ours are means, which lie off by a skewness of at most .06 here."""
    model = Irt(settings=maximum_likelihood(TWO_PARAMETER)).fit(lsat6())
    model.bank.intercept_variance[:] = 0.0  # ltm takes the items for sure
    model.bank.log_discrimination_variance[:] = 0.0
    sure = Irt.from_parameters(model.parameters())
    state = replay(sure, attempts_of([[float(digit) for digit in pattern]]))
    assert float(np.exp(state.log_weights) @ NODES) == pytest.approx(ability, abs=0.06)


def drawn(rng: np.random.Generator, n_learners: int, curves: Curves) -> Floats:
    """Answers to every item, (n_learners, n_items), of normal learners whose own mean is 0 and deviation 1.

    What such a class is by chance off N(0, 1) would be an error that all its items share.
    """
    ability = rng.normal(size=n_learners)
    ability = (ability - ability.mean()) / ability.std()
    return (rng.random((n_learners, len(curves))) < curves.success(ability).T).astype(np.float64)


def truth(rng: np.random.Generator, n: int, *, spread: float = 0.3, guess: float = 0.0) -> Curves:
    return Curves(rng.normal(0.3, 1.0, n), np.exp(rng.normal(0.1, spread, n)), np.full(n, guess), np.zeros(n))


@pytest.mark.parametrize(
    ("settings", "spread", "guess"), [(ONE_PARAMETER, 0.0, 0.0), (TWO_PARAMETER, 0.3, 0.0), (THREE_PARAMETER, 0.3, 0.2)]
)
def test_parameters_are_recovered(settings: IrtSettings, spread: float, guess: float) -> None:
    """60 items, 1,000 learners, seed 3: correlations that chance takes below the bounds about once in 1,000 seeds."""
    rng = np.random.default_rng(3)
    items = truth(rng, 60, spread=spread, guess=guess)
    found = Irt(settings=settings).fit(AttemptTable.from_attempts(attempts_of(drawn(rng, 1000, items).tolist()))).bank
    order = found.items.codes([f"q{i + 1}" for i in range(60)])
    assert np.corrcoef(found.intercept[order], items.intercept)[0, 1] > (0.98 if guess == 0.0 else 0.93)
    if spread:
        assert np.corrcoef(found.log_discrimination[order], np.log(items.discrimination))[0, 1] > (0.85 if guess == 0.0 else 0.6)
    assert float(np.exp(found.steepness)) == pytest.approx(float(np.exp(0.1)), abs=0.25 if guess else 0.1)
    assert float(found.luck) == pytest.approx(guess, abs=0.06)


def test_ninety_percent_intervals_of_items_cover() -> None:
    """400 items of 2PL with 30 to 300 answers each: coverage of 90 % intervals is binomial, sd .015, so four sd is .06."""
    rng = np.random.default_rng(5)
    items = truth(rng, 400)
    answers = drawn(rng, 300, items)
    answers[rng.random(answers.shape) > np.linspace(0.1, 1.0, 400)] = np.nan
    bank = Irt().fit(AttemptTable.from_attempts(attempts_of(answers.tolist()))).bank
    order = bank.items.codes([f"q{i + 1}" for i in range(400)])
    off = np.abs(bank.intercept[order] - items.intercept)
    covered = float(np.mean(off < 1.645 * np.sqrt(bank.intercept_variance[order])))
    assert 0.84 < covered < 0.96


def test_the_spreads_of_items_and_skills_are_learned() -> None:
    """40 skills of 10 items, spreads .5 within and 1.2 between; the latter has a standard error of 11 %, allowed are three."""
    rng = np.random.default_rng(7)
    of_skill = rng.normal(0.0, 1.2, 40)
    intercept = np.repeat(of_skill, 10) + rng.normal(0.0, 0.5, 400)
    answers = drawn(rng, 150, Curves(intercept, np.ones(400), np.zeros(400), np.zeros(400)))
    skill_ids = [f"s{i // 10}" for i in range(400)]
    model = Irt().fit(AttemptTable.from_attempts(attempts_of(answers.tolist(), skill_ids)))
    skill, item, discrimination = model.bank.spreads
    assert skill == pytest.approx(1.2, abs=0.36)
    assert item == pytest.approx(0.5, abs=0.08)
    assert discrimination < 0.3
    unseen = model.bank.curves(Items(("new",), (("s0",),)), model._difficulties)
    assert unseen.intercept[0] == pytest.approx(of_skill[0], abs=0.6)
    assert unseen.variance[0] == pytest.approx(item**2 + model.bank.skill_variance[model.bank.skills.index["s0"]], abs=0.12)


def test_an_item_of_few_answers_is_drawn_to_its_skill_and_says_so() -> None:
    rng = np.random.default_rng(9)
    answers = drawn(rng, 200, Curves(np.full(10, 1.5), np.ones(10), np.zeros(10), np.zeros(10)))
    answers[2:, 9] = np.nan
    answers[:2, 9] = 0.0
    bank = Irt().fit(AttemptTable.from_attempts(attempts_of(answers.tolist()))).bank
    last, first = bank.items.index["q10"], bank.items.index["q1"]
    assert bank.intercept[last] > 0.3  # two wrong answers alone would put it below -2
    assert bank.intercept_variance[last] > 3.0 * bank.intercept_variance[first]


def test_the_marginal_information_is_the_curvature_of_the_marginal_likelihood() -> None:
    """Second differences of the log likelihood itself, one item at a time, on 2PL items that each learner meets once."""
    rng = np.random.default_rng(11)
    items = truth(rng, 6)
    table = AttemptTable.from_attempts(attempts_of(drawn(rng, 300, items).tolist()))
    answers = Answers.of(table.codes())

    def value(intercept: float, discrimination: float) -> float:
        a, d = items.discrimination.copy(), items.intercept.copy()
        d[2], a[2] = intercept, discrimination
        moved = Curves(d, a, items.guess, items.variance)
        return float(logsumexp(answers.matrix() @ np.log(np.concatenate([moved.success(), moved.failure()])) + LOG_PRIOR, axis=1).sum())

    at, h = (float(items.intercept[2]), float(items.discrimination[2])), 1e-3
    curvature = -(value(at[0] + h, at[1]) - 2.0 * value(*at) + value(at[0] - h, at[1])) / h**2
    assert information(answers, items)[0, 2] == pytest.approx(curvature, rel=1e-4)


def test_a_state_is_bayes_rule_on_a_dense_grid() -> None:
    """The oracle integrates the likelihood of the whole history over 4,001 abilities."""
    rng = np.random.default_rng(13)
    model = Irt().fit(AttemptTable.from_attempts(attempts_of(drawn(rng, 150, truth(rng, 30)).tolist())))
    history = attempts_of([[float(x) for x in rng.integers(0, 2, 30)]])
    history[4] = replace(history[4], correct=0.25)
    ability = np.linspace(-8.0, 8.0, 4001)
    log_weights = -0.5 * ability**2
    for attempt in history:
        curve = model.bank.curves(Items((attempt.item_id,), (attempt.skill_ids,)), model._difficulties)
        p, score = curve.success(ability)[0], attempt.correct or 0.0
        log_weights += score * np.log(p) + (1.0 - score) * np.log1p(-p)
    weights = np.exp(log_weights - logsumexp(log_weights))
    state = np.exp(replay(model, history).log_weights)
    mean = float(weights @ ability)
    assert float(state @ NODES) == pytest.approx(mean, abs=1e-6)
    assert float(state @ NODES**2) == pytest.approx(float(weights @ ability**2), abs=1e-6)


def test_doubt_of_an_item_is_integrated_out_of_its_curve() -> None:
    """The attenuated logistic is within .02 of the mean over the item's logit (MacKay 1992), by 20,000 draws."""
    sure = Curves(np.array([0.7]), np.array([1.2]), np.array([0.1]), np.array([0.8]))
    logits = 1.2 * NODES[:, None] + 0.7 + np.sqrt(0.8) * np.random.default_rng(17).normal(size=20_000)
    np.testing.assert_allclose(sure.success()[0], (0.1 + 0.9 * expit(logits)).mean(axis=1), atol=0.02)


def test_training_loss_of_the_whole_table_is_that_of_forecast() -> None:
    rng = np.random.default_rng(19)
    answers = drawn(rng, 40, truth(rng, 12))
    answers[rng.random(answers.shape) < 0.4] = np.nan  # histories of different lengths
    answers[3, :] = np.nan
    table = AttemptTable.from_attempts(attempts_of(answers.tolist()))
    model = Irt(settings=THREE_PARAMETER).fit(table)
    losses: list[float] = []
    for _, history in table.histories():
        score = np.array([attempt.correct for attempt in history], dtype=np.float64)
        p = forecast(model, history)
        losses.extend(-(score * np.log(p) + (1.0 - score) * np.log1p(-p)))
    assert mean_log_loss(Answers.of(table.codes()), model.bank.known()) == pytest.approx(float(np.mean(losses)), abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("settings", [ONE_PARAMETER, THREE_PARAMETER])
def test_every_number_of_parameters_keeps_the_contract(settings: IrtSettings) -> None:
    check_model(lambda: Irt(settings=settings))  # two are in test_checks


def test_settings_travel_with_the_model() -> None:
    fitted = Irt(settings=THREE_PARAMETER).fit(lsat6())
    assert Irt.from_parameters(fitted.parameters()).settings == THREE_PARAMETER


def test_exposure_teaches_nothing() -> None:
    start = Irt().initial_state()
    assert Irt().update(start, Attempt("a", "ann", "q1", ("s",), None, study=True)) is start


CATALOG = Catalog(
    "c",
    skills=(Skill("easy", difficulty=-1.0), Skill("hard", difficulty=1.5), Skill("unknown")),
    items=(Item("e1", ("easy",)), Item("h1", ("hard",), difficulty=2.0), Item("u1", ("unknown",))),
)
ASKED = Items(("e1", "h1", "u1", "new"), (("easy",), ("hard",), ("unknown",), ("hard",)))


def test_day_zero_stands_where_the_catalogue_puts_items() -> None:
    model = Irt(CATALOG)
    curves = model.bank.curves(ASKED, model._difficulties)
    np.testing.assert_allclose(curves.intercept, [1.0, -2.0, 0.0, -1.5], atol=1e-9)
    np.testing.assert_allclose(curves.variance, 0.6**2 + 0.8**2 + 0.3**2, atol=1e-9)
    mastery = model.mastery(model.initial_state(), Skills(("easy", "unknown", "hard")), None)
    assert np.all(np.diff(mastery.p_mastered) < 0.0)


def test_a_fit_moves_items_that_the_catalogue_states_with_their_skill() -> None:
    rng = np.random.default_rng(23)
    history = [replace(a, item_id="e1", skill_ids=("easy",)) for a in attempts_of((rng.random((200, 1)) < 0.2).tolist())]
    model = Irt(CATALOG).fit(AttemptTable.from_attempts(history))
    before, after = (m.bank.curves(ASKED, m._difficulties).intercept for m in (Irt(CATALOG), model))
    assert np.all(after < before)
    assert after[0] < before[0] - 1.5


@pytest.mark.parametrize("settings", [TWO_PARAMETER, THREE_PARAMETER])
def test_a_placement_enters_as_one_ability(settings: IrtSettings) -> None:
    """On one skill: mastery of it is as placed, but for what is unsure of its typical item."""
    model = Irt(settings=settings)
    for mean in (-1.0, 0.5, 2.0):
        state = model.initial_state(AbilityPrior(("s",), np.array([mean]), np.array([[0.3]])))
        found = float(model.mastery(state, Skills(("s",)), None).expected_success[0])
        centre = float(expit(mean))
        assert found == pytest.approx(centre, abs=0.08)
    one, two = (AbilityPrior(ids, np.full(len(ids), 1.0), np.eye(len(ids))) for ids in (("s",), ("s", "t")))
    spread = [float(np.exp(model.initial_state(p).log_weights) @ (NODES - 1.0) ** 2) for p in (one, two)]
    assert spread[1] < spread[0]


def test_known_items_answer_for_ten_thousand_learners_alike() -> None:
    """A long run of right answers ends at the edge of the grid, with finite weights and a forecast inside (0, 1)."""
    model = Irt().fit(lsat6())
    history = [replace(attempt, attempt_id=f"{n}-{i}") for n in range(2000) for i, attempt in enumerate(attempts_of([[1.0] * 5]))]
    state = replay(model, history)
    assert np.all(np.isfinite(state.log_weights))
    found = model.predict(state, Items(("q1",), (("s",),)), None)
    assert 0.99 < found.p_correct[0] < 1.0


@pytest.mark.real_data
def test_eedi_is_forecast_as_well_as_by_a_published_rasch_model(attempt_data: Path) -> None:
    """1PL in `benchmarks.md`: accuracy .704, AUC .778 with standard errors of .008; test answers do not update."""
    folder, read = attempt_data / "attempts" / "eedi_csc311", format_named("eedi-csc311").column_map
    train, test = (read_attempts(folder / name, read)[0] for name in ("train_data.csv", "test_data.csv"))
    model = Irt().fit(train)
    states = {learner_id: replay(model, history) for learner_id, history in train.histories()}
    p_correct: list[float] = []
    score: list[float] = []
    for learner_id, history in test.histories():
        items = Items(tuple(a.item_id for a in history), tuple(a.skill_ids for a in history))
        p_correct.extend(model.predict(states[learner_id], items, None).p_correct)
        score.extend(float(a.correct or 0.0) for a in history)
    p, y = np.array(p_correct), np.array(score)
    assert np.mean((p > 0.5) == y) > 0.70
    assert -np.mean(y * np.log(p) + (1.0 - y) * np.log1p(-p)) < 0.556
