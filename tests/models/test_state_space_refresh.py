"""New attempts for items as they were fitted: against Bayes' rule on a grid, a fit of everything, and the rule that the rest stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
from scipy.special import expit

from adaptive.catalog import Catalog
from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt, Item, Skill
from adaptive.models.checks import CHECKS, Subject
from adaptive.models.checks.data import tiny_attempts
from adaptive.models.checks.subject import table_of
from adaptive.models.columns import ItemColumns
from adaptive.models.fitting import RefreshableModel
from adaptive.models.state_space import DAY_ZERO, OFF, Hyperparameters, StateSpaceIrt, simulate
from adaptive.models.state_space.arrays import Difficulty
from adaptive.protocols import Floats, Items

N_ITEMS, N_NEW, N_SKILLS, LENGTH = 100, 20, 5, 40
EVERY_NAME = frozenset(Hyperparameters._fields)
ITEMS = Items(tuple(f"q{i}" for i in range(N_ITEMS)), tuple((f"s{i % N_SKILLS}",) for i in range(N_ITEMS)))
"""The first N_NEW of these are new when the model is refreshed."""


@dataclass(frozen=True, slots=True)
class World:
    """Learners who meet items at random, 0-199 before the fit, 200-299 after it, 300-499 to judge; and the items' difficulties."""

    attempts: tuple[Attempt, ...]
    difficulty: Floats

    def table(self, keep: Callable[[int, int, bool], bool]) -> AttemptTable:
        """Attempts whose learner's number, place in the history and item (is it new?) are kept."""
        places = ((i // LENGTH, i % LENGTH, int(attempt.item_id[1:]) < N_NEW) for i, attempt in enumerate(self.attempts))
        return AttemptTable.from_attempts(a for a, place in zip(self.attempts, places, strict=True) if keep(*place))


@cache
def world() -> World:
    rng = np.random.default_rng(5)
    met = [
        Attempt(f"{n}-{i}", f"l{n:03}", ITEMS.item_ids[j], ITEMS.skill_ids[j], 0.0, sequence=i)
        for n in range(500)
        for i, j in enumerate(rng.integers(N_ITEMS, size=LENGTH))
    ]
    codes = AttemptTable.from_attempts(met).codes()
    truth = simulate(StateSpaceIrt().fitted, codes, np.random.default_rng(6))
    place = {item_id: code for code, item_id in enumerate(codes.item_ids)}
    answered = tuple(replace(attempt, correct=float(right)) for attempt, right in zip(met, truth.correct, strict=True))
    assert [codes.item_ids[code] for code in codes.item] == [attempt.item_id for attempt in met]
    return World(answered, truth.difficulty[[place[item_id] for item_id in ITEMS.item_ids]])


def later() -> AttemptTable:
    return world().table(lambda learner, _place, _new: 200 <= learner < 300)


@cache
def fitted() -> StateSpaceIrt:
    """At the hyperparameters that the answers were drawn from, which stay; it has not met the new items."""
    return StateSpaceIrt(fixed=EVERY_NAME).fit(world().table(lambda learner, _, new: learner < 200 and not new))


@cache
def refreshed() -> StateSpaceIrt:
    return fitted().refresh(later())


def known(model: StateSpaceIrt, items: Items = ITEMS) -> Difficulty:
    return model.fitted.bank.of(ItemColumns.of(items), 0.0)


def loss(model: StateSpaceIrt, table: AttemptTable, *, of_new: bool) -> float:
    codes = table.codes()
    p = model.table_logits(codes).p_correct
    is_new = np.array([int(item_id[1:]) < N_NEW for item_id in codes.item_ids])[codes.item]
    each = -(codes.correct * np.log(p) + (1.0 - codes.correct) * np.log1p(-p))
    return float(each[is_new == of_new].mean())


def answers(item: str, scores: list[float], *, first: int = 0, skills: tuple[str, ...] = ("a",)) -> list[Attempt]:
    """Each by a learner of their own."""
    return [Attempt(f"{item}-{n}", f"learner {n}", item, skills, score) for n, score in enumerate(scores, start=first)]


def test_the_model_can_be_refreshed() -> None:
    assert isinstance(fitted(), RefreshableModel)


def test_items_without_new_evidence_and_all_that_is_shared_stay_bit_for_bit() -> None:
    named = {f"q{i}" for i in range(50, 70)}
    some = [a for _, history in later().histories() for a in history if a.item_id in named]
    studied = [
        replace(a, attempt_id=f"{a.attempt_id}s", item_id=f"q{i}", study=True, correct=None) for a, i in ((some[0], 80), (some[1], 0))
    ]
    before, after = fitted().fitted, fitted().refresh(AttemptTable.from_attempts([*some, *studied])).fitted
    assert after.bank.items.ids == before.bank.items.ids
    is_named = np.array([item_id in named for item_id in before.bank.items.ids])
    assert is_named.sum() == 20
    of_items = ("difficulty", "variance", "log_discrimination", "steep_variance", "covariance")
    for name in of_items:
        old, new = getattr(before.bank, name), getattr(after.bank, name)
        np.testing.assert_array_equal(new[~is_named], old[~is_named], name)
        assert (new[is_named] != old[is_named]).all(), name
    assert (after.bank.variance[is_named] < before.bank.variance[is_named]).all()
    moved = {*of_items, "training_log_loss"}
    old_arrays, new_arrays = before.arrays(), after.arrays()
    for name in old_arrays.keys() - moved:
        np.testing.assert_array_equal(new_arrays[name], old_arrays[name], name)


def test_a_refresh_follows_bayes_rule() -> None:
    """One item, ability N(0, 1), an answer a learner: the joint posterior of difficulty and log discrimination on a grid.

    Modes stand for means, and the item's own variance widens the forecasts: a fourth of a posterior sd, and a sixth of a variance.
    """
    scores = (np.random.default_rng(2).random(60) < 0.3).astype(float).tolist()
    model = StateSpaceIrt(hyperparameters=OFF)
    once = model.refresh(AttemptTable.from_attempts(answers("q", scores))).fitted.bank
    half = model.refresh(AttemptTable.from_attempts(answers("q", scores[:30])))
    twice = half.refresh(AttemptTable.from_attempts(answers("q", scores[30:], first=30))).fitted.bank
    mean, covariance = _on_grid(scores)
    for bank in (once, twice):
        found = bank.difficulty[0], bank.log_discrimination[0]
        np.testing.assert_allclose(found, mean, atol=0.1)
        assert bank.variance[0] == pytest.approx(covariance[0, 0], rel=0.2)
        assert bank.steep_variance[0] == pytest.approx(covariance[1, 1], rel=0.15)
        assert bank.covariance[0] == pytest.approx(covariance[0, 1], abs=0.02)
    assert twice.variance[0] < half.fitted.bank.variance[0] < 1.0


def _on_grid(scores: list[float]) -> tuple[Floats, Floats]:
    """Posterior mean (2,) and covariance (2, 2) of difficulty, before N(0, 1), and log discrimination, before N(0, .1)."""
    ability = np.linspace(-6, 6, 121)
    weight = np.exp(-(ability**2) / 2)
    places = np.array([(b, d) for b in np.linspace(-4, 5, 181) for d in np.linspace(-1.5, 1.5, 61)])
    p = expit(np.exp(places[:, 1:]) * (ability - places[:, :1])) @ weight / weight.sum()
    log_density = sum(scores) * np.log(p) + (len(scores) - sum(scores)) * np.log1p(-p) - places**2 @ (0.5, 5.0)
    density = np.exp(log_density - log_density.max())
    density /= density.sum()
    off = places - density @ places
    return density @ places, (density * off.T) @ off


@pytest.mark.parametrize(
    ("is_first", "most"),
    [(lambda learner, _: learner < 250, 0.2), (lambda _, place: place < LENGTH // 2, 0.6)],
    ids=["learners apart", "histories cut in two"],
)
def test_refreshing_twice_ends_near_refreshing_once(is_first: Callable[[int, int], bool], most: float) -> None:
    """In standard deviations of the posterior, for the item farthest off: .12 and .48. The rest of a history begins as a new learner's."""

    def part(wanted: bool) -> AttemptTable:
        return world().table(lambda learner, place, _new: 200 <= learner < 300 and is_first(learner, place) is wanted)

    twice, once = known(fitted().refresh(part(True)).refresh(part(False))), known(refreshed())
    assert (np.abs(twice.mean - once.mean) / np.sqrt(once.variance)).max() < most
    np.testing.assert_allclose(twice.variance, once.variance, rtol=0.3)
    np.testing.assert_allclose(np.log(twice.discrimination), np.log(once.discrimination), atol=0.25)


def test_a_refresh_forecasts_as_if_the_items_were_fitted_to_all_attempts() -> None:
    """On learners of neither: within .002 nats of items fitted anew, and .02 better on new items than without (seed 5)."""
    judged = world().table(lambda learner, _place, _new: learner >= 300)
    everything = world().table(lambda learner, _, new: 200 <= learner < 300 or (learner < 200 and not new))
    fit = fitted().fit_items(everything.codes())
    for of_new in (True, False):
        assert loss(refreshed(), judged, of_new=of_new) == pytest.approx(loss(fit, judged, of_new=of_new), abs=0.002)
    assert loss(refreshed(), judged, of_new=True) < loss(fitted(), judged, of_new=True) - 0.02
    assert loss(refreshed(), judged, of_new=False) < loss(fitted(), judged, of_new=False)


def test_a_new_item_has_the_place_of_its_skill_and_joins_where_its_answers_put_it() -> None:
    """Standardised errors of 20 items, before and after: one of 40 normals is beyond 4.5 in 3,700 worlds; the seed is fixed."""
    before, after, bank = known(fitted()), known(refreshed()), fitted().fitted.bank
    typical = bank.typical(tuple(f"s{i % N_SKILLS}" for i in range(N_ITEMS)))
    np.testing.assert_allclose(before.mean[:N_NEW], typical[:N_NEW], rtol=0, atol=1e-12)
    assert (before.variance[:N_NEW] > bank.spreads.item).all()
    assert (before.discrimination[:N_NEW] == 1.0).all()
    assert (after.variance[:N_NEW] < 0.6 * before.variance[:N_NEW]).all()
    assert refreshed().fitted.bank.items.ids[:-N_NEW] == bank.items.ids
    for difficulty in (before, after):
        z = (difficulty.mean - world().difficulty)[:N_NEW] / np.sqrt(difficulty.variance[:N_NEW])
        assert np.abs(z).max() < 4.5
    assert np.corrcoef(after.mean[:N_NEW], world().difficulty[:N_NEW])[0, 1] > 0.8


def test_what_is_stated_of_an_item_is_where_a_refresh_starts() -> None:
    items = (Item("easy", ("a",), difficulty=-1.5), Item("hard", ("a",), difficulty=1.5), Item("plain", ("a",)))
    model = StateSpaceIrt(Catalog("c", skills=(Skill("a", difficulty=0.5),), items=items))
    of_items = Items(("easy", "hard", "plain"), (("a",),) * 3)
    new = [a for name in of_items.item_ids for a in answers(name, [1.0, 0.0])]
    before, after = known(model, of_items), known(model.refresh(AttemptTable.from_attempts(new)), of_items)
    assert after.mean[0] < after.mean[2] < after.mean[1]
    assert (np.abs(after.mean - before.mean) < 0.5).all()
    assert (after.variance < before.variance).all()


def test_a_skill_never_seen_stays_as_unsure_as_it_was_while_its_items_become_known() -> None:
    pair = Items(("first", "second"), (("unheard of",),) * 2)
    spreads = fitted().fitted.bank.spreads
    np.testing.assert_allclose(known(fitted(), pair).mean, spreads.overall)
    np.testing.assert_allclose(known(fitted(), pair).variance, spreads.item + spreads.skill)
    after = known(fitted().refresh(AttemptTable.from_attempts(answers("first", [0.0] * 16, skills=("unheard of",)))), pair)
    assert after.variance[0] < 0.5 * (spreads.item + spreads.skill)
    assert after.mean[0] > spreads.overall + 1.0
    assert (after.mean[1], after.variance[1]) == (spreads.overall, spreads.item + spreads.skill)


@pytest.mark.parametrize("name", [name for name in CHECKS if "loss" in name or "unknown" in name or "forecasts" in name])
def test_a_refreshed_model_keeps_the_contract_on_the_new_attempts(name: str) -> None:
    """`training_log_loss` among it: the mean log loss of `forecast` on the attempts that the model was refreshed with."""
    old, new = (table_of(tiny_attempts(np.random.default_rng(seed))) for seed in (3, 4))
    model = StateSpaceIrt(fixed=EVERY_NAME).fit(old).refresh(new)
    CHECKS[name](Subject(StateSpaceIrt, model, [history for _, history in new.histories()], new))


def test_a_refreshed_model_read_back_is_the_same_and_can_be_refreshed() -> None:
    loaded = StateSpaceIrt.from_parameters(refreshed().parameters())
    twice = [model.refresh(later()).parameters().arrays for model in (refreshed(), loaded)]
    assert twice[0].keys() == twice[1].keys()
    for name, values in twice[0].items():
        np.testing.assert_array_equal(values, twice[1][name])


def test_no_evidence_gives_an_equal_model() -> None:
    studied = [replace(a, correct=None, study=True) for a in answers("q3", [1.0])]
    for attempts in ([], studied):
        again = fitted().refresh(AttemptTable.from_attempts(attempts))
        for name, values in fitted().parameters().arrays.items():
            np.testing.assert_array_equal(again.parameters().arrays[name], values)
        assert again.fixed == EVERY_NAME


@pytest.mark.parametrize("score", [0.0, 0.4, 1.0])
def test_one_answer_is_enough(score: float) -> None:
    model = StateSpaceIrt().refresh(AttemptTable.from_attempts(answers("q", [score])))
    assert np.isfinite(model.fitted.bank.difficulty).all()
    assert 0.0 < model.fitted.bank.variance[0] < 1.0


def test_an_unfitted_copy_fits_as_the_model_did() -> None:
    h, table = DAY_ZERO._replace(gain_right=0.3), table_of(tiny_attempts(np.random.default_rng(3)))
    catalog = Catalog("c", skills=(Skill("halves", difficulty=-1.0),))
    model = StateSpaceIrt(catalog, hyperparameters=h, fixed=EVERY_NAME).fit(table)
    copy = model.unfitted()
    assert (copy.fixed, copy.hyperparameters, len(copy.fitted.bank.items)) == (EVERY_NAME, h, 0)
    assert np.isnan(copy.training_log_loss)
    for name, values in copy.fit(table).parameters().arrays.items():
        np.testing.assert_array_equal(values, model.parameters().arrays[name])
    fresh, items = StateSpaceIrt(catalog, hyperparameters=h), Items(("q1", "x"), (("halves",), ("new",)))
    expected = fresh.predict(fresh.initial_state(), items, None).p_correct
    np.testing.assert_array_equal(copy.predict(copy.initial_state(), items, None).p_correct, expected)
