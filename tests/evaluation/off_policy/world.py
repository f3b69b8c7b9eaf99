"""A class that practised by the threshold policy, and logged choices drawn from a known bandit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from adaptive.catalog import Catalog
from adaptive.domain import Attempt, Decision, Item, Prerequisite, Skill
from adaptive.engine import Engine, RecommendationRequest
from adaptive.evaluation.off_policy import Choices
from adaptive.models import build_model
from adaptive.protocols import Floats
from adaptive.serving.call import TENANT
from adaptive.storage import Store

__all__ = ["CATALOG", "START", "TENANT", "TRUE_VALUE", "bandit", "engine_over", "practise", "with_weights"]

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SKILLS = ("halves", "sums", "ratios")
CATALOG = Catalog(
    name="fractions",
    scale="rit",
    skills=tuple(
        Skill(skill_id, title=skill_id, grade=grade, domain="NF", difficulty=rit)
        for skill_id, grade, rit in zip(SKILLS, "345", (185.0, 195.0, 210.0), strict=True)
    ),
    items=tuple(Item(f"{skill_id}-{n}", (skill_id,), family_id=skill_id) for skill_id in SKILLS for n in range(12)),
    prerequisites=(Prerequisite("halves", "sums"), Prerequisite("sums", "ratios", weight=0.8)),
)


def engine_over(store: Store, model: str = "bkt") -> Engine[Any]:  # Any: each model has its own state
    return Engine(store, build_model(model, CATALOG), CATALOG, model_version=f"{model}-day-zero-{CATALOG.version}")


def practise(engine: Engine[Any], *, n_learners: int, n_days: int, per_day: int, seed: int = 0) -> list[Decision]:
    """Every learner asks, answers and asks again, days in a row; some answers arrive after later ones, some never."""
    rng, made = np.random.default_rng(seed), []
    for learner in range(n_learners):
        p_right, held_back = rng.uniform(0.3, 0.95), []
        for step in range(n_days * per_day):
            at = START + timedelta(days=step // per_day, minutes=step % per_day)
            request, name = RecommendationRequest(f"learner-{learner}"), f"{learner}-{step}"
            decision = engine.recommend(TENANT, request, decision_id=f"d-{name}", at=at, seed=int(rng.integers(2**32)))
            made.append(decision)
            if not decision.shown:
                continue
            correct = float(rng.random() < p_right)
            answer = Attempt(f"a-{name}", request.learner_id, decision.shown[0].item_id, (), correct, at + timedelta(seconds=30))
            if rng.random() < 0.1:
                held_back.append(answer)
                continue
            engine.record(TENANT, answer)
            if held_back and rng.random() < 0.5:  # so that later answers, and decisions on them, came first
                engine.record(TENANT, held_back.pop())
    return made


def bandit(rng: np.random.Generator, n_learners: int, *, per_learner: int = 6, n_items: int = 5) -> tuple[Choices, Floats, float]:
    """Choices of a softmax log beside another softmax, rewards whose learners differ, and the target's true value.

    A reward is 1 with probability .2 + .5 (item's feature) + the learner's own part, uniform in [-.15, .15].
    """
    n = n_learners * per_learner
    learner = np.repeat(np.arange(n_learners), per_learner)
    feature = rng.uniform(size=(n, n_items))
    p_logged, p_target = (weights / weights.sum(axis=1, keepdims=True) for weights in (np.exp(-feature), np.exp(2.0 * feature)))
    own = rng.uniform(-0.15, 0.15, n_learners)[learner]
    chosen = np.array([rng.choice(n_items, p=p) for p in p_logged])
    rows = np.arange(n)
    reward = (rng.random(n) < 0.2 + 0.5 * feature[rows, chosen] + own).astype(np.float64)
    choices = Choices(
        learner=learner,
        propensity=p_logged[rows, chosen],
        p_target=p_target[rows, chosen],
        unsupported=np.zeros(n),
        features=feature[rows, chosen][:, None],
        target_features=np.sum(p_target * feature, axis=1, keepdims=True),
    )
    return choices, reward, TRUE_VALUE


def _true_value() -> float:
    """.2 + .5 E[sum of pi(a) feature(a)], over a million draws of five features."""
    feature = np.random.default_rng(1).uniform(size=(1_000_000, 5))
    weights = np.exp(2.0 * feature)
    return float(0.2 + 0.5 * np.mean(np.sum(weights * feature, axis=1) / weights.sum(axis=1)))


TRUE_VALUE = _true_value()


def with_weights(choices: Choices, weight: Floats) -> Choices:
    """The same decisions, of those weights (all at most 2)."""
    return replace(choices, propensity=np.full(len(weight), 0.5), p_target=0.5 * weight)
