"""The search for hyperparameters: two starts, of which the likelier one goes on."""

from __future__ import annotations

from copy import copy
from math import log

import numpy as np
import pytest

from adaptive.models.state_space import DAY_ZERO, Hyperparameters
from adaptive.models.state_space.priors import PRIORS, FreeHyperparameters
from adaptive.models.state_space.pyro_model import Surface, fit_hyperparameters
from adaptive.protocols import Floats

DRIFT = Hyperparameters(form_sd=1.2, form_kept=0.9985)
N_ANSWERS = 400


class Judged:
    """Held-out answers, all right, whose forecasts are .5 but near one place, where they rise by `height`."""

    def __init__(self, height: float, place: Hyperparameters = DRIFT) -> None:
        self.score, self._height, self._place = np.ones(N_ANSWERS), height, place
        self.n_refits, self.n_passes, self.ways = 0, 0, [self]
        self.moves: list[Floats | float] = []

    def apart(self) -> Judged:
        other = copy(self)
        other.moves = []
        self.ways.append(other)
        return other

    def refit(self, h: Hyperparameters) -> None:
        assert h.form_kept < 1.0
        self.n_refits += 1

    def responses(self, free: FreeHyperparameters, place: Floats) -> Floats:
        assert len(place) == len(free.names)
        return np.zeros((len(place), 1, 1))

    def forecasts(self, h: Hyperparameters, moved: Floats | float = 0.0) -> Floats:
        self.n_passes += 1
        self.moves.append(moved)
        kept = PRIORS["form_kept"]
        far = log(h.form_sd / self._place.form_sd) ** 2 + (kept.free(h.form_kept) - kept.free(self._place.form_kept)) ** 2
        return np.full(N_ANSWERS, 0.5 + self._height * np.exp(-far))


def found(judged: Judged, *fixed: str) -> Hyperparameters:
    free = FreeHyperparameters.of(DAY_ZERO, fixed)
    return fit_hyperparameters(judged, free, free.mean)  # type: ignore[arg-type]  # answers without a table


def test_a_drifting_ability_is_found_though_day_zero_does_not_slope_towards_it() -> None:
    h = found(Judged(0.3))
    assert h.form_sd == pytest.approx(DRIFT.form_sd, rel=0.1)
    assert 0.995 < h.form_kept < 0.999


def test_the_settled_start_stays_where_drift_is_unlikely() -> None:
    h = found(Judged(-0.3))
    assert h.form_kept == pytest.approx(DAY_ZERO.form_kept, abs=0.02)
    assert h.form_sd == pytest.approx(DAY_ZERO.form_sd, rel=0.2)


def test_the_likelier_way_alone_goes_on_and_each_has_items_of_its_own() -> None:
    judged = Judged(0.3)
    found(judged)
    settled, drifting = judged.ways
    assert settled.n_refits == 1  # nothing to win there, after one round
    assert drifting.n_refits > 1
    assert any(np.ndim(moved) for moved in drifting.moves)
    assert not any(np.ndim(moved) for moved in settled.moves)


def test_where_drift_is_fixed_there_is_one_way() -> None:
    judged = Judged(0.3)
    h = found(judged, "ability_sd", "form_sd", "form_kept")
    assert len(judged.ways) == 1
    assert (h.ability_sd, h.form_sd, h.form_kept) == (DAY_ZERO.ability_sd, DAY_ZERO.form_sd, DAY_ZERO.form_kept)


def test_a_place_asked_for_twice_is_reckoned_once() -> None:
    judged, free = Judged(0.3), FreeHyperparameters.of(DAY_ZERO, ())
    surface = Surface(judged, free)  # type: ignore[arg-type]  # answers without a table
    first = surface.log_likelihood(free.mean)
    assert surface.log_likelihood(free.mean) == first
    assert judged.n_passes == 1 + len(free.names)
    assert surface.log_likelihood(free.place(DRIFT)) > first


def test_items_follow_the_hyperparameters_from_where_they_were_fitted() -> None:
    judged, free = Judged(0.3), FreeHyperparameters.of(DAY_ZERO, ())
    responses = np.random.default_rng(0).normal(size=(len(free.names), 2, 3))
    start, place = free.mean, free.mean + 0.1
    Surface(judged, free, start, responses).log_likelihood(place)  # type: ignore[arg-type]  # answers without a table
    np.testing.assert_allclose(judged.moves[0], 0.1 * responses.sum(axis=0), rtol=1e-12)
    for moved, of_name in zip(judged.moves[1:], responses, strict=True):
        np.testing.assert_allclose(moved - judged.moves[0], 1e-3 * of_name, rtol=1e-6)
