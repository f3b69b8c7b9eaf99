"""Guessing by the number of options that the catalogue states; without any stated, one chance for all items."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from adaptive.catalog import Catalog
from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt, Item, Skill
from adaptive.models.columns import ItemColumns
from adaptive.models.stack import Stack
from adaptive.models.state_space import DAY_ZERO, OFF, Hyperparameters, StateSpaceIrt, simulate
from adaptive.protocols import Floats, Items, Parameters

N_ITEMS = 60
IDS = tuple(f"q{i}" for i in range(N_ITEMS))
OPTIONS = np.array([0, 2, 4, 5])[np.arange(N_ITEMS) % 4]
ITEMS = Items(IDS, (("s",),) * N_ITEMS)
HARD = 2.0
"""Logits above the middle: many learners can only guess."""
ALL_BUT_GUESSING = frozenset(Hyperparameters._fields) - {"guess", "luck"}


def catalog(options: tuple[int, ...]) -> Catalog:
    items = tuple(Item(IDS[i], ("s",), options=tuple(map(str, range(n))), difficulty=HARD) for i, n in enumerate(options))
    return Catalog("choices", skills=(Skill("s"),), items=items)


def model(options: tuple[int, ...] = tuple(OPTIONS), **found: float) -> StateSpaceIrt:
    return StateSpaceIrt(catalog(options), hyperparameters=OFF._replace(**found), fixed=ALL_BUT_GUESSING)


def guesses(of: StateSpaceIrt, items: Items = ITEMS) -> Floats:
    return of.fitted.bank.guesses(ItemColumns.of(items), of.hyperparameters)


@cache
def drawn(luck: float = 0.6) -> AttemptTable:
    rng = np.random.default_rng(1)
    met = [
        Attempt(f"{n}-{i}", f"l{n:03}", IDS[j], ("s",), 0.0, sequence=i) for n in range(300) for i, j in enumerate(rng.permutation(60)[:40])
    ]
    codes = AttemptTable.from_attempts(met).codes()
    truth = simulate(model(guess=0.02, luck=luck).fitted, codes, np.random.default_rng(2))
    return AttemptTable.from_attempts(replace(a, correct=float(y)) for a, y in zip(met, truth.correct, strict=True))


def test_an_item_is_guessed_by_its_number_of_options() -> None:
    found = guesses(StateSpaceIrt(catalog((0, 1, 2, 4))), Items((*IDS[:4], "strange"), (("s",),) * 5))
    np.testing.assert_allclose(found, [DAY_ZERO.guess, DAY_ZERO.guess, DAY_ZERO.luck / 2, DAY_ZERO.luck / 4, DAY_ZERO.guess])


def test_who_knows_nothing_is_right_as_often_as_luck_has_it() -> None:
    of = model(guess=0.02, luck=0.8)
    state = of.initial_state()
    for n in range(40):
        state = of.update(state, Attempt(f"a{n}", "ann", f"free{n}", ("s",), correct=0.0))
    p_correct = of.predict(state, ITEMS, None).p_correct
    assert np.all(p_correct > guesses(of))
    assert np.all(p_correct[OPTIONS == 2] > 0.4)
    assert np.all(p_correct[OPTIONS == 0] < 0.1)


def test_luck_is_learned_from_items_with_options() -> None:
    """12,000 answers: half of them have options, most by learners who can only guess; the prior is centred on .8."""
    h = model(guess=0.05, luck=0.8).fit(drawn()).hyperparameters
    assert h.luck == pytest.approx(0.6, abs=0.07)
    assert h.guess < 0.05


def test_options_forecast_better_than_one_chance_for_all() -> None:
    with_options, without = (each.fit(drawn()) for each in (model(guess=0.05, luck=0.8), model((0,) * N_ITEMS, guess=0.05, luck=0.8)))
    assert with_options.training_log_loss < without.training_log_loss - 0.001
    assert without.hyperparameters.luck == 0.8


def test_without_free_answers_their_guess_stays() -> None:
    assert model((3,) * N_ITEMS, guess=0.05, luck=0.8).fit(drawn()).hyperparameters.guess == 0.05


def test_options_come_back_from_the_folder() -> None:
    of = model(guess=0.05, luck=0.8)
    np.testing.assert_array_equal(guesses(StateSpaceIrt.from_parameters(of.parameters())), guesses(of))


def test_a_folder_from_before_there_was_luck_gets_that_of_day_zero() -> None:
    wrote = model(guess=0.05).parameters()
    older = {name: array[:-1] if name in {"day_zero", "hyperparameters"} else array for name, array in wrote.arrays.items()}
    assert StateSpaceIrt.from_parameters(Parameters(wrote.settings, older)).hyperparameters.luck == DAY_ZERO.luck


def test_intervals_of_what_stands_on_the_core_begin_where_guessing_ends() -> None:
    """Without networks its chance and interval are the core's, within what MacKay's approximation of the mean is off."""
    choices = catalog(tuple(OPTIONS))
    core, stacked = StateSpaceIrt(choices), Stack(choices)
    of_core, of_stack = (each.predict(each.initial_state(), ITEMS, None) for each in (core, stacked))
    np.testing.assert_allclose(of_stack.p_correct, of_core.p_correct, atol=0.003)
    assert np.all(of_stack.low > guesses(core))
    np.testing.assert_allclose(of_stack.low, of_core.low, atol=0.03)
    np.testing.assert_allclose(of_stack.high, of_core.high, atol=0.03)
