"""From a table to a bank of items: rounds of mode and spreads, then what the bank says of any item or skill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from adaptive.models.columns import ItemColumns, Vocabulary, skill_entries
from adaptive.models.day_zero import Difficulties
from adaptive.models.irt.answers import Answers
from adaptive.models.irt.curves import Curves
from adaptive.models.irt.density import EXPECTED_GUESS, Mode, Problem, find_mode
from adaptive.models.irt.parameters import IrtSettings, Spreads
from adaptive.models.irt.spreads import Doubt, doubt_of, updated
from adaptive.models.means import shrunken_means
from adaptive.models.normal_logit import POPULATION_VARIANCE, attenuation
from adaptive.protocols import Codes, Floats, Items

__all__ = ["ItemBank", "fit_bank"]

_ROUND_STEPS: Final = 15
"""Steps of L-BFGS between two looks at the spreads; the next round goes on from there."""

_VOCABULARIES: Final = ("items", "skills")


@dataclass(frozen=True, slots=True, eq=False)
class ItemBank:
    """Items of the table with their posterior, skills of table or catalogue with theirs, and what holds for all others.

    Per item, (n_items,): `intercept`, `log_discrimination`, `guess`, their posterior `intercept_variance`, `covariance`
    and `log_discrimination_variance`, and the `n_answers` it had. Per skill, (n_skills,): `skill`, by how much its items
    are easier than stated (or than 0), and `skill_variance`. `overall`, `steepness` and `luck` (success without
    knowing) are those of an item of an unknown skill; `spreads` (3,) those of skills, items and log discriminations.
    """

    items: Vocabulary
    intercept: Floats
    log_discrimination: Floats
    guess: Floats
    intercept_variance: Floats
    covariance: Floats
    log_discrimination_variance: Floats
    n_answers: Floats
    skills: Vocabulary
    skill: Floats
    skill_variance: Floats
    overall: Floats
    steepness: Floats
    luck: Floats
    spreads: Floats

    @classmethod
    def day_zero(cls, skills: Vocabulary, settings: IrtSettings) -> Self:
        """Before any data: no item is known, and every skill is where the catalogue has it."""
        n, none, luck = len(skills), np.zeros(0), EXPECTED_GUESS if settings.items_are_guessed else 0.0
        variance = np.full(n, settings.spreads.skill**2)
        numbers = (np.array(0.0), np.array(0.0), np.array(luck), _spreads(settings, settings.spreads))
        return cls(Vocabulary([]), none, none, none, none, none, none, none, skills, np.zeros(n), variance, *numbers)

    def known(self) -> Curves:
        """The items of the table as curves, (n_items,)."""
        discrimination = np.exp(self.log_discrimination)
        variance = self.intercept_variance + discrimination**2 * self.log_discrimination_variance
        return Curves(self.intercept, discrimination, self.guess, variance)

    def curves(self, items: Items, difficulties: Difficulties) -> Curves:
        """(n_items,) these items as curves: fitted ones as they are, others as stated and as their skills' items are.

        An item never seen has the variance of items within a skill, of discriminations, and of what is unsure of its skills.
        """
        columns = ItemColumns.of(items)
        code = self.items.codes(columns.item_ids)[columns.item]
        stated = difficulties.item_logits(columns.item_ids)[columns.item] * _TO_LATENT
        typical = self.typical(columns.skill_ids, difficulties)
        shift, variance = (columns.mean_over_skills(values) for values in (self._shift(columns.skill_ids), typical.variance))
        of_skills = columns.mean_over_skills(typical.intercept)
        intercept = np.where(np.isnan(stated), of_skills, stated + shift)
        _, spread, spread_discrimination = self.spreads
        every = np.ones(len(items))
        discrimination = float(np.exp(self.steepness))
        unseen_variance = variance + spread**2 + (discrimination * spread_discrimination) ** 2
        unseen = Curves(intercept, discrimination * every, float(self.luck) * every, unseen_variance)
        return _chosen(code, self.known(), unseen)

    def typical(self, skill_ids: tuple[str, ...], difficulties: Difficulties) -> Curves:
        """(n_skills,) the typical item of each skill, with what is unsure of the skill."""
        stated = np.nan_to_num(difficulties.skill_logits(skill_ids) * _TO_LATENT)
        every = np.ones(len(skill_ids))
        variance = self.skills.look_up(self.skill_variance, skill_ids, default=float(self.spreads[0] ** 2))
        return Curves(stated + self._shift(skill_ids), float(np.exp(self.steepness)) * every, float(self.luck) * every, variance)

    def _shift(self, skill_ids: tuple[str, ...]) -> Floats:
        return self.skills.look_up(self.skill, skill_ids, default=float(self.overall))

    def arrays(self) -> dict[str, NDArray[Any]]:  # Any: numbers and bytes
        """For the model's folder."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: value.array() if name in _VOCABULARIES else value for name, value in values.items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:  # Any: numbers and bytes
        """What `arrays` wrote."""
        values: dict[str, Any] = {name: arrays[name] for name in cls.__slots__}  # Any: one type per field
        return cls(**{**values, **{name: Vocabulary.of_array(values[name]) for name in _VOCABULARIES}})


_TO_LATENT: Final = float(attenuation(POPULATION_VARIANCE))
"""Stated logits are marginal over the population; intercepts are those of a learner of ability 0."""


def fit_bank(codes: Codes, difficulties: Difficulties, settings: IrtSettings) -> tuple[ItemBank, Answers]:
    """The bank that the table's evidence asks for, and that evidence; the bank of day zero where there is none."""
    answers = Answers.of(codes)
    if not len(answers):
        return ItemBank.day_zero(Vocabulary(difficulties.skills.ids), settings), answers
    entries = skill_entries(codes)
    skills = Vocabulary(dict.fromkeys([*difficulties.skills.ids, *entries.skill_ids]))
    problem = _problem(codes, answers, difficulties, settings, skills)
    means = shrunken_means(difficulties, codes)
    of_skills = (means.skill_logit - np.nan_to_num(difficulties.skill_logits(skills.ids))) * _TO_LATENT  # `means` has the same skills
    start = Mode.start(problem, of_skills, means.item_logit * _TO_LATENT)
    spreads, mode, doubt = _rounds(problem, start)
    n_answers = np.bincount(answers.item, minlength=problem.n_items).astype(np.float64)
    return _bank(problem, codes, skills, n_answers, spreads, mode, doubt), answers


def _rounds(problem: Problem, mode: Mode) -> tuple[Spreads, Mode, Doubt]:
    """Mode given spreads, spreads given mode, until the spreads stay."""
    spreads, settings = problem.settings.spreads, problem.settings
    for _ in range(settings.n_rounds - 1):
        mode = find_mode(problem, spreads, mode, n_steps=_ROUND_STEPS)
        moved = updated(problem, spreads, mode, doubt_of(problem, spreads, mode))
        before, now = _spreads(settings, spreads), _spreads(settings, moved)
        spreads = moved
        if np.all(np.abs(now - before) <= settings.tolerance * before):
            break
    mode = find_mode(problem, spreads, mode)
    return spreads, mode, doubt_of(problem, spreads, mode)


def _problem(codes: Codes, answers: Answers, difficulties: Difficulties, settings: IrtSettings, skills: Vocabulary) -> Problem:
    """Each item with its skills as on its first row, and where the catalogue puts it."""
    entries = skill_entries(codes)
    n_items = len(codes.item_ids)
    _, first = np.unique(codes.item, return_index=True)  # every item of the table has a row
    is_first = np.zeros(len(codes.item), dtype=np.bool_)
    is_first[first] = True
    kept = is_first[entries.row]
    item = codes.item[entries.row[kept]]
    skill = skills.codes(entries.skill_ids)[entries.skill[kept]]
    share = 1.0 / np.bincount(item, minlength=n_items)[item]
    of_skill = np.nan_to_num(difficulties.skill_logits(skills.ids) * _TO_LATENT)
    stated = difficulties.item_logits(codes.item_ids) * _TO_LATENT
    of_skills = np.bincount(item, of_skill[skill] * share, minlength=n_items)
    return Problem(answers, np.where(np.isnan(stated), of_skills, stated), len(skills), item, skill, share, settings)


def _bank(problem: Problem, codes: Codes, skills: Vocabulary, n_answers: Floats, spreads: Spreads, mode: Mode, doubt: Doubt) -> ItemBank:
    is_guessed = problem.settings.items_are_guessed
    return ItemBank(
        items=Vocabulary(codes.item_ids),
        intercept=mode.intercept,
        log_discrimination=mode.log_discrimination,
        guess=mode.curves().guess,
        intercept_variance=doubt.intercept,
        covariance=doubt.covariance,
        log_discrimination_variance=doubt.log_discrimination,
        n_answers=n_answers,
        skills=skills,
        skill=mode.skill,
        skill_variance=doubt.skill,
        overall=np.array(mode.overall),
        steepness=np.array(mode.steepness),
        luck=np.array(expit(mode.luck) if is_guessed else 0.0),
        spreads=_spreads(problem.settings, spreads),
    )


def _spreads(settings: IrtSettings, spreads: Spreads) -> Floats:
    """(3,) of skills, items and log discriminations; the last is 0 where all items discriminate alike."""
    return np.array([spreads.skill, spreads.item, spreads.discrimination if settings.items_discriminate else 0.0])


def _chosen(code: Any, known: Curves, otherwise: Curves) -> Curves:
    """Of each pair the known curve, where there is one."""
    if not len(known):
        return otherwise
    is_known = code >= 0
    of = known.take(np.maximum(code, 0))
    pairs = ((getattr(of, name), getattr(otherwise, name)) for name in ("intercept", "discrimination", "guess", "variance"))
    return Curves(*(np.where(is_known, first, second) for first, second in pairs))
