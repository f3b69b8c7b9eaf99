"""A bank of any size over 200 skills, and learners in the middle of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from adaptive.catalog import Catalog
from adaptive.domain import Attempt, Item, Prerequisite, Skill
from adaptive.engine.learner import LearnerFold, LearnerState
from adaptive.models import replay
from adaptive.models.state_space import StateSpaceIrt

__all__ = ["NOW", "N_SKILLS", "bank_of", "history_of", "learners_of"]

N_SKILLS = 200
_WIDTH = 5
"""Skills of a layer; each stands on one to three of the layer before, as in the laboratory's worlds."""
_START = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = _START + timedelta(days=30)


def bank_of(n_items: int, seed: int = 0) -> Catalog:
    """Skills that grow harder layer by layer, items spread by one logit around them; one item in ten has a second skill of its layer."""
    rng = np.random.default_rng(seed)
    layer = np.arange(N_SKILLS) // _WIDTH
    hard = -2.0 + 4.0 * layer / layer.max()
    edges = [
        Prerequisite(f"s{before}", f"s{k}")
        for k in range(_WIDTH, N_SKILLS)
        for before in rng.choice(np.flatnonzero(layer == layer[k] - 1), int(rng.integers(1, 4)), replace=False)
    ]
    items = []
    for i in range(n_items):
        k = i % N_SKILLS
        beside = (k // _WIDTH) * _WIDTH + (k + 1) % _WIDTH
        skills = (f"s{k}", f"s{beside}") if rng.random() < 0.1 else (f"s{k}",)
        items.append(Item(f"q{i}", skills, difficulty=float(hard[k] + rng.normal())))
    skills = tuple(Skill(f"s{k}", difficulty=float(hard[k])) for k in range(N_SKILLS))
    return Catalog(f"bank of {n_items}", "logit", skills, tuple(items), tuple(edges))


def history_of(catalog: Catalog, learner: int, n_attempts: int = 120) -> list[Attempt]:
    """Attempts on the lower layers, more often right there than above."""
    rng, history = np.random.default_rng(1000 + learner), []
    reach = int(rng.integers(20, 120))
    for n in range(n_attempts):
        k = min(int(rng.integers(0, reach)), int(rng.integers(0, reach)))
        item = catalog.items[k + N_SKILLS * int(rng.integers(len(catalog.items) // N_SKILLS))]
        at = _START + timedelta(hours=int(n * 24 * 29 / n_attempts))
        right = float(rng.random() < 0.9 - 0.5 * k / reach)
        history.append(Attempt(f"a{learner}-{n}", f"l{learner}", item.item_id, item.skill_ids, correct=right, occurred_at=at))
    return history


def learners_of(catalog: Catalog, model: StateSpaceIrt, n: int) -> list[LearnerState[Any]]:  # Any: the model's own state
    """States of n learners after their histories."""
    return [replay(LearnerFold(model), history_of(catalog, learner)) for learner in range(n)]
