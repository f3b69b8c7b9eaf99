"""Joint draws of a two-state learner, and what attempting an item once is worth in each."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from adaptive.models.bkt.parameters import BktParameters
from adaptive.models.columns import ItemColumns
from adaptive.protocols import Draws, Floats, SkillDraws, Skills

__all__ = ["draw_learner", "expected_gain", "skill_draws"]


def draw_learner(
    columns: ItemColumns, p_known: Floats, values: BktParameters, skills: Skills, *, n: int, rng: np.random.Generator
) -> Draws:
    """n draws of known or not, skill by skill (independent given the history), and the success that follows.

    `columns` are the items and after them each of `skills` as an item of its own; `p_known` and `values` are those of
    `columns.skill_ids`. `latent` (n, n_skills) is 1 where the skill is known.
    """
    known = rng.random((n, len(p_known))) < p_known
    success = np.where(known, 1.0 - values.slip, values.guess)  # (n, n_skills of the columns)
    n_items = len(columns.start) - len(skills)
    wanted = columns.skill[columns.start[n_items:]]
    item_success = columns.mean_over_skills(success.T)[:n_items].T
    return Draws(skills.skill_ids, success[:, wanted], item_success, known[:, wanted].astype(np.float64))


def expected_gain(draws: Draws, p_learn: Floats, worth: Floats, columns: ItemColumns) -> Floats:
    """(n_draws, n_items): the sum over the item's drawn skills of P(learned) times what knowing them is worth, where not yet known.

    Exact for two states: a known skill gains nothing, and an unknown one that is not attempted stays so. `p_learn` and `worth` are of
    `draws.skill_ids`, for all draws or for each.
    """
    gain = (1.0 - draws.latent) * p_learn * worth  # (n_draws, n_skills)
    index = {skill_id: code for code, skill_id in enumerate(draws.skill_ids)}
    drawn = np.array([index.get(skill_id, -1) for skill_id in columns.skill_ids], dtype=np.int64)[columns.skill]
    item = np.repeat(np.arange(len(columns.start)), columns.n_skills.astype(np.int64))
    practises = sparse.csr_matrix(
        (np.ones(int((drawn >= 0).sum())), (item[drawn >= 0], drawn[drawn >= 0])), (len(columns.start), len(draws.skill_ids))
    )
    return np.ascontiguousarray((practises @ gain.T).T)


def skill_draws(known: Floats, values: BktParameters, p_learn: Floats, worth: Floats) -> SkillDraws:
    """What draws (..., n_draws, n_skills) of known or not, 1 or 0, say of success on each skill and of its gain, as in `expected_gain`."""
    return SkillDraws(np.where(known > 0.0, 1.0 - values.slip, values.guess), (1.0 - known) * p_learn * worth)
