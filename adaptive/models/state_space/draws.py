"""Joint draws of a learner, and what attempting an item once is worth in each."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from scipy import sparse
from scipy.special import expit

from adaptive.models.columns import ItemColumns
from adaptive.models.state_space.arrays import LEARNER_MEAN, SLOPE, Difficulty, Ground
from adaptive.models.state_space.asked import AskedItems, AskedSkills, LearnerThen
from adaptive.models.state_space.hyperparameters import Hyperparameters
from adaptive.models.state_space.skill_draws import Learning, learning_rate, readiness, rise, spaced
from adaptive.protocols import Draws, Floats, Ints

__all__ = ["draw_learner", "drawn_items", "expected_gain"]


def drawn_items(items: Difficulty, first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Difficulties and discriminations that two standard normals of each item, (..., n_items) each, stand for."""
    sd = np.sqrt(items.variance)
    tied = np.divide(items.covariance, sd, out=np.zeros(len(sd)), where=sd > 0.0)  # the log discrimination's part in `first`
    steeper = tied * first + np.sqrt(np.maximum(items.steep_variance - tied**2, 0.0)) * second
    return items.mean + sd * first, items.discrimination * np.exp(steeper)


def draw_learner(
    then: LearnerThen,
    asked: AskedItems,
    wanted: AskedSkills,
    ground: Ground,
    h: Hyperparameters,
    *,
    seconds: float,
    n: int,
    rng: np.random.Generator,
) -> Draws:
    """n draws of the factors, then of each skill given them, of forms and memory, of the items' difficulties; and the success.

    `then` and `ground` have the rows of the items' skills, then those of the wanted ones that are not among them, then what they build on.
    `latent` (n, 6 n_wanted) holds each wanted skill's ability with its form above its typical item's difficulty, then its `Learning`.
    """
    columns, items, row = asked.columns, asked.difficulty, _places(asked, wanted)
    factors = _factors(then, n, rng)
    lasting = _abilities(then, factors, rng)  # (n, n_skills)
    form = then.skills[:, 2] + np.sqrt(then.skills[:, 3]) * rng.normal(size=lasting.shape)
    ability = lasting + form
    above = ability[:, row] - wanted.typical
    general = then.vector[0] + np.sqrt(then.vector[1]) * rng.normal(size=(n, 1))
    memories = then.memories[columns.item]
    difficulty, discrimination = drawn_items(items, *rng.normal(size=(2, n, len(items.mean))))
    met = memories[:, 0] + memories[:, 4]
    own = met + np.sqrt(memories[:, 1]) * rng.normal(size=difficulty.shape) - difficulty
    item_success = items.guess + (1.0 - items.guess) * expit(discrimination * (_brought(ability, columns, h.weakest) + general + own))
    ready = (readiness(expit(ability - ground.typical), ground) ** h.gate * ground.rate)[:, row]
    learning = Learning(
        form[:, row], then.skills[row, 4], learning_rate(factors, h)[:, None], ready, spaced(then.skills[row, 5], seconds, h)
    )
    latent = np.hstack([above, *(np.broadcast_to(each, above.shape) for each in learning)])
    return Draws(wanted.skill_ids, expit(above), item_success, latent)


def expected_gain(draws: Draws, asked: AskedItems, typical: Floats, horizon: timedelta, h: Hyperparameters) -> Floats:
    """(n_draws, n_items): the sum over the item's drawn skills of the rise in success on the typical item, at the horizon.

    An attempt adds `skill_draws.rise`, of which forgetting takes its share until the horizon. `typical` (n_wanted,) are the typical items'
    difficulties.
    """
    columns, n_wanted = asked.columns, len(draws.skill_ids)
    above, *learning = np.split(draws.latent, 1 + len(Learning._fields), axis=1)  # (n_draws, n_wanted) each
    index = {skill_id: code for code, skill_id in enumerate(draws.skill_ids)}
    drawn = np.array([index.get(skill_id, -1) for skill_id in columns.skill_ids], dtype=np.int64)[columns.skill]
    item = np.repeat(np.arange(len(columns.start)), columns.n_skills.astype(np.int64))[drawn >= 0]
    skill = drawn[drawn >= 0]
    exercises = sparse.csr_matrix((np.ones(len(item)), (item, skill)), (len(columns.start), n_wanted))
    mean = sparse.diags_array(1.0 / np.maximum(np.asarray(exercises.sum(axis=1)).ravel(), 1.0)) @ exercises
    ability = (mean @ (above + typical).T).T  # (n_draws, n_items)
    p_correct = asked.difficulty.guess + (1.0 - asked.difficulty.guess) * expit(
        asked.difficulty.discrimination * (ability - asked.difficulty.mean)
    )
    p_of_skill = expit(asked.difficulty.discrimination[item] * ((above + typical)[:, skill] - asked.difficulty.mean[item]))
    moved = rise(p_correct[:, item], p_of_skill, Learning(*(each[:, skill] for each in learning)), horizon / timedelta(days=1), h)
    before = above[:, skill]
    higher = expit(before + moved) - expit(before)
    of_item = sparse.csr_matrix((np.ones(len(item)), (item, np.arange(len(item)))), (len(columns.start), len(item)))
    return np.ascontiguousarray((of_item @ higher.T).T)


def _places(asked: AskedItems, wanted: AskedSkills) -> Ints:
    """(n_wanted,) rows of the wanted skills among the items' skills and then the others."""
    place = {id_: i for i, id_ in enumerate(dict.fromkeys((*asked.columns.skill_ids, *wanted.skill_ids)))}
    return np.array([place[id_] for id_ in wanted.skill_ids], dtype=np.int64)


def _factors(then: LearnerThen, n: int, rng: np.random.Generator) -> Floats:
    """(n, n_factors) what all skills share, the rate of learning last."""
    n_factors = then.skills.shape[1] - SLOPE
    mean = then.vector[LEARNER_MEAN : LEARNER_MEAN + n_factors]
    root = np.linalg.cholesky(then.vector[LEARNER_MEAN + n_factors :].reshape(n_factors, n_factors))
    return np.asarray(mean + rng.normal(size=(n, n_factors)) @ root.T, dtype=np.float64)


def _abilities(then: LearnerThen, factors: Floats, rng: np.random.Generator) -> Floats:
    """(n, n_skills) lasting abilities given the factors."""
    own = np.sqrt(then.skills[:, 1]) * rng.normal(size=(len(factors), len(then.skills)))
    return np.asarray(then.skills[:, 0] + factors @ then.skills[:, SLOPE:].T + own, dtype=np.float64)


def _brought(ability: Floats, columns: ItemColumns, weakest: float) -> Floats:
    """(n_draws, n_items) what abilities (n_draws, n_skills) bring to each item: their soft minimum over its skills.

    >>> from adaptive.protocols import Items
    >>> columns = ItemColumns.of(Items(("q1", "q2"), (("a", "b"), ("b",))))
    >>> _brought(np.array([[0.0, 1.0]]), columns, weakest=2.0).round(3)
    array([[0.119, 1.   ]])
    """
    of_entry = ability[:, columns.skill]
    if len(columns.skill) == len(columns.start):
        return of_entry
    lowest = np.minimum.reduceat(of_entry, columns.start, axis=1)
    share = np.exp(-weakest * (of_entry - np.repeat(lowest, columns.n_skills.astype(np.int64), axis=1)))
    total = np.add.reduceat(share * of_entry, columns.start, axis=1)
    return np.asarray(total / np.add.reduceat(share, columns.start, axis=1), dtype=np.float64)
