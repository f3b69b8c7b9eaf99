from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import rankdata

from adaptive.catalog import Catalog
from adaptive.datasets import AttemptTable, column_folds, parse_map, read_attempts
from adaptive.domain import Attempt, Item, Skill
from adaptive.models import forecast, replay
from adaptive.models.bkt import Bkt, HierarchicalBkt, HierarchicalState
from adaptive.models.bkt.answers import Answers, Rates, log_likelihood_and_gradient
from adaptive.models.bkt.filter import learn
from adaptive.models.bkt.items import guess_and_slip
from adaptive.models.bkt.learners import NODE_WEIGHTS, NODES, node_logits
from adaptive.models.bkt.parameters import DAY_ZERO, BktParameters
from adaptive.models.checks.data import TINY_SKILLS, tiny_attempts
from adaptive.protocols import AbilityPrior, Items, LearnerModel, Skills


def table() -> AttemptTable:
    return AttemptTable.from_attempts(attempt for history in tiny_attempts(np.random.default_rng(0)) for attempt in history)


@pytest.fixture(scope="module")
def model() -> HierarchicalBkt:
    return HierarchicalBkt().fit(table())


def answer(i: int, correct: float | None = 1.0, skill_ids: tuple[str, ...] = ("halves",), item_id: str = "q1", **named: object) -> Attempt:
    return Attempt(f"a{i}", "ann", item_id, skill_ids, correct, sequence=i, **named)  # type: ignore[arg-type]  # counts and flags


def some_rates(answers: Answers, seed: int = 1) -> Rates:
    rng, n_skills, n_pairs = np.random.default_rng(seed), len(answers.entries.skill_ids), len(answers.item_of_pair)
    known = rng.normal(size=(n_skills, 1)) + np.sort(rng.normal(size=len(NODES)))
    learn_, guess, right = rng.normal(size=n_skills) - 1.0, rng.normal(size=n_pairs) - 1.5, rng.normal(size=n_pairs) + 1.5
    return Rates(known, learn_, guess, right, forget=rng.normal(size=n_skills), gates=np.array([0.3, 0.6]))


def some_missing(answers: Answers) -> np.ndarray:
    """Two prerequisites of every entry, as little known as may be."""
    return np.random.default_rng(5).random((len(answers.pair), 2))


def enumerated(answers: Answers, rates: Rates, missing: np.ndarray) -> float:
    """Log likelihood by the matrices of two hidden states, sequence by sequence and node by node: what the two passes must give."""
    sequences, total = answers.sequences, 0.0
    for learner in range(answers.n_learners):
        on_nodes = np.log(NODE_WEIGHTS)
        for head in np.flatnonzero(answers.learner == learner):
            entries = [int(head)]
            while sequences.successor[entries[-1]] >= 0:
                entries.append(int(sequences.successor[entries[-1]]))
            on_nodes = on_nodes + np.log(sum_over_paths(answers, rates, missing, entries))
        total += np.log(np.exp(on_nodes).sum())
    return float(total)


def sum_over_paths(answers: Answers, rates: Rates, missing: np.ndarray, entries: list[int]) -> np.ndarray:
    """(n_nodes,) the likelihood of one sequence."""
    skill = answers.sequences.skill[entries[0]]
    first, learning = (np.prod(1.0 - (1.0 - gate) * missing, axis=1) for gate in rates.gates)
    p_first = expit(rates.known[skill]) * first[entries[0]]
    chance = np.stack([1.0 - p_first, p_first])  # not known, known
    for entry in entries:
        kept = np.exp(-np.exp(rates.forget[skill]) * answers.sequences.days[entry])
        chance = np.array([[1.0, 1.0 - kept], [0.0, kept]]) @ chance
        right, score = expit(np.array([rates.guess[answers.pair[entry]], rates.right[answers.pair[entry]]])), answers.score[entry]
        told = np.ones(2) if np.isnan(score) else right**score * (1.0 - right) ** (1.0 - score)
        p_learn = expit(rates.learn[skill]) * learning[entry]
        chance = np.array([[1.0 - p_learn, 0.0], [p_learn, 1.0]]) @ (told[:, None] * chance)
    return np.asarray(chance.sum(axis=0))


def test_the_likelihood_is_that_of_all_hidden_paths() -> None:
    """To 1e-6: the filter keeps 1e-12 of doubt at each step of some 1,200."""
    answers = Answers.of(table().codes())
    rates, missing = some_rates(answers), some_missing(answers)
    assert answers.sequences.days.max() > 0.5
    assert log_likelihood_and_gradient(answers, rates, missing)[0] == pytest.approx(enumerated(answers, rates, missing), abs=1e-6)


def test_the_gradient_is_that_of_the_likelihood() -> None:
    """Central differences of 1e-5 are good to 1e-4 here."""
    answers = Answers.of(table().codes())
    rates, missing = some_rates(answers, seed=2), some_missing(answers)
    gradient = log_likelihood_and_gradient(answers, rates, missing)[1]
    for name in Rates.__slots__:
        for place in (0, -1):
            up, down = (getattr(rates, name).copy() for _ in range(2))
            up.flat[place] += 1e-5
            down.flat[place] -= 1e-5
            rise = [log_likelihood_and_gradient(answers, replace(rates, **{name: values}), missing)[0] for values in (up, down)]
            assert getattr(gradient, name).flat[place] == pytest.approx((rise[0] - rise[1]) / 2e-5, abs=1e-4), name


def test_updates_are_bayes_over_every_node_and_hidden_state(model: HierarchicalBkt) -> None:
    """Two skills, single-skill items: the joint table of u, known and known, by hand."""
    skill_ids = ("halves", "sums")
    values, first = model.fitted.skills.of(skill_ids), model.fitted.first(skill_ids)
    joint = {
        (k, *known): NODE_WEIGHTS[k] * np.prod([first[s, k] if known[s] else 1 - first[s, k] for s in (0, 1)])
        for k in range(len(NODES))
        for known in product((0, 1), repeat=2)
    }
    history = [answer(0, 1.0), answer(1, 0.0, ("sums",), "q2"), answer(2, 1.0, ("sums",), "q6"), answer(3, 0.0), answer(4, 1.0)]
    for attempt in history:
        of = skill_ids.index(attempt.skill_ids[0])
        guess, slip = (x[0] for x in model.fitted.guess_and_slip((attempt.item_id,), np.array([0]), skill_ids, np.array([of])))
        after = dict.fromkeys(joint, 0.0)
        for (k, *known), p in joint.items():
            right = 1 - slip if known[of] else guess
            told = p * (right if attempt.correct else 1 - right)
            learned = [*known]
            learned[of] = 1
            p_learn = 1.0 if known[of] else values.p_learn[of]
            after[(k, *learned)] += told * p_learn
            after[(k, *known)] += told * (1 - p_learn)
        joint = {key: p / sum(after.values()) for key, p in after.items()}
    state = replay(model, history)
    np.testing.assert_allclose(state.weights, [sum(p for key, p in joint.items() if key[0] == k) for k in range(len(NODES))], atol=1e-9)
    expected = [sum(p for key, p in joint.items() if key[1 + s]) for s in (0, 1)]
    np.testing.assert_allclose(model.mastery(state, Skills(skill_ids), None).p_mastered, expected, atol=1e-9)


def test_the_head_start_leaves_p_known_at_first_as_it_is_in_the_mean() -> None:
    """The normal approximation of a logit's mean is good to .02 (`normal_logit`)."""
    for p_init, spread in product((0.05, 0.3, 0.8), (0.5, 1.5, 3.0)):
        assert NODE_WEIGHTS @ expit(node_logits(logit(p_init), spread, NODES)) == pytest.approx(p_init, abs=0.02)


def test_an_answer_on_one_skill_moves_those_not_met_yet(model: HierarchicalBkt) -> None:
    right, wrong = (replay(model, [answer(i, y) for i in range(5)]) for y in (1.0, 0.0))
    skills = Skills(("halves", "sums", "words", "never seen"))
    low, start, high = (model.mastery(state, skills, None).p_mastered for state in (wrong, model.initial_state(), right))
    assert np.all(low < start - 0.02)
    assert np.all(high > start + 0.02)


def test_guess_stays_below_one_minus_slip_on_any_item() -> None:
    rng = np.random.default_rng(3)
    p_init, p_learn, guess, slip = (rng.uniform(0.001, most, size=500) for most in (0.99, 0.99, 0.5, 0.2))
    values = BktParameters(p_init, p_learn, guess, slip, np.zeros(500))
    of_item, slip_of_item = guess_and_slip(values, rng.normal(scale=2.0, size=500), rng.normal(scale=3.0, size=500))
    assert np.all(of_item < 1.0 - slip_of_item)
    unmoved = guess_and_slip(values, np.zeros(500), np.zeros(500))
    np.testing.assert_allclose(unmoved, (values.guess, values.slip), atol=1e-12)


def drawn(n_learners: int, head_start: float, rng: np.random.Generator) -> list[Attempt]:
    """Three skills of eight answers each on items `easy` and `hard`, drawn from the model with this spread of learners."""
    attempts: list[Attempt] = []
    p_init, p_learn, guess_, slip_, rate = (np.full(1, p) for p in (0.4, 0.08, 0.3, 0.15, 0.0))
    values = BktParameters(p_init, p_learn, guess_, slip_, rate)
    for learner in range(n_learners):
        u = rng.normal()
        for skill_id in ("s1", "s2", "s3"):
            known = rng.random() < expit(node_logits(logit(0.4), head_start, u))
            for step in range(8):
                item_id, shift = (f"easy {skill_id}", 0.8) if rng.random() < 0.5 else (f"hard {skill_id}", -0.8)
                guess, slip = guess_and_slip(values, np.array([shift]), np.zeros(1))
                right = float(rng.random() < (1 - slip[0] if known else guess[0]))
                attempts.append(Attempt(f"{learner} {skill_id} {step}", f"l{learner}", item_id, (skill_id,), right, sequence=len(attempts)))
                known = known or rng.random() < 0.08
    return attempts


def test_items_and_the_spread_of_learners_are_recovered() -> None:
    """400 learners x 24 answers: an item's shift has a standard error of about .1, the spread one of about .25 around 2."""
    rng = np.random.default_rng(4)
    alike, apart = (HierarchicalBkt().fit(AttemptTable.from_attempts(drawn(400, spread, rng))).fitted for spread in (0.0, 2.0))
    assert alike.learner_spread < 0.8
    assert apart.learner_spread == pytest.approx(2.0, abs=0.8)
    for fitted in (alike, apart):
        shift = dict(zip(fitted.items.items.ids, fitted.items.shift.tolist(), strict=True))
        for skill_id in ("s1", "s2", "s3"):
            assert shift[f"easy {skill_id}"] - shift[f"hard {skill_id}"] == pytest.approx(1.6, abs=0.5)


def test_it_forecasts_new_learners_better_than_bkt_where_items_and_learners_differ() -> None:
    """2,400 answers of 100 new learners: the gain in log loss, .03 and more when written, has a standard error below .006."""
    rng = np.random.default_rng(5)
    train, test = (drawn(n, 2.0, rng) for n in (300, 100))
    losses = []
    models: tuple[LearnerModel[Any], ...] = (HierarchicalBkt(), Bkt())  # Any: each has its own state
    for fitted in (each.fit(AttemptTable.from_attempts(train)) for each in models):
        histories = [history for _, history in AttemptTable.from_attempts(test).histories()]
        p_correct = np.concatenate([forecast(fitted, history) for history in histories])
        score = np.array([attempt.correct for history in histories for attempt in history])
        losses.append(-np.mean(score * np.log(p_correct) + (1.0 - score) * np.log1p(-p_correct)))
    assert losses[0] < losses[1] - 0.01


def test_a_multi_skill_item_has_the_mean_success_of_its_skills(model: HierarchicalBkt) -> None:
    state = replay(model, [answer(0), answer(1, 0.0, ("sums",))])
    items = Items(("new",) * 3, (("halves",), ("sums",), ("halves", "sums")))
    one, other, both = model.predict(state, items, None).p_correct
    assert both == pytest.approx((one + other) / 2, abs=1e-12)


def test_exposure_teaches_without_being_evidence(model: HierarchicalBkt) -> None:
    values, first = model.fitted.skills.of(("halves",)), model.fitted.first(("halves",))
    for exposure in (answer(0, None, study=True), answer(0, 0.0, hints_used=1), answer(0, 1.0, attempt_number=2)):
        state = model.update(model.initial_state(), exposure)
        assert state.weights == HierarchicalState().weights
        np.testing.assert_allclose(state.skills["halves"].p_known, learn(first[0], values.p_learn[0]), atol=1e-12)


def test_a_placed_skill_stays_as_placed_whatever_is_answered_elsewhere(model: HierarchicalBkt) -> None:
    n = len(TINY_SKILLS)
    start = model.initial_state(AbilityPrior(TINY_SKILLS.skill_ids[1:], np.full(n - 1, 1.0), 0.5 * np.eye(n - 1)))
    after = replay(model, [answer(i) for i in range(4)], start)
    before, now = (model.mastery(state, TINY_SKILLS, None).p_mastered for state in (start, after))
    np.testing.assert_allclose(now[1:], before[1:], atol=1e-12)
    assert now[0] > before[0]
    same = Bkt().initial_state(AbilityPrior(TINY_SKILLS.skill_ids[1:], np.full(n - 1, 1.0), 0.5 * np.eye(n - 1)))
    np.testing.assert_allclose(before[1:], [same.skills[skill_id].p_known for skill_id in TINY_SKILLS.skill_ids[1:]], atol=1e-12)


def test_skills_are_drawn_together(model: HierarchicalBkt) -> None:
    """Correlation of two unmet skills in 20,000 draws, .1 and more here, has a standard error of .007; of a state sure of u it is 0."""
    skills, items, rng = Skills(("halves", "sums")), Items(("q1",), (("halves",),)), np.random.default_rng(6)
    unsure = model.draw(model.initial_state(), items, skills, n=20_000, at=None, rng=rng)
    middle = tuple(float(k == len(NODES) // 2) for k in range(len(NODES)))
    sure = model.draw(HierarchicalState(middle), items, skills, n=20_000, at=None, rng=rng)
    together, apart = (np.asarray(np.corrcoef(draws.latent.T))[0, 1] for draws in (unsure, sure))
    assert together > 0.05
    assert abs(apart) < 0.03


def test_an_item_of_a_skills_name_is_not_taken_for_the_skill(model: HierarchicalBkt) -> None:
    odd = replace(model.fitted, items=replace(model.fitted.items, shift=model.fitted.items.shift + 2.0))
    moved = HierarchicalBkt()
    moved._become(odd, model.settings, float("nan"))
    drawn_ = moved.draw(
        moved.initial_state(), Items(("halves",), (("halves",),)), Skills(("halves",)), n=2000, at=None, rng=np.random.default_rng(7)
    )
    values = moved.fitted.skills.of(("halves",))
    assert set(np.unique(drawn_.skill_success)) == {float(values.guess[0]), float(1.0 - values.slip[0])}


def test_day_zero_follows_stated_difficulties_of_skills_and_items() -> None:
    skills = (Skill("easy", difficulty=-2.0), Skill("hard", difficulty=2.0), Skill("unsaid"))
    items = (Item("as easy", ("easy",)), Item("harder", ("easy",), difficulty=0.5), Item("u", ("unsaid",)))
    catalog = Catalog("c", skills=skills, items=items)
    model, plain, columns = HierarchicalBkt(catalog), Bkt(catalog), Skills(("easy", "hard", "unsaid", "stranger"))
    found = model.mastery(model.initial_state(), columns, None).p_mastered
    expected = plain.mastery(plain.initial_state(), columns, None).p_mastered
    np.testing.assert_allclose(found, expected, atol=0.02)
    p_correct = model.predict(model.initial_state(), Items(("as easy", "harder", "new"), (("easy",),) * 3), None).p_correct
    assert p_correct[1] < p_correct[0] - 0.2
    assert p_correct[0] == pytest.approx(p_correct[2], abs=1e-12)


def test_stated_shifts_stay_the_prior_of_a_fit() -> None:
    """No attempt is on `harder`: it stays as much harder as was stated."""
    catalog = Catalog("c", skills=(Skill("halves", difficulty=0.0),), items=(Item("harder", ("halves",), difficulty=2.0),))
    fitted = HierarchicalBkt(catalog).fit(table())
    plain, harder = fitted.predict(fitted.initial_state(), Items(("new", "harder"), (("halves",),) * 2), None).p_correct
    assert harder < plain - 0.1


def test_a_fit_leaves_torch_and_pyro_as_they_were() -> None:
    import pyro  # noqa: PLC0415 - two seconds that other tests need not wait for
    import torch  # noqa: PLC0415

    pyro.param("mine", torch.tensor(3.0))
    before = torch.get_rng_state()
    HierarchicalBkt().fit(table())
    assert torch.equal(torch.get_rng_state(), before)
    assert set(pyro.get_param_store().keys()) == {"mine"}
    pyro.clear_param_store()


def test_a_table_without_evidence_gives_day_zero() -> None:
    studied = AttemptTable.from_attempts([answer(i, None, study=True) for i in range(3)])
    model = HierarchicalBkt().fit(studied)
    assert np.isnan(model.training_log_loss)
    values = model.fitted.skills.of(("halves",))
    for name in ("p_init", "p_learn", "guess", "slip"):
        assert getattr(values, name)[0] == getattr(DAY_ZERO, name)[0]


@pytest.mark.slow
@pytest.mark.real_data
def test_assistments_2009_fold_1_is_forecast_as_measured(attempt_data: Path) -> None:
    """AUC .7682 when measured, `bkt` .7146. Another seed moves it by less than .001."""
    columns = parse_map("learner_id=user,item_id=item,skill_ids=skills")
    attempts, _ = read_attempts(attempt_data / "attempts" / "assist2009_akt5_question.csv.xz", columns)
    (fold,) = column_folds(attempts, "fold", "1")
    model = HierarchicalBkt().fit(fold.train)
    histories = [history for _, history in fold.test.histories()]
    p_correct = np.concatenate([forecast(model, history) for history in histories])
    right = np.array([attempt.correct == 1.0 for history in histories for attempt in history])
    ranks = rankdata(p_correct)
    auc = (ranks[right].sum() - right.sum() * (right.sum() + 1) / 2) / (right.sum() * (~right).sum())
    assert auc == pytest.approx(0.768, abs=0.002)
