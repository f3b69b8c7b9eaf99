"""Families of items: what an item that nobody met takes from the others of its family, and nothing where no family is stated."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from adaptive.catalog import Catalog
from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt, Item, Skill
from adaptive.models.columns import ItemColumns
from adaptive.models.state_space import OFF, Hyperparameters, StateSpaceIrt, simulate
from adaptive.models.state_space.families import FamilyEffects
from adaptive.models.state_space.parameters import Fitted, Spreads
from adaptive.protocols import Floats, Items

N_SKILLS, N_FAMILIES, N_EACH, N_NEW = 5, 40, 8, 3
EVERY_NAME = frozenset(Hyperparameters._fields)
IDS = tuple(f"q{i}" for i in range(N_FAMILIES * N_EACH))
FAMILY = np.arange(len(IDS)) // N_EACH
IS_NEW = np.arange(len(IDS)) % N_EACH < N_NEW
"""These are never met before the judging."""
SKILLS = tuple((f"s{family % N_SKILLS}",) for family in FAMILY)
ITEMS = Items(IDS, SKILLS)


def catalog(*, names: bool = True) -> Catalog:
    items = tuple(Item(IDS[i], SKILLS[i], family_id=f"f{FAMILY[i]}" if names else None) for i in range(len(IDS)))
    return Catalog("families", skills=tuple(Skill(f"s{k}") for k in range(N_SKILLS)), items=items)


def model(*, names: bool = True) -> StateSpaceIrt:
    return StateSpaceIrt(catalog(names=names), hyperparameters=OFF, fixed=EVERY_NAME)


def with_spreads(fitted: Fitted, spreads: Spreads) -> Fitted:
    of_families = np.full(len(fitted.bank.family_effect), spreads.family)
    return replace(fitted, bank=replace(fitted.bank, spreads=spreads, family_variance=of_families))


@cache
def drawn(item: float = 0.2, family: float = 0.6) -> tuple[AttemptTable, Floats]:
    """400 learners of 40 attempts on items at random, those that are new left out; and every item's true difficulty."""
    rng = np.random.default_rng(3)
    met = [
        Attempt(f"{n}-{i}", f"l{n:03}", IDS[j], SKILLS[j], 0.0, sequence=i)
        for n in range(400)
        for i, j in enumerate(rng.integers(len(IDS), size=40))
    ]
    codes, fitted = AttemptTable.from_attempts(met).codes(), with_spreads(model().fitted, Spreads(item=item, family=family))
    truth = simulate(fitted, codes, np.random.default_rng(4))
    answered = (replace(attempt, correct=float(right)) for attempt, right in zip(met, truth.correct, strict=True))
    difficulty = np.zeros(len(IDS))
    difficulty[[int(item_id[1:]) for item_id in codes.item_ids]] = truth.difficulty
    return AttemptTable.from_attempts(a for a in answered if not IS_NEW[int(a.item_id[1:])]), difficulty


@cache
def fitted(item: float = 0.2, family: float = 0.6) -> StateSpaceIrt:
    return model().fit(drawn(item, family)[0])


def known(of: StateSpaceIrt, items: Items = ITEMS) -> tuple[Floats, Floats]:
    found = of.fitted.bank.of(ItemColumns.of(items), 0.0)
    return found.mean, found.variance


def test_an_item_never_met_is_as_hard_as_its_family() -> None:
    """120 new items of 40 families; with skills alone little is known of them."""
    truth = drawn()[1][IS_NEW]
    by_family, by_skill = known(fitted())[0][IS_NEW], known(model(names=False).fit(drawn()[0]))[0][IS_NEW]
    assert np.corrcoef(by_family, truth)[0, 1] > 0.8
    assert ((by_family - truth) ** 2).mean() < 0.7 * ((by_skill - truth) ** 2).mean()


def test_its_variance_says_how_far_off_that_is() -> None:
    """The mean of 120 squared standardised errors, three a family: its standard deviation is about .2, so .5 to 1.6 alarms once in 300."""
    mean, variance = known(fitted())
    z = (drawn()[1] - mean) / np.sqrt(variance)
    assert 0.5 < (z[IS_NEW] ** 2).mean() < 1.6
    assert 0.6 < (z[~IS_NEW] ** 2).mean() < 1.5


def test_new_items_of_a_known_family_are_surer_than_those_of_an_unknown_one() -> None:
    spreads = fitted().fitted.bank.spreads
    strange = Items(("x1", "x2"), (("s0",), ("unheard of",)))
    of_strange, of_new = known(fitted(), strange)[1], known(fitted())[1][IS_NEW]
    assert np.all((spreads.item < of_new) & (of_new < spreads.item + 0.5 * spreads.family))
    assert np.all(of_strange > spreads.item + spreads.family)


def test_a_hard_family_lowers_the_forecast_of_its_new_items() -> None:
    families = drawn()[1].reshape(N_FAMILIES, N_EACH).mean(axis=1)
    easiest, hardest = (int(i) * N_EACH for i in (families.argmin(), families.argmax()))
    of = fitted()
    asked = Items((IDS[hardest], IDS[easiest]), (SKILLS[hardest], SKILLS[easiest]))
    p_correct = of.predict(of.initial_state(), asked, None).p_correct
    assert p_correct[0] < p_correct[1] - 0.3


def test_spreads_are_learned() -> None:
    """Against what was drawn: with 40 families, 5 skills and 10 imagined families of .32 the relative standard error is about .2."""
    of_families = drawn()[1].reshape(N_FAMILIES, N_EACH)
    within = of_families.var(axis=1, ddof=1).mean()
    between = of_families.mean(axis=1).reshape(-1, N_SKILLS).var(axis=0, ddof=1).mean() - within / N_EACH
    spreads = fitted().fitted.bank.spreads
    assert spreads.item == pytest.approx(within, rel=0.4)
    assert spreads.family == pytest.approx(between, rel=0.5)


def test_families_that_mean_nothing_lose_their_spread() -> None:
    """They start with half of what lies within a skill, and have less than a fourth of it after twelve passes."""
    spreads = fitted(0.6, 0.0).fitted.bank.spreads
    assert spreads.item == pytest.approx(0.6, rel=0.2)
    assert spreads.family < 0.33 * spreads.item


def test_families_come_back_from_the_folder() -> None:
    again = StateSpaceIrt.from_parameters(fitted().parameters())
    np.testing.assert_array_equal(known(again), known(fitted()))
    assert again.fitted.bank.spreads == fitted().fitted.bank.spreads
    np.testing.assert_array_equal(known(again.fit(drawn()[0])), known(fitted()))


def test_a_warm_fit_of_items_stays_where_it_is() -> None:
    """Four more passes; twelve leave differences of a few hundredths, .051 at most here."""
    warm = fitted().fit_items(drawn()[0].codes(), warm=True)
    np.testing.assert_allclose(known(warm)[0], known(fitted())[0], atol=0.07)
    assert warm.fitted.bank.spreads.family == pytest.approx(fitted().fitted.bank.spreads.family, rel=0.1)


def test_a_refresh_starts_new_items_from_their_family() -> None:
    """Two right answers move a new item of a hard family down from where the family is, and leave the families alone."""
    hardest = int(known(fitted())[0][IS_NEW].argmax())
    j = int(np.flatnonzero(IS_NEW)[hardest])
    attempts = AttemptTable.from_attempts(Attempt(f"a{n}", f"new{n}", IDS[j], SKILLS[j], 1.0) for n in range(2))
    before, after = known(fitted()), known(fitted().refresh(attempts))
    assert before[0][j] - 1.0 < after[0][j] < before[0][j]
    assert after[1][j] < before[1][j]
    np.testing.assert_array_equal(np.delete(after, j, axis=1), np.delete(before, j, axis=1))


def test_without_families_nothing_is_added() -> None:
    start = StateSpaceIrt().fitted.bank
    effects = FamilyEffects(start, ["q1", "q2"])
    effects.pool(np.ones(2), np.ones(2), start.spreads.family)
    np.testing.assert_array_equal(effects.of_items, np.zeros((2, 2)))
    np.testing.assert_array_equal(effects.own_share(np.ones(2), start.spreads.family), np.ones(2))
    plain = model(names=False).fit(drawn()[0]).fitted.bank.spreads
    assert plain.family == 0.0
    assert plain.item > 1.5 * fitted().fitted.bank.spreads.item


def test_before_data_an_item_is_as_unsure_with_a_family_as_without() -> None:
    np.testing.assert_allclose(known(model())[1], known(model(names=False))[1], rtol=1e-12)
