from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pyro
import pytest
import torch

from adaptive.datasets import AttemptTable
from adaptive.models.checks.data import tiny_attempts
from adaptive.models.checks.subject import losses, table_of
from adaptive.models.state_space import DAY_ZERO, Hyperparameters, Simulated, StateSpaceIrt, simulate
from adaptive.models.state_space.held_out import HeldOut
from adaptive.models.state_space.priors import PRIORS, FreeHyperparameters
from adaptive.models.state_space.pyro_model import Surface
from adaptive.models.state_space.table import TableRows
from adaptive.protocols import Codes, Floats, Ints

TRUE = DAY_ZERO._replace(ability_sd=1.3, skill_sd=0.6, gain_right=0.3, gain_wrong=0.1, memory_right=0.6)


def plain_codes(n_learners: int, n_attempts: int, *, n_items: int = 100, n_skills: int = 6, seed: int = 0) -> Codes:
    """Learners who each meet items of one skill at random."""
    item = np.random.default_rng(seed).integers(n_items, size=n_learners * n_attempts)
    n = len(item)
    names: list[tuple[str, ...]] = [
        tuple(f"{letter}{i}" for i in range(k)) for letter, k in (("l", n_learners), ("q", n_items), ("s", n_skills))
    ]
    learner: Ints = np.repeat(np.arange(n_learners), n_attempts)
    nothing: Floats = np.full(n, np.nan)
    return Codes(*names, learner, item, item % n_skills, np.arange(n + 1), np.zeros(n), nothing, np.ones(n, dtype=bool))


class Coded:
    """A table that has codes alone: all that this model's fit reads."""

    def __init__(self, codes: Codes) -> None:
        self._codes = codes

    def codes(self) -> Codes:
        return self._codes


@cache
def drawn(n_learners: int = 300, n_attempts: int = 50, h: Hyperparameters = TRUE) -> tuple[Codes, Simulated]:
    codes = plain_codes(n_learners, n_attempts)
    truth = simulate(StateSpaceIrt(hyperparameters=h).fitted, codes, np.random.default_rng(1))
    return replace(codes, correct=truth.correct), truth


def fit(codes: Codes, **named: object) -> StateSpaceIrt:
    return StateSpaceIrt(**named).fit(Coded(codes))  # type: ignore[arg-type]  # the model's own settings, and the codes alone


@cache
def recovered() -> StateSpaceIrt:
    return fit(drawn()[0])


def test_items_are_recovered_within_their_posterior() -> None:
    """The largest of 100 standardised errors of a normal posterior passes 5 once in 17,000 tables; seeds are fixed."""
    (codes, truth), bank = drawn(), recovered().fitted.bank
    place = bank.items.codes(codes.item_ids)
    z = (bank.difficulty[place] - truth.difficulty) / np.sqrt(bank.variance[place])
    assert np.corrcoef(bank.difficulty[place], truth.difficulty)[0, 1] > 0.92
    assert np.abs(z).max() < 5.0
    assert 0.6 < z.std() < 1.6
    assert np.corrcoef(bank.log_discrimination[place], np.log(truth.discrimination))[0, 1] > 0.6


def test_the_scale_of_abilities_is_held_by_a_mean_log_discrimination_of_0() -> None:
    assert recovered().fitted.bank.log_discrimination.mean() == pytest.approx(0.0, abs=1e-12)


def test_hyperparameters_that_the_data_tell_are_recovered() -> None:
    """Within half of their size, which is two to three posterior sds at 15,000 answers (seed 1)."""
    h = recovered().hyperparameters
    for name in ("ability_sd", "skill_sd", "gain_right"):
        assert getattr(h, name) == pytest.approx(getattr(TRUE, name), rel=0.5), name
    assert h.memory_right - h.memory_wrong > 0.2  # drawn with .6 and 0


def test_abilities_are_recovered_with_the_spread_that_is_stated() -> None:
    """Standardised errors of logits, drawn against expected, have a mean square of 1 on learners whom the items have not seen.

    Within .12 here (seed 1); on those they were fitted to it is .86, since items and abilities err together.
    """
    codes, truth = drawn()
    is_new = codes.learner >= 200
    model = StateSpaceIrt(hyperparameters=TRUE).fit_items(replace(codes, evidence=~is_new))
    found = model.table_logits(codes)
    z2 = ((truth.logit - found.mean) ** 2 / found.variance)[is_new]
    assert z2.mean() == pytest.approx(1.0, abs=0.12)


def test_fixed_hyperparameters_stay_and_others_move() -> None:
    codes, _ = drawn()
    fixed = frozenset(PRIORS) - {"gain_right"}
    model = fit(codes, fixed=fixed)
    assert {name for name in PRIORS if getattr(model.hyperparameters, name) != getattr(DAY_ZERO, name)} == {"gain_right"}
    assert fit(codes, fixed=frozenset(PRIORS)).hyperparameters == DAY_ZERO


def test_what_the_table_does_not_tell_stays_at_day_zero() -> None:
    h = recovered().hyperparameters
    silent = ("time_scale", "skill_forgetting", "gain_exposure", "memory_exposure", "weakest", "structure_share")
    assert all(getattr(h, name) == getattr(DAY_ZERO, name) for name in silent)


def test_a_part_at_zero_stays_off_in_a_fit() -> None:
    h = DAY_ZERO._replace(gain_right=0.0, form_sd=0.0)
    found = fit(drawn()[0], hyperparameters=h).hyperparameters
    assert found.gain_right == found.form_sd == 0.0
    assert found.gain_wrong != DAY_ZERO.gain_wrong


def test_fitting_forecasts_new_learners_better_than_day_zero() -> None:
    codes, _ = drawn()
    new = plain_codes(100, 50, seed=3)
    true = StateSpaceIrt(hyperparameters=TRUE).fit_items(codes)
    truth = simulate(true.fitted, new, np.random.default_rng(4))
    loss = [_loss(model, replace(new, correct=truth.correct)) for model in (recovered(), StateSpaceIrt().fit_items(codes), true)]
    assert loss[0] < loss[1] - 0.002
    assert loss[0] < loss[2] + 0.004


def _loss(model: StateSpaceIrt, codes: Codes) -> float:
    p = model.table_logits(codes).p_correct
    return float(-(codes.correct * np.log(p) + (1.0 - codes.correct) * np.log1p(-p)).mean())


def test_items_held_out_have_not_seen_the_answers_they_are_judged_on() -> None:
    """One judged learner's outcomes turned around: the first forecast of theirs stays, the later ones follow their answers."""
    codes, _ = drawn()
    is_last = codes.learner == 299
    turned = replace(codes, correct=np.where(is_last, 1.0 - codes.correct, codes.correct))
    seen = []
    for each in (codes, turned):
        held = HeldOut(TableRows.of(each), recovered().fitted.bank, recovered().fitted.skills, np.random.default_rng(0))
        held.refit(DAY_ZERO)
        seen.append(held.forecasts(DAY_ZERO))
    assert len(seen[0]) == len(codes.item)  # a small table is judged whole, a fifth of the learners at a time
    first, *later = np.flatnonzero(is_last)
    assert seen[0][first] == seen[1][first]
    assert not np.allclose(seen[0][later], seen[1][later], atol=1e-3)


def test_held_out_items_follow_hyperparameters_by_answers_that_they_are_not_judged_on() -> None:
    """One learner's answers turned round: what is promised for that learner's rows stays, bit for bit."""
    codes, free = drawn(60, 20)[0], FreeHyperparameters.of(DAY_ZERO, set(DAY_ZERO._fields) - {"ability_sd", "gain_right"})
    turned = replace(codes, correct=np.where(codes.learner == 7, 1.0 - codes.correct, codes.correct))
    found, rows = [], codes.learner == 7
    for each in (codes, turned):
        held = HeldOut(TableRows.of(each), recovered().fitted.bank.unmet(), recovered().fitted.skills, np.random.default_rng(0))
        held.refit(DAY_ZERO)
        found.append(held.responses(free, free.mean))
    np.testing.assert_array_equal(found[0][:, :, rows], found[1][:, :, rows])
    assert not np.array_equal(found[0], found[1])
    harder = found[0][:, 0]
    assert np.polyfit(held.forecasts(DAY_ZERO), harder[0, held.is_scored], 1)[0] < 0.0  # wider abilities, wider difficulties
    assert harder[1].mean() > 0.0  # more learnt, items harder


def test_large_tables_are_judged_on_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adaptive.models.state_space.held_out._MOST_JUDGED", 4000)
    monkeypatch.setattr("adaptive.models.state_space.held_out._MOST_ROWS", 10_000)
    table = TableRows.of(drawn()[0])
    held = HeldOut(table, recovered().fitted.bank, recovered().fitted.skills, np.random.default_rng(0))
    assert len(held.table.rows.item) == 4000


def test_slopes_of_the_surface_are_those_of_its_height() -> None:
    codes, _ = drawn()
    free = FreeHyperparameters.of(DAY_ZERO, fixed=frozenset(PRIORS) - {"ability_sd", "gain_right", "memory_wrong"})
    held = HeldOut(TableRows.of(codes), recovered().fitted.bank, recovered().fitted.skills, np.random.default_rng(0))
    held.refit(DAY_ZERO)
    surface, place = Surface(held, free), free.mean
    surface.log_likelihood(place)
    slope = surface.slope.copy()
    for i, step in enumerate(0.01 * np.eye(3)):
        rise = (surface.log_likelihood(place + step) - surface.log_likelihood(place - step)) / 0.02
        assert slope[i] == pytest.approx(rise, rel=0.05, abs=0.5)  # nats per unit, of hundreds; forward differences of .001


@pytest.mark.parametrize("name", PRIORS)
def test_the_free_scale_comes_back(name: str) -> None:
    value = getattr(DAY_ZERO, name)
    assert PRIORS[name].bound(PRIORS[name].free(value)) == pytest.approx(value, abs=2e-6)


def test_every_hyperparameter_has_a_prior() -> None:
    assert set(PRIORS) == set(Hyperparameters._fields)


def test_items_refitted_warm_end_where_cold_ones_do() -> None:
    codes, _ = drawn()
    warm, cold = recovered().fit_items(codes, warm=True).fitted.bank, recovered().fit_items(codes).fitted.bank
    np.testing.assert_allclose(warm.difficulty, cold.difficulty, atol=0.05)
    assert recovered().fit_items(codes).hyperparameters == recovered().hyperparameters


def test_one_learner_and_study_alone_are_no_reason_to_fail() -> None:
    histories = tiny_attempts(np.random.default_rng(0))
    alone = StateSpaceIrt().fit(table_of(histories[:1]))
    assert alone.hyperparameters == DAY_ZERO
    assert alone.training_log_loss == pytest.approx(float(np.mean(losses(alone, histories[:1]))), abs=1e-9)
    studied = [[replace(row, correct=None, study=True) for row in histories[0]]]
    assert np.isnan(StateSpaceIrt().fit(table_of(studied)).training_log_loss)
    assert np.isnan(StateSpaceIrt().fit(AttemptTable.from_attempts([])).training_log_loss)


def test_a_fit_leaves_the_global_parameter_store_alone() -> None:
    pyro.get_param_store().clear()
    pyro.param("mine", torch.tensor(1.0))
    fit(drawn(60)[0])
    assert list(pyro.get_param_store().keys()) == ["mine"]
    pyro.get_param_store().clear()


def test_simulation_has_the_spreads_that_it_was_told() -> None:
    """Standard deviation over 300 learners within 25 % (six standard errors, seed 1)."""
    codes, truth = drawn()
    first = np.flatnonzero(np.diff(codes.learner, prepend=-1))
    total = np.hypot(TRUE.ability_sd, TRUE.skill_sd)
    assert truth.ability[first].std() == pytest.approx(total, rel=0.25)
    assert truth.factors.std() == pytest.approx(1.0, rel=0.25)
    assert abs((truth.correct - truth.p_correct).mean()) < 5.0 * 0.5 / np.sqrt(len(truth.correct))


def test_simulation_leaves_out_what_is_no_evidence() -> None:
    codes = plain_codes(3, 10)
    codes = replace(codes, evidence=np.arange(30) % 3 > 0, seconds=np.arange(30.0) * 1e5)
    truth = simulate(StateSpaceIrt().fitted, codes, np.random.default_rng(0))
    np.testing.assert_array_equal(np.isnan(truth.correct), ~codes.evidence)
