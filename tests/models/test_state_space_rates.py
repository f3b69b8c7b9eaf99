"""Rates of learning, the learner's and the skill's: found where learners and skills differ, near 1 where they do not, and kept."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from adaptive.catalog import Catalog
from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt, Prerequisite, Skill
from adaptive.models import replay
from adaptive.models.state_space import OFF, Hyperparameters, StateSpaceIrt, simulate
from adaptive.models.state_space.parameters import Spreads
from adaptive.models.state_space.rates import with_rates
from adaptive.models.state_space.table import TableRows
from adaptive.protocols import Codes, Floats

EVERY_NAME = frozenset(Hyperparameters._fields)
H = OFF._replace(skill_sd=0.5, gain_right=0.3, gain_wrong=0.3, gain_sd=0.1, saturation=0.2)
N_SKILLS = 8
RATES = np.array([0.3, 0.5, 0.7, 0.9, 1.1, 1.4, 1.8, 2.4])


def met(n_learners: int, n_attempts: int, *, n_items: int = 80, n_skills: int = 8, seed: int = 3) -> Codes:
    """Who met which item of one skill, at random."""
    item = np.random.default_rng(seed).integers(n_items, size=n_learners * n_attempts)
    n, ids = len(item), [tuple(f"{letter}{i:03}" for i in range(k)) for letter, k in (("l", n_learners), ("q", n_items), ("s", n_skills))]
    learner, nothing = np.repeat(np.arange(n_learners), n_attempts), np.full(n, np.nan)
    return Codes(ids[0], ids[1], ids[2], learner, item, item % n_skills, np.arange(n + 1), np.zeros(n), nothing, np.ones(n, dtype=bool))


def attempts_of(codes: Codes) -> AttemptTable:
    rows = zip(codes.learner.tolist(), codes.item.tolist(), codes.skill.tolist(), codes.correct.tolist(), strict=True)
    return AttemptTable.from_attempts(
        Attempt(f"{i}", codes.learner_ids[n], codes.item_ids[j], (codes.skill_ids[k],), correct, sequence=i)
        for i, (n, j, k, correct) in enumerate(rows)
    )


def with_rate(model: StateSpaceIrt, rate: Floats) -> StateSpaceIrt:
    return StateSpaceIrt()._become(replace(model.fitted, skills=replace(model.fitted.skills, rate=rate)), EVERY_NAME)


def skills_alone(edges: tuple[Prerequisite, ...] = ()) -> Catalog:
    return Catalog("c", skills=tuple(Skill(f"s{k:03}", difficulty=0.0) for k in range(N_SKILLS)), prerequisites=edges)


@cache
def drawn(h: Hyperparameters = H, *, differ: bool = True) -> Codes:
    codes = met(300, 60, n_skills=N_SKILLS)
    true = with_rate(StateSpaceIrt(skills_alone(), hyperparameters=h), RATES if differ else np.ones(N_SKILLS))
    return replace(codes, correct=simulate(true.fitted, codes, np.random.default_rng(1)).correct)


def test_rates_of_learners_are_found_with_the_spread_that_is_stated() -> None:
    """500 learners of 40 attempts on items that are known (seed 0): standardised errors have mean square 1 within .2.

    That is three standard errors. Unsure items are left out: what they are off by moves all learners alike.
    """
    codes, model = met(500, 40, n_skills=2), StateSpaceIrt(hyperparameters=H._replace(gain_right=0.4, gain_wrong=0.4, rate_sd=0.8))
    sure = replace(model.fitted.bank, spreads=Spreads(item=0.0, skill=0.0, discrimination=0.0))
    model = StateSpaceIrt()._become(replace(model.fitted, bank=sure), EVERY_NAME)
    truth = simulate(model.fitted, codes, np.random.default_rng(0))
    states = [replay(model, history) for _, history in attempts_of(replace(codes, correct=truth.correct)).histories()]
    mean, variance = (np.array([getattr(state, name)[-1] for state in states]) for name in ("mean", "covariance"))
    rate = truth.factors[:, -1]
    assert np.corrcoef(mean, rate)[0, 1] > 0.3
    assert ((mean - rate) ** 2 / variance).mean() == pytest.approx(1.0, abs=0.2)
    assert variance.mean() < 0.9


def found(codes: Codes, h: Hyperparameters = H) -> Floats:
    model = StateSpaceIrt(skills_alone(), hyperparameters=h, fixed=EVERY_NAME).fit(attempts_of(codes))
    return model.fitted.skills.rate


def test_rates_of_skills_are_found_where_they_differ() -> None:
    """18,000 answers, seven or eight practices of each skill (seed 1): in order, on the right side of 1, and drawn towards it."""
    rates, true = np.log(found(drawn())), np.log(RATES)
    assert np.corrcoef(rates, true)[0, 1] > 0.9
    assert 0.6 < np.polyfit(true, rates, 1)[0] < 1.1
    clear = np.abs(true) > 0.3
    assert np.all(np.sign(rates[clear]) == np.sign(true[clear]))


def test_rates_of_skills_stay_near_1_where_they_do_not_differ() -> None:
    """Log rates of eight skills, each with a posterior sd of about .15 (seed 1)."""
    rates = np.log(found(drawn(differ=False)))
    assert np.abs(rates).max() < 0.35
    assert np.abs(rates).mean() < 0.15


def test_rates_of_skills_that_nobody_practised_stay_1() -> None:
    codes = drawn()
    table = TableRows.of(replace(codes, evidence=np.zeros(len(codes.item), dtype=bool)))
    model = StateSpaceIrt(skills_alone(), hyperparameters=H)
    np.testing.assert_array_equal(with_rates(model.fitted, table).skills.rate, 1.0)


def test_where_nothing_is_learned_no_rate_moves() -> None:
    still = H._replace(gain_right=0.0, gain_wrong=0.0, gain_sd=0.0)
    np.testing.assert_allclose(found(drawn(still), still), 1.0, rtol=1e-9)


def test_skills_at_their_rates_forecast_better_than_alike() -> None:
    codes, new = drawn(), met(100, 60, n_skills=N_SKILLS, seed=4)
    model = StateSpaceIrt(skills_alone(), hyperparameters=H, fixed=EVERY_NAME).fit(attempts_of(codes))
    true = with_rate(model, RATES)
    answers = simulate(true.fitted, new, np.random.default_rng(5)).correct
    loss = []
    for each in (model, with_rate(model, np.ones(N_SKILLS)).fit_items(codes), true):
        p = each.table_logits(replace(new, correct=answers)).p_correct
        loss.append(float(-(answers * np.log(p) + (1.0 - answers) * np.log1p(-p)).mean()))
    assert loss[0] < loss[1] - 0.001
    assert loss[0] < loss[2] + 0.008


def test_rates_and_what_skills_build_on_come_back_from_the_folder() -> None:
    edges = (Prerequisite("s000", "s001", 0.6), Prerequisite("s001", "s002"))
    h, codes = H._replace(gate=2.0, rate_sd=0.5, challenge=0.4, massing=0.3), drawn()
    model = with_rate(StateSpaceIrt(skills_alone(edges), hyperparameters=h), RATES)
    again = StateSpaceIrt.from_parameters(model.parameters())
    ours, theirs = model.fitted.skills, again.fitted.skills
    for name in ("before", "after", "weight", "rate", "loading", "structure"):
        np.testing.assert_array_equal(getattr(theirs, name), getattr(ours, name), name)
    assert ours.weight.tolist() == [0.6, 1.0]
    assert again.hyperparameters == h
    np.testing.assert_array_equal(again.table_logits(codes).mean, model.table_logits(codes).mean)
    assert not np.array_equal(with_rate(again, np.ones(N_SKILLS)).table_logits(codes).mean, model.table_logits(codes).mean)
    before, after = (replay(each, [Attempt("a", "l", "q", ("s002",), None, study=True)]) for each in (model, again))
    assert before == after
