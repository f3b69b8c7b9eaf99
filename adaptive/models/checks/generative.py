"""Contract checks of models that draw learners: for any other model they have nothing to check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.polynomial.polynomial import polyval

from adaptive.domain import Attempt
from adaptive.models.checks.data import TINY_ITEMS, TINY_SKILLS
from adaptive.models.checks.subject import Subject, require, require_equal
from adaptive.models.replay import replay
from adaptive.protocols import Draws, Floats, GenerativeModel

__all__ = [
    "check_advancing_is_asking_later",
    "check_draws_are_of_the_forecast_learner",
    "check_draws_of_skills_are_of_the_learner",
    "check_expected_gain_is_a_gain",
]

AnyGenerative: TypeAlias = GenerativeModel[Any]  # Any: a check never looks into a state

_N_DRAWS: Final = 4000
_Z: Final = 5.0
"""Standard errors that a mean of draws may lie off: for the 72 means of a model, a false alarm once in 24,000 seeds."""

_SAME: Final = 1e-9
"""Two ways to one number agree to this."""

_CHANCES: Final = np.linspace(0.0, 1.0, 101)
_LESSON_OFF: Final = 1e-3
"""The greatest share of a lesson may be off 1 by what its peak lies between `_CHANCES`."""


def check_draws_are_of_the_forecast_learner(subject: Subject) -> None:
    """Draws have one row a draw, lie in [0, 1], have the means that `predict` and `mastery` state, and follow from the seed."""
    model = subject.fitted
    if not isinstance(model, GenerativeModel):
        return
    for history in ([], *subject.histories[:2]):
        state, at = replay(model, history), _last_time(history)
        draws, again = (_drawn(model, state, at) for _ in range(2))
        require(draws.skill_ids == TINY_SKILLS.skill_ids, f"draws must name the skills that were asked for; got {draws.skill_ids}")
        _require_mean(draws.skill_success, model.mastery(state, TINY_SKILLS, at).expected_success, "skill")
        _require_mean(draws.item_success, model.predict(state, TINY_ITEMS, at).p_correct, "item")
        for name in ("skill_success", "item_success", "latent"):
            require_equal(getattr(again, name), getattr(draws, name), f"one seed must give one draw; {name} differs")


def check_advancing_is_asking_later(subject: Subject) -> None:
    """A state advanced to a moment answers as the state before does when asked about it; by no time, it stays as it is."""
    model = subject.fitted
    if not isinstance(model, GenerativeModel):
        return
    for history in subject.histories[:4]:
        state, now = replay(model, history), _last_time(history)
        if now is None:
            continue
        for to in (now, now + timedelta(days=40)):
            moved = model.advance(state, to)
            require(model.advance(moved, to) == moved, "advancing by no time must change nothing")
            for of_moved, of_state in (
                (model.predict(moved, TINY_ITEMS, to).p_correct, model.predict(state, TINY_ITEMS, to).p_correct),
                (model.mastery(moved, TINY_SKILLS, to).p_mastered, model.mastery(state, TINY_SKILLS, to).p_mastered),
            ):
                require(
                    bool(np.allclose(of_moved, of_state, rtol=0.0, atol=_SAME)), "a state advanced must answer as the one before does then"
                )


def check_expected_gain_is_a_gain(subject: Subject) -> None:
    """`expected_gain` has one finite value a draw and item, none below 0: an attempt teaches or does nothing."""
    model = subject.fitted
    if not isinstance(model, GenerativeModel):
        return
    for history in ([], *subject.histories[:2]):
        state, at = replay(model, history), _last_time(history)
        for days in (0, 30):
            gain = model.expected_gain(_drawn(model, state, at), TINY_ITEMS, timedelta(days=days))
            require(
                gain.shape == (_N_DRAWS, len(TINY_ITEMS)), f"expected_gain must have a row a draw and a column an item; got {gain.shape}"
            )
            require(bool(np.all(np.isfinite(gain) & (gain >= -_SAME))), "expected_gain must be finite and not below 0")


def check_draws_of_skills_are_of_the_learner(subject: Subject) -> None:
    """`draw_skills` has the mean success that `mastery` states, gains not below 0, a `lesson` of 1 at best, and follows from its seed."""
    model = subject.fitted
    if not isinstance(model, GenerativeModel):
        return
    for history in ([], *subject.histories[:2]):
        state, at = replay(model, history), _last_time(history)
        drawn, again = (model.draw_skills(state, TINY_SKILLS, n=_N_DRAWS, at=at, horizon=timedelta(days=14), seed=4) for _ in range(2))
        _require_mean(drawn.success, model.mastery(state, TINY_SKILLS, at).expected_success, "skill")
        require(drawn.gain.shape == drawn.success.shape, f"draws of gains must be of success's shape; got {drawn.gain.shape}")
        require(bool(np.all(np.isfinite(drawn.gain) & (drawn.gain >= -_SAME))), "gains must be finite and not below 0")
        share = polyval(_CHANCES, drawn.lesson)
        fits = bool(np.all(share >= -_SAME)) and abs(share.max() - 1.0) <= _LESSON_OFF
        require(fits, f"a lesson must not be below 0 and be 1 at best; got {drawn.lesson}")
        require_equal(again.success, drawn.success, "one seed must give one draw; success differs")
        require_equal(again.gain, drawn.gain, "one seed must give one draw; gain differs")


def _drawn(model: AnyGenerative, state: Any, at: datetime | None) -> Draws:  # Any: a state of any model
    return model.draw(state, TINY_ITEMS, TINY_SKILLS, n=_N_DRAWS, at=at, rng=np.random.default_rng(4))


def _require_mean(drawn: Floats, expected: Floats, of: str) -> None:
    require(drawn.shape == (_N_DRAWS, len(expected)), f"draws must have a row a draw and a column a {of}; got {drawn.shape}")
    require(bool(np.all((drawn >= 0.0) & (drawn <= 1.0))), f"draws of {of} success must lie in [0, 1]")
    allowed = _Z * np.sqrt(expected * (1.0 - expected) / _N_DRAWS) + _SAME  # no variable in [0, 1] varies more
    off = np.abs(drawn.mean(axis=0) - expected)
    require(bool(np.all(off <= allowed)), f"draws of {of} success must have the stated mean; off by up to {off.max():.3f}")


def _last_time(history: Sequence[Attempt]) -> datetime | None:
    return history[-1].occurred_at if len(history) else None
