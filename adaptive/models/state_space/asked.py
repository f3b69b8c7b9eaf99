"""What is asked of a learner's state: items and skills as the kernel reads them, and the state's rows as of a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from adaptive.models.columns import ItemColumns
from adaptive.models.state_space.arrays import LEARNER_MEAN, MEMORY_SIZE, SLOPE, UNKNOWN_TIME, Difficulty, Ground, fresh_memory
from adaptive.models.state_space.hyperparameters import Hyperparameters
from adaptive.models.state_space.parameters import Fitted
from adaptive.models.state_space.state import SkillState, StateSpaceState
from adaptive.protocols import Floats, Ints, Items, Skills

__all__ = ["AskedItems", "AskedSkills", "LearnerThen", "abilities", "moment", "skill_rows", "then"]


@dataclass(frozen=True, slots=True, eq=False)
class AskedItems:
    """Items with what is known of each, and the `fresh` rows (n_distinct_skills, 6 + n_factors) of their skills for a new learner.

    The skills of item j are `columns.skill[start[j]:start[j + 1]]`, and item `alike[j]` is the first that has the same ones in the same
    order. `common_variance` (n_items,) is of what the difficulties of its skills' items are all off by.
    """

    columns: ItemColumns
    start: Ints
    alike: Ints
    difficulty: Difficulty
    common_variance: Floats
    fresh: Floats

    @property
    def of_first(self) -> tuple[float, float, float, float]:
        """Difficulty, its variance, discrimination and guess of the first item."""
        of_items = self.difficulty
        return of_items.mean.item(0), of_items.variance.item(0), of_items.discrimination.item(0), of_items.guess.item(0)

    def interval_variance(self, mean: Floats, variance: Floats) -> Floats:
        """(n_items,) the variance of logits a (ability - b) of this mean and variance; a and a skill's items as a whole are unsure too.

        To first order, for intervals alone: P(correct) goes without, since exp(log a) turns no logit's sign, and the normal of this
        variance would (a learner 4 logits above an item of which little is known would miss it once in 16).
        """
        known = self.difficulty
        above = mean / known.discrimination
        of_steepness = above * (above * known.steep_variance - 2.0 * known.covariance)
        return np.asarray(variance + known.discrimination**2 * (of_steepness + self.common_variance), dtype=np.float64)

    @classmethod
    def of(cls, items: Items, fitted: Fitted, fresh: Floats) -> AskedItems:
        """`fresh` (n_skills + 1, 6 + n_factors) are the rows of all skills of the model."""
        columns = ItemColumns.of(items)
        difficulty = fitted.bank.of(columns, fitted.bank.guesses(columns, fitted.hyperparameters))
        common = fitted.bank.common_variance_of(columns)
        first: dict[tuple[str, ...], int] = {}
        alike = np.array([first.setdefault(skill_ids, j) for j, skill_ids in enumerate(items.skill_ids)], dtype=np.int64)
        return cls._on(columns, alike, difficulty, common, fitted, fresh)

    def take(self, index: Ints, fitted: Fitted, fresh: Floats) -> AskedItems:
        """Those at `index` (n_taken,), as `of` makes them, without a loop over them."""
        _, first, group = np.unique(self.alike[index], return_index=True, return_inverse=True)
        difficulty = Difficulty(*(of_items[index] for of_items in self.difficulty))
        return self._on(self.columns.take(index), first[group], difficulty, self.common_variance[index], fitted, fresh)

    @classmethod
    def _on(
        cls, columns: ItemColumns, alike: Ints, difficulty: Difficulty, common_variance: Floats, fitted: Fitted, fresh: Floats
    ) -> AskedItems:
        start = np.append(columns.start, len(columns.skill))
        return cls(columns, start, alike, difficulty, common_variance, fresh[fitted.skills.skills.codes(columns.skill_ids)])


@dataclass(frozen=True, slots=True, eq=False)
class AskedSkills:
    """Skills as the kernel reads them: fresh rows, typical items' difficulty, and what each builds on of the others.

    How unsure that difficulty is belongs to forecasts of items, not to mastery: it is the same for every learner.
    """

    skill_ids: tuple[str, ...]
    ground: Ground

    @property
    def typical(self) -> Floats:
        """(n_skills,) difficulty of each skill's typical item."""
        return self.ground.typical

    @property
    def fresh(self) -> Floats:
        """(n_skills, 6 + n_factors) the rows of a new learner."""
        return self.ground.fresh

    @classmethod
    def of(cls, skills: Skills, fitted: Fitted, fresh: Floats) -> AskedSkills:
        """`fresh` (n_skills + 1, 6 + n_factors) are the rows of all skills of the model."""
        return cls(skills.skill_ids, fitted.skills.ground(skills.skill_ids, fresh, fitted.bank.typical(skills.skill_ids)))


@dataclass(frozen=True, slots=True, eq=False)
class LearnerThen:
    """A learner as of a moment, as `arrays` lays it out: the vector, a row per skill and one per distinct item asked about."""

    vector: Floats
    skills: Floats
    memories: Floats

    def abilities(self) -> tuple[Floats, Floats]:
        """Mean and variance of ability in each skill with its form, (n_skills,) each: what the next item of the skill alone will meet."""
        return abilities(self.vector, self.skills)


def abilities(vectors: Floats, skills: Floats) -> tuple[Floats, Floats]:
    """`LearnerThen.abilities` of vectors (..., 4 + n_factors (1 + n_factors)) and rows of skills (..., n_skills, 6 + n_factors)."""
    slopes = skills[..., SLOPE:]
    n = slopes.shape[-1]
    mean, covariance = vectors[..., LEARNER_MEAN : LEARNER_MEAN + n], vectors[..., LEARNER_MEAN + n :].reshape(*vectors.shape[:-1], n, n)
    own, own_variance = skills[..., 0] + skills[..., 2], skills[..., 1] + skills[..., 3]
    shared = np.einsum("...kf,...f->...k", slopes, mean)
    return own + shared, own_variance + np.einsum("...kf,...kf->...k", slopes @ covariance, slopes)


def moment(state: StateSpaceState, seconds: float | None) -> float:
    """When the state is asked about: NaN where that is unknown, never before it was advanced to.

    >>> moment(StateSpaceState((0.0,), (1.0,), 0.0, 0.25), None)
    nan
    """
    if state.as_of == UNKNOWN_TIME:
        return float("nan") if seconds is None else seconds
    return state.as_of if seconds is None else max(seconds, state.as_of)


def skill_rows(state: StateSpaceState, skill_ids: tuple[str, ...], fresh: Floats) -> Floats:
    """(n, 6 + n_factors) the rows of these skills as of the last attempt on each; `fresh` where there was none."""
    rows, of_skills = fresh.copy(), state.skills
    for i, skill_id in enumerate(skill_ids):
        known: SkillState | None = of_skills.get(skill_id)
        if known is not None:
            rows[i] = known.row()
    return rows


def then(
    state: StateSpaceState,
    skill_ids: tuple[str, ...],
    fresh: Floats,
    seconds: float,
    h: Hyperparameters,
    item_index: Mapping[str, int] | None = None,
) -> LearnerThen:
    """The learner, these skills and these items (by their place in the answer) as of that time (NaN: unknown)."""
    from adaptive.models.state_space.kernel import age  # noqa: PLC0415 - numba takes half a second to load

    vector, rows, memories = state.vector(), skill_rows(state, skill_ids, fresh), _memory_rows(state, item_index or {}, h)
    age(vector, rows, fresh, memories, seconds, h)
    return LearnerThen(vector, rows, memories)


def _memory_rows(state: StateSpaceState, item_index: Mapping[str, int], h: Hyperparameters) -> Floats:
    rows, met = np.full((len(item_index), MEMORY_SIZE), fresh_memory(h)), state.items
    for item_id in met if len(met) < len(item_index) else item_index:
        if item_id in item_index and item_id in met:
            rows[item_index[item_id]] = met[item_id]
    return rows
