"""Family A: each skill is known or not; practice makes it known, the sooner the more of its prerequisites are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import numpy as np
from scipy.special import expit, logit

from adaptive.domain import MASTERED_AT, READY_AT
from adaptive.evaluation.laboratory.families.drawn import Moved, fit_named
from adaptive.evaluation.laboratory.families.worlds import SkillWorld
from adaptive.evaluation.laboratory.family import State
from adaptive.protocols import Floats, Ints

__all__ = ["BktFamily"]

_MOVED: Final = {
    "p_init": Moved(0.02, 0.7, centre=0.35),
    "p_learn": Moved(0.03, 0.4),
    "guess": Moved(0.05, 0.35),
    "slip": Moved(0.02, 1.0 - MASTERED_AT),
}
"""P(known at first) is fitted at .64: two thirds of what ASSISTments sets is known before, and a guess of .5 hides the rest."""

_LEARNER_SD: Final = 1.2
"""Bound on the spread of learners' logit of P(known at first), which is fitted at 2.7: most would know all or nothing."""

_FORGET_RATE: Final = Moved(0.005, 0.06, centre=0.023)
"""A day. Fitted on cloze at .27, to gaps of minutes: overnight a fifth would go. The centre is what the core's power law, fitted to the
same attempts, keeps over 14 days: (15 days) ** -.12 = .72."""

_HARD_SHARE, _HARD, _SLOW = 0.5, 0.05, (0.2, 0.5)
"""Half the prerequisites gate (a twentieth of the rate while they are missing), half slow to a fifth to a half. Ours."""


class BktFamily:
    """P(correct) = 1 - slip_i where the item's skill is known, else guess_i (Corbett & Anderson 1995).

    known_lk at first: P = p_init_k shifted by the learner's u_l in logits, times `gates` of the prerequisites that are not known.
    An attempt, right or wrong: P(unknown becomes known) = p_learn_k shifted by v_l in logits, times those gates. Rest: known becomes
    unknown at a rate per day. u_l, v_l are normal; guess_i and slip_i lie around their skill's, in logits.

    >>> rng = np.random.default_rng(0)
    >>> world = BktFamily(rng, n_skills=15)
    >>> state = world.learners(3, rng)
    >>> world.success(state).shape, bool(world.p_correct(state).max() < 1.0)
    ((3, 15), True)
    """

    name: ClassVar[str] = "bkt"
    item_skills: Sequence[Sequence[int]]
    prerequisites: Sequence[tuple[int, int]]

    def __init__(self, rng: np.random.Generator, n_skills: int | None = None) -> None:
        self._world = world = SkillWorld.drawn(rng, n_skills)
        self.item_skills, self.prerequisites = world.item_skills, world.prerequisites
        n, spreads = world.n_skills, fit_named("bkt_learners_items")
        of_skills = fit_named("bkt").drawn(n, rng, _MOVED)
        self._p_init, self._p_learn, self._guess, self._slip = (of_skills[name] for name in _MOVED)
        self._forget_rate = fit_named("bkt_forgetting").drawn(n, rng, {"forget_rate": _FORGET_RATE})["forget_rate"]
        self._learner_sd = min(spreads.value("learner_sd"), _LEARNER_SD)
        slopes = fit_named("slopes_learners_items")
        self._rate_sd = slopes.value("rate_sd") / slopes.value("mean_slope")
        is_hard = rng.random(world.required.shape) < _HARD_SHARE
        self._gate = np.where(is_hard, _HARD, rng.uniform(*_SLOW, world.required.shape))  # (n_skills, most prerequisites)
        easier = world.centred(spreads.value("item_sd") * rng.standard_normal(len(world.item_skill)))
        guess, success = (logit(of_skill)[world.item_skill] + easier for of_skill in (self._guess, 1.0 - self._slip))
        self._item_guess = np.minimum(expit(guess), READY_AT - 0.15)  # whoever does not know is not ready, on any item
        self._item_lift = np.maximum(expit(success), MASTERED_AT - 0.15) - self._item_guess

    def learners(self, n: int, rng: np.random.Generator) -> State:
        """`known` (n, n_skills) of 0 and 1; `rate` (n,) in logits."""
        ease, known = self._learner_sd * rng.standard_normal(n), np.zeros((n, self._world.n_skills))
        for k in range(self._world.n_skills):  # prerequisites come first
            p_known = expit(logit(self._p_init[k]) + ease) * self._gates(known, np.full(n, k))
            known[:, k] = rng.random(n) < p_known
        return {"known": known, "rate": self._rate_sd * rng.standard_normal(n)}

    def p_correct(self, state: State) -> Floats:
        """(n, n_items) 1 - slip or guess."""
        p = np.take(state["known"], self._world.item_skill, axis=1)
        p *= self._item_lift
        p += self._item_guess
        return np.asarray(p, dtype=np.float64)

    def p_answer(self, state: State, item: Ints) -> Floats:
        """(n,) of one item each."""
        known = state["known"][np.arange(len(item)), self._world.item_skill[item]]
        return np.asarray(known * self._item_lift[item] + self._item_guess[item], dtype=np.float64)

    def success(self, state: State) -> Floats:
        """(n, n_skills) 1 - slip or guess of the skill's typical item."""
        return np.asarray(self._guess + state["known"] * self._lift, dtype=np.float64)

    def practise(self, state: State, item: Ints, correct: Floats, rng: np.random.Generator) -> State:  # noqa: ARG002 - right and wrong teach alike
        """Known by chance where it was not."""
        skill, everyone = self._world.item_skill[item], np.arange(len(item))
        p_learn = expit(logit(self._p_learn[skill]) + state["rate"]) * self._gates(state["known"], skill)
        known = state["known"].copy()
        known[everyone, skill] = np.maximum(known[everyone, skill], rng.random(len(item)) < p_learn)
        return {**state, "known": known}

    def rest(self, state: State, days: float, rng: np.random.Generator) -> State:
        """Forgotten by chance."""
        kept = rng.random(state["known"].shape) < np.exp(-self._forget_rate * days)
        return {**state, "known": state["known"] * kept}

    def gain(self, state: State, days: float) -> Floats:
        """(n, n_items): P(learned) P(kept) (1 - slip - guess) / n_skills where the skill is unknown."""
        known = state["known"]
        missing = np.concatenate([1.0 - known, np.zeros((len(known), 1))], axis=1)
        p_learn = expit(logit(self._p_learn) + state["rate"][:, None])  # (n, n_skills)
        for required, gate in zip(self._world.required.T, self._gate.T, strict=True):
            p_learn *= 1.0 - missing[:, required] * (1.0 - gate)
        lasting = np.exp(-self._forget_rate * days) * self._lift / self._world.n_skills
        return np.asarray(np.take((1.0 - known) * p_learn * lasting, self._world.item_skill, axis=1), dtype=np.float64)

    @property
    def _lift(self) -> Floats:
        return np.asarray(1.0 - self._slip - self._guess, dtype=np.float64)

    def _gates(self, known: Floats, skill: Ints) -> Floats:
        """(n,) the product of the gates of what the skill of each learner builds on and the learner does not know."""
        padded = np.concatenate([known, np.ones((len(known), 1))], axis=1)
        missing = 1.0 - padded[np.arange(len(skill))[:, None], self._world.required[skill]]
        return np.asarray(np.prod(1.0 - missing * (1.0 - self._gate[skill]), axis=1), dtype=np.float64)
