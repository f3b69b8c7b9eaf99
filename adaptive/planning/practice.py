"""Practising one skill until mastery, simulated: who answers, what is learned, and how many attempts that takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import numpy as np
from scipy.special import logit, ndtri

from adaptive.domain import MASTERED_AT, PROMOTE_AT, Attempt
from adaptive.protocols import AbilityPrior, Ints, Items, LearnerModel, Skills

__all__ = ["ModelPractice", "Practice", "TwoStatePractice", "attempts_to_mastery", "practice_teaches"]

StateT = TypeVar("StateT")

NOT_REACHED: Final = -1

_PRIOR_SD: Final = 0.87
"""Logits; what is unknown of one skill after an average test: .8 of its own and the test's .33 (placement page)."""


class Practice(Protocol[StateT]):
    """One skill's practice as a process: what is believed of the learner, and how an answer changes it."""

    def begin(self, p_mastered: float) -> StateT:
        """A learner of whom that is believed."""

    def p_mastered(self, state: StateT) -> float:
        """P(mastered) in that state."""

    def p_correct(self, state: StateT, n_done: int) -> float:
        """P(correct) of the next item after so many."""

    def answered(self, state: StateT, n_done: int, *, correct: bool) -> StateT:
        """The state after that answer to the next item."""


@dataclass(frozen=True, slots=True)
class ModelPractice:
    """Practice as a learner model sees it: its own forecasts, its own update; items taken in turn.

    Answers drawn from the forecast, each folded into the state before the next, follow the model's joint distribution
    of answers exactly (chain rule), so learning while practising is in it and any learner model can be simulated.
    """

    model: LearnerModel[Any]  # Any: each model has its own state
    skill: Skills
    items: tuple[Items, ...]
    attempts: tuple[tuple[Attempt, Attempt], ...]

    @classmethod
    def of(cls, model: LearnerModel[Any], skill_id: str, item_ids: Sequence[str]) -> ModelPractice:  # Any: as above
        """Practice on those items, each taken as an item of this skill alone."""
        skills = (skill_id,)
        items = tuple(Items((item_id,), (skills,)) for item_id in item_ids)
        attempts = tuple(
            (Attempt("wrong", "simulated", item_id, skills, 0.0), Attempt("right", "simulated", item_id, skills, 1.0))
            for item_id in item_ids
        )
        return cls(model, Skills(skills), items, attempts)

    def begin(self, p_mastered: float) -> Any:  # Any: as above
        """The model's state after a placement of this skill alone that says so."""
        mean = logit(MASTERED_AT) + _PRIOR_SD * ndtri(p_mastered)
        return self.model.initial_state(AbilityPrior(self.skill.skill_ids, np.array([mean]), np.array([[_PRIOR_SD**2]])))

    def p_mastered(self, state: Any) -> float:  # Any: as above
        """P(mastered) in that state."""
        return float(self.model.mastery(state, self.skill, None).p_mastered[0])

    def p_correct(self, state: Any, n_done: int) -> float:  # Any: as above
        """P(correct) of the next item after so many."""
        return float(self.model.predict(state, self.items[n_done % len(self.items)], None).p_correct[0])

    def answered(self, state: Any, n_done: int, *, correct: bool) -> Any:  # Any: as above
        """The state after that answer to the next item."""
        return self.model.update(state, self.attempts[n_done % len(self.attempts)][correct])


@dataclass(frozen=True, slots=True)
class TwoStatePractice:
    """A standard learner, for models in which practice does not teach: known or not, state = P(known).

    Guess .20, slip .10 and learning .15 per attempt lie in the middle of published fits of Bayesian knowledge tracing
    (Corbett & Anderson 1995 and after).

    >>> round(TwoStatePractice().answered(0.5, 0, correct=True), 3)
    0.845
    """

    guess: float = 0.20
    slip: float = 0.10
    learn: float = 0.15

    def begin(self, p_mastered: float) -> float:
        """P(known)."""
        return p_mastered

    def p_mastered(self, state: float) -> float:
        """P(known)."""
        return state

    def p_correct(self, state: float, n_done: int) -> float:  # noqa: ARG002 - its items are all alike
        """P(known) (1 - slip) + P(not known) guess."""
        return state * (1.0 - self.slip) + (1.0 - state) * self.guess

    def answered(self, state: float, n_done: int, *, correct: bool) -> float:
        """Bayes' rule, then learning."""
        p_correct = self.p_correct(state, n_done)
        known = state * (1.0 - self.slip) / p_correct if correct else state * self.slip / (1.0 - p_correct)
        return known + (1.0 - known) * self.learn


def practice_teaches(practice: Practice[StateT]) -> bool:
    """Whether, as the model sees it, practice leads to mastery: more get there than could by being found out to know.

    Of learners with P(mastered) = .10, at most .10 / .95 reach .95 without learning, however long they practise: there
    P(mastered) is a martingale (Ville's inequality). So a share above .20 within 30 attempts is learning; 24 learners
    tell, because `attempts_to_mastery` spreads less than chance.

    >>> practice_teaches(TwoStatePractice()), practice_teaches(TwoStatePractice(learn=0.0))
    (True, False)
    """
    attempts = attempts_to_mastery(practice, 0.10, n=24, cap=30, rng=np.random.default_rng(0))
    return float((attempts != NOT_REACHED).mean()) > 0.20


def attempts_to_mastery(practice: Practice[StateT], p_mastered: float, *, n: int, cap: int, rng: np.random.Generator) -> Ints:
    """Attempts that each of `n` simulated learners needs from there, sorted, (n,); NOT_REACHED after `cap`, at the end.

    Learners whom the model cannot tell apart to three digits move together: of m with P(correct) = p, m p answer right,
    rounded at random. That is unbiased, spreads less than independent draws, and costs one update per kind of learner.

    >>> attempts_to_mastery(TwoStatePractice(), 0.5, n=8, cap=40, rng=np.random.default_rng(0)).tolist()
    [2, 2, 2, 2, 4, 7, 11, 11]
    """
    needed: list[int] = []
    practising = [(practice.begin(p_mastered), n)]
    for n_done in range(cap + 1):
        alike: dict[tuple[float, float], tuple[StateT, int]] = {}
        for state, m in practising:
            estimate, p_correct = practice.p_mastered(state), practice.p_correct(state, n_done)
            if estimate >= PROMOTE_AT:
                needed += [n_done] * m
                continue
            first, already = alike.get(key := (round(estimate, 3), round(p_correct, 3)), (state, 0))
            alike[key] = (first, already + m)
        practising = []
        for (_, p_correct), (state, m) in alike.items():
            n_right = int(m * p_correct + rng.random())
            practising += [
                (practice.answered(state, n_done, correct=correct), k) for correct, k in ((True, n_right), (False, m - n_right)) if k
            ]
    return np.array(needed + [NOT_REACHED] * (n - len(needed)))
