"""Recommendations as logged decisions: what was shown, with which probability, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

__all__ = ["Decision", "Doubt", "Mode", "Reason", "RunnerUp", "ShownItem", "StuckSkill"]

Mode: TypeAlias = Literal["learn", "review", "mixed", "diagnostic"]
"""What a recommendation is wanted for."""

Doubt: TypeAlias = Literal["not_enough_data", "model_unsure", "coin_flip", "foregone"]
"""Why an answer cannot be told beforehand: too few answers on the skills, a model that is unsure of learner or item, or chance alone."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One named term of a choice: `value` is what was measured, `weight` its share of the score, `text` plain words.

    The weights of an item's reasons sum to its score: temperature log p, less the mean of that over all that could be drawn.
    """

    code: str
    weight: float
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """The best other candidate when an item was drawn, and why it was not chosen.

    `differences` are the terms of the item drawn less its own, what spoke for the item drawn first; they sum to the difference of the
    two scores, and `value` is the runner-up's. Where it could not be drawn `propensity` is 0, `score` None, and `text` says why.
    """

    item_id: str
    skill_ids: tuple[str, ...]
    propensity: float
    score: float | None
    differences: tuple[Reason, ...]
    text: str


@dataclass(frozen=True, slots=True)
class ShownItem:
    """A recommended item; `propensity` is conditional on the ranks before it, and so is `runner_up`: None where nothing else was there.

    `information`, nats in [0, ln 2], is what its answer would tell of what is not known of learner and item, None where the model has
    no posterior to draw from; `doubt` says in a word what the doubt about the answer is. Decisions from before have neither.
    `zone_probability` and `expected_gain` come from the same joint draws (decision 0012); without a posterior the one is made from
    marginals, and the other None. `score` is the sum of the reasons' weights; exp(score / temperature) goes with the propensity.
    """

    rank: int
    item_id: str
    skill_ids: tuple[str, ...]
    purpose: str
    propensity: float
    p_correct: float
    p_correct_interval: tuple[float, float]
    p_mastery: float
    zone_probability: float
    expected_gain: float | None
    reasons: tuple[Reason, ...]
    constraints_applied: tuple[str, ...] = ()
    information: float | None = None
    doubt: Doubt | None = None
    score: float | None = None
    runner_up: RunnerUp | None = None


@dataclass(frozen=True, slots=True)
class StuckSkill:
    """A wanted skill that many attempts have not mastered, and the prerequisite of it to go on with: None where all are mastered."""

    skill_id: str
    next_skill_id: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """One answer to "what next?", complete enough to be replayed and evaluated off-policy.

    `k`, `goal_skill_ids` (empty: the whole catalogue), `exclude_item_ids`, the place in a session (`items_done`, `minutes_left`; None:
    unknown), the skills that a plan asks for now and those that a teacher pinned are what was asked; with the seed, the time and the log
    as of `state_version` they give the same decision again.
    """

    decision_id: str
    tenant_id: str
    learner_id: str
    at: datetime
    mode: Mode
    status: str
    policy_version: str
    model_version: str
    catalog_version: str
    state_version: int
    seed: int
    n_candidates: int
    zone_item_ids: tuple[str, ...]
    shown: tuple[ShownItem, ...]
    runners_up: tuple[tuple[str, float], ...]
    constraints_applied: tuple[str, ...] = ()
    degraded: str | None = None
    outcome: str | None = None
    k: int = 1
    goal_skill_ids: tuple[str, ...] = ()
    exclude_item_ids: tuple[str, ...] = ()
    items_done: int | None = None
    minutes_left: float | None = None
    stuck: tuple[StuckSkill, ...] = ()
    plan_skill_ids: tuple[str, ...] = ()
    pinned_skill_ids: tuple[str, ...] = ()
