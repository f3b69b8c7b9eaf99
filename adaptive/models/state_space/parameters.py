"""What is fitted: hyperparameters, skills with their loadings, and items with their difficulties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from adaptive.catalog import Catalog
from adaptive.models.columns import ItemColumns, Vocabulary
from adaptive.models.day_zero import Difficulties
from adaptive.models.item_kinds import ItemKinds
from adaptive.models.normal_logit import POPULATION_VARIANCE, attenuation
from adaptive.models.state_space.arrays import SLOPE, UNKNOWN_TIME, Difficulty, Ground, Trace
from adaptive.models.state_space.hyperparameters import DAY_ZERO, Hyperparameters
from adaptive.models.state_space.structure import structure_factors
from adaptive.models.state_space.table import TableRows, run_table
from adaptive.protocols import Floats, Ints

__all__ = ["Bank", "Fitted", "SkillTable", "Spreads"]


@dataclass(frozen=True, slots=True)
class Spreads:
    """Variances of the hierarchy of difficulties: items around families, those around skills, skills around `overall`.

    `discrimination` is that of log discriminations around 0.
    Before any data they add up to 1, the spread of difficulties that Rasch scaling starts from; a stated difficulty lies
    within .64 (8 RIT, the spread around a skill's stated place that placement uses), half of it the family's where there are families.
    """

    item: float = 0.64
    skill: float = 0.36
    discrimination: float = 0.1
    overall: float = 0.0
    family: float = 0.0

    @classmethod
    def day_zero(cls, kinds: ItemKinds) -> Self:
        """Before any data: without families the items have all that lies within a skill."""
        half = cls().item / 2.0
        return cls(item=half, family=half) if len(kinds.families) else cls()


@dataclass(frozen=True, slots=True, eq=False)
class SkillTable:
    """Skills of catalogue and table: `loading` (n,) on the shared ability, 1 for the average skill, and `structure` (n, n_factors - 2).

    Skill `after` builds on skill `before`, by their places, with `weight` in (0, 1], (n_edges,) each. `rate` (n,) is how fast a skill is
    learned beside the others, around 1 (`rates`).
    """

    skills: Vocabulary
    loading: Floats
    structure: Floats
    before: Ints
    after: Ints
    weight: Floats
    rate: Floats

    @classmethod
    def of(cls, catalog: Catalog | None) -> Self:
        """The catalogue's skills as its structure relates them."""
        ids, edges = ((), ()) if catalog is None else (catalog.skill_columns.skill_ids, catalog.prerequisites)
        skills = Vocabulary(ids)
        before, after = (skills.codes([getattr(edge, end) for edge in edges]) for end in ("prerequisite_id", "skill_id"))
        weight = np.array([edge.weight for edge in edges], dtype=np.float64)
        return cls(skills, np.ones(len(ids)), structure_factors(catalog), before, after, weight, np.ones(len(ids)))

    def with_those_before(self, skill_ids: tuple[str, ...]) -> tuple[str, ...]:
        """These skills, then what they build on."""
        codes = self.skills.codes(skill_ids)
        before = self.before[np.isin(self.after, codes)].tolist()
        return tuple(dict.fromkeys((*skill_ids, *(self.skills.ids[code] for code in before))))

    def ground(self, skill_ids: tuple[str, ...], fresh: Floats, typical: Floats) -> Ground:
        """These skills as the kernel reads them; `fresh` (n_skills + 1, 6 + n_factors) is of the whole table, `typical` of these."""
        codes = self.skills.codes(skill_ids)
        place = np.full(len(self.loading) + 1, -1)
        place[codes] = np.arange(len(codes))
        before, after = place[self.before], place[self.after]
        order = np.argsort(after, kind="stable")
        order = order[(after[order] >= 0) & (before[order] >= 0)]
        start = np.searchsorted(after[order], np.arange(len(codes) + 1))
        return Ground(fresh[codes], before[order], start, self.weight[order], typical, np.append(self.rate, 1.0)[codes])

    def fresh(self, h: Hyperparameters) -> Floats:
        """(n + 1, 6 + n_factors) rows of a learner of whom nothing is known; the last is an unknown skill's.

        Factors are the shared ability, those of `structure`, and the rate of learning, on which a skill depends by practice alone.

        A skill's own variance is what the structure's factors leave of skill_sd squared.
        """
        loading, structure = np.append(self.loading, 1.0), np.vstack([self.structure, np.zeros(self.structure.shape[1])])
        rows = np.zeros((len(loading), SLOPE + 2 + structure.shape[1]))
        rows[:, 1] = h.skill_sd**2 * (1.0 - h.structure_share * (structure**2).sum(axis=1))
        rows[:, 3], rows[:, 5] = h.skill_form_sd**2, UNKNOWN_TIME
        rows[:, SLOPE] = h.ability_sd * loading
        rows[:, SLOPE + 1 : -1] = h.skill_sd * np.sqrt(h.structure_share) * structure
        return rows


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """Items as fitted, in logits: `difficulty` and `log_discrimination`, jointly normal, each (n_items,).

    `variance` is that of the former, `steep_variance` that of the latter, `covariance` that of both, as the posterior has them.
    `shift` (n_skills,) with `shift_variance` is how much harder a skill's items are than the catalogue states (than 0
    where it states nothing), `family_effect` (n_families,) with `family_variance` how much harder than that a family's are. An item
    that nobody has met is as hard as stated, shifted as its skills and its family are. `common_variance` (n_skills,) is of what a
    skill's items are all off by together (`items.common_variance`): it belongs to intervals, not to forecasts.
    """

    items: Vocabulary
    difficulty: Floats
    variance: Floats
    log_discrimination: Floats
    steep_variance: Floats
    covariance: Floats
    skills: Vocabulary
    shift: Floats
    shift_variance: Floats
    spreads: Spreads
    stated: Difficulties
    kinds: ItemKinds = field(default_factory=ItemKinds)
    family_effect: Floats = field(default_factory=lambda: np.zeros(0))
    family_variance: Floats = field(default_factory=lambda: np.zeros(0))
    common_variance: Floats = field(default_factory=lambda: np.zeros(0))

    @classmethod
    def day_zero(cls, stated: Difficulties, kinds: ItemKinds | None = None) -> Self:
        """No item met."""
        none, kinds = np.zeros(0), kinds or ItemKinds()
        spreads, effect = Spreads.day_zero(kinds), np.zeros(len(kinds.families))
        of_families = (effect, np.full(len(effect), spreads.family))
        of_items = (none, none, none, none, none)
        return cls(Vocabulary([]), *of_items, Vocabulary([]), none, none, spreads, stated, kinds, *of_families)

    def unmet(self) -> Self:
        """The same catalogue with no item met."""
        return self.day_zero(self.stated, self.kinds)

    def offsets(self, columns: ItemColumns) -> Floats:
        """(n_rows,) what is stated of each row's item, else the mean over its skills, a skill without counting as 0."""
        own = _difficulty(self.stated.item_logits(columns.item_ids))[columns.item]
        of_skills = columns.mean_over_skills(self.stated_of_skills(columns.skill_ids))
        return np.where(np.isnan(own), of_skills, own)

    def stated_of_skills(self, skill_ids: tuple[str, ...]) -> Floats:
        """(n_skills,) stated difficulties, 0 where none is."""
        return np.nan_to_num(_difficulty(self.stated.skill_logits(skill_ids)))

    def typical(self, skill_ids: tuple[str, ...]) -> Floats:
        """(n_skills,) difficulty of each skill's typical item."""
        return self.typical_by(skill_ids, self.skills, self.shift, self.spreads.overall)

    def typical_by(self, skill_ids: tuple[str, ...], shifted: Vocabulary, shift: Floats, overall: float) -> Floats:
        """The same with these skills shifted so, and others by `overall`."""
        return self.stated_of_skills(skill_ids) + shifted.look_up(shift, skill_ids, default=overall)

    def guesses(self, columns: ItemColumns, h: Hyperparameters) -> Floats:
        """(n_rows,) chance of a right answer without any ability: `luck` / options where those are stated, else `guess`."""
        n_options = self.kinds.options_of(columns.item_ids)[columns.item]
        return np.where(n_options > 0.0, h.luck / np.maximum(n_options, 1.0), h.guess)

    def of(self, columns: ItemColumns, guess: Floats | float) -> Difficulty:
        """Each row's item, (n_rows,)."""
        codes, guesses = self.items.codes(columns.item_ids)[columns.item], np.full(len(columns.item), guess)
        if not np.any(codes < 0):
            return Difficulty(
                self.difficulty[codes],
                self.variance[codes],
                np.exp(self.log_discrimination[codes]),
                self.steep_variance[codes],
                self.covariance[codes],
                guesses,
            )
        shift = self.skills.look_up(self.shift, columns.skill_ids, default=self.spreads.overall)
        unsure = self.skills.look_up(self.shift_variance, columns.skill_ids, default=self.spreads.skill)
        is_new, (effect, effect_variance, left) = codes < 0, self.families_of(columns)
        unmet = self.offsets(columns) + columns.mean_over_skills(shift) + effect
        unmet_variance = self.spreads.item + left**2 * columns.mean_over_skills(unsure) + effect_variance
        return Difficulty(
            np.where(is_new, unmet, np.append(self.difficulty, 0.0)[codes]),
            np.where(is_new, unmet_variance, np.append(self.variance, 0.0)[codes]),
            np.exp(np.append(self.log_discrimination, 0.0)[codes]),
            np.append(self.steep_variance, self.spreads.discrimination)[codes],
            np.append(self.covariance, 0.0)[codes],
            guesses,
        )

    def common_variance_of(self, columns: ItemColumns) -> Floats:
        """(n_rows,) the mean over each row's skills, 0 for a skill that nobody has met: the shift's variance says that already."""
        return columns.mean_over_skills(self.skills.look_up(self.common_variance, columns.skill_ids, default=0.0))

    def families_of(self, columns: ItemColumns) -> tuple[Floats, Floats, Floats]:
        """Effect of each row's family, its variance given the shift of the skills, and how much of a wrong shift is left, (n_rows,) each.

        What a well-known family has too little by a shift too high it has gained by its effect: with weight w = variance / spread,
        shift + effect = w shift + (1 - w) (mean of the family).
        """
        families, spread = self.kinds.families_of(columns.item_ids)[columns.item], self.spreads.family
        effect, variance = np.append(self.family_effect, 0.0)[families], np.append(self.family_variance, spread)[families]
        return effect, variance, variance / spread if spread > 0.0 else np.ones(len(families))


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """All that the model has. `day_zero` is the centre of the priors, where a fit starts; `hyperparameters` is where it ended."""

    day_zero: Hyperparameters
    hyperparameters: Hyperparameters
    skills: SkillTable
    bank: Bank
    training_log_loss: float = float("nan")

    @classmethod
    def of(cls, catalog: Catalog | None, hyperparameters: Hyperparameters = DAY_ZERO) -> Self:
        """What holds before any data."""
        bank = Bank.day_zero(Difficulties.of(catalog), ItemKinds.of(catalog))
        return cls(hyperparameters, hyperparameters, SkillTable.of(catalog), bank)

    def unfitted(self) -> Fitted:
        """What held before the data."""
        skills = replace(self.skills, rate=np.ones_like(self.skills.rate))
        return Fitted(self.day_zero, self.day_zero, skills, self.bank.unmet())

    def trace(self, table: TableRows) -> Trace:
        """What each row is expected to be, learners from their first row on."""
        h, skills, bank = self.hyperparameters, self.skills, self.bank
        whole = skills.with_those_before(table.columns.skill_ids)
        ground = skills.ground(whole, skills.fresh(h), bank.typical(whole))
        return run_table(table, bank.of(table.columns, bank.guesses(table.columns, h)), ground, h)[0]

    def arrays(self) -> dict[str, NDArray[Any]]:  # Any: numbers and bytes
        """For the model's folder."""
        bank, skills, spreads = self.bank, self.skills, self.bank.spreads
        return {
            "day_zero": np.array(self.day_zero),
            "hyperparameters": np.array(self.hyperparameters),
            "skill_ids": skills.skills.array(),
            "loading": skills.loading,
            "structure": skills.structure,
            "edges": np.stack([skills.before, skills.after]),
            "edge_weight": skills.weight,
            "skill_rate": skills.rate,
            "bank_item_ids": bank.items.array(),
            "bank_skill_ids": bank.skills.array(),
            **{name: getattr(bank, name) for name in _BANK_ARRAYS},
            "spreads": np.array([spreads.item, spreads.skill, spreads.discrimination, spreads.overall, spreads.family]),
            "training_log_loss": np.array(self.training_log_loss),
            **bank.stated.arrays(),
            **bank.kinds.arrays(),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:  # Any: numbers and bytes
        """What `arrays` wrote."""
        edges = (*arrays["edges"], arrays["edge_weight"], arrays["skill_rate"])
        skills = SkillTable(Vocabulary.of_array(arrays["skill_ids"]), arrays["loading"], arrays["structure"], *edges)
        items, bank_skills = (Vocabulary.of_array(arrays[name]) for name in ("bank_item_ids", "bank_skill_ids"))
        columns = {name: arrays[name] for name in _BANK_ARRAYS}
        spreads, stated = Spreads(*arrays["spreads"].tolist()), Difficulties.from_arrays(arrays)
        bank = Bank(items=items, skills=bank_skills, spreads=spreads, stated=stated, kinds=ItemKinds.from_arrays(arrays), **columns)
        day_zero, fitted = (Hyperparameters(*arrays[name].tolist()) for name in ("day_zero", "hyperparameters"))
        return cls(day_zero, fitted, skills, bank, float(arrays["training_log_loss"]))


_OF_ITEMS: Final = ("difficulty", "variance", "log_discrimination", "steep_variance", "covariance")

_BANK_ARRAYS: Final = (*_OF_ITEMS, "shift", "shift_variance", "family_effect", "family_variance", "common_variance")


def _difficulty(marginal_logit: Floats) -> Floats:
    """The difficulty for which a learner of the population expects this logit of success."""
    return np.asarray(-marginal_logit * attenuation(POPULATION_VARIANCE), dtype=np.float64)
