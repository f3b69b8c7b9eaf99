"""Fitting: hyperparameters on held-out learners, then the items of the whole table, and the model's loss on it; or items alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np

from adaptive.models.columns import Vocabulary
from adaptive.models.state_space.held_out import HeldOut
from adaptive.models.state_space.hyperparameters import Hyperparameters
from adaptive.models.state_space.items import fit_bank
from adaptive.models.state_space.parameters import Bank, Fitted, SkillTable
from adaptive.models.state_space.priors import FreeHyperparameters
from adaptive.models.state_space.rates import with_rates
from adaptive.models.state_space.refresh import refresh_bank
from adaptive.models.state_space.table import TableRows, log_loss
from adaptive.protocols import Codes

__all__ = ["fit_all", "refit_items", "refresh_items"]

_PASSES: Final = 12
"""Newton steps on the items; more change the loss on ASSISTments 2009 in the fifth digit."""

_WARM_PASSES: Final = 4


def fit_all(last: Fitted, codes: Codes, *, fixed: frozenset[str], seed: int) -> Fitted:
    """Hyperparameters and items for these rows; day zero without any evidence. `seed` says which learners are held out."""
    table, start = TableRows.of(codes), last.unfitted()
    if np.isnan(table.rows.score).all():
        return start
    free = FreeHyperparameters.of(start.day_zero, fixed | set(_without_trace(table, start)))
    if free.names and len(np.unique(table.rows.learner)) > 1:
        from adaptive.models.state_space.pyro_model import fit_hyperparameters  # noqa: PLC0415 - takes two seconds to load

        skills = _with(start.skills, table.columns.skill_ids)
        held_out = HeldOut(table, start.bank, skills, np.random.default_rng(seed))
        start = replace(start, hyperparameters=fit_hyperparameters(held_out, free, free.place(start.hyperparameters)))
    return _with_rates(_with_bank(start, table, partial(fit_bank, n_passes=_PASSES)), table)


def refit_items(start: Fitted, codes: Codes, *, warm: bool = False) -> Fitted:
    """The same hyperparameters, items fitted to these rows; day zero without any evidence."""
    table = TableRows.of(codes)
    if np.isnan(table.rows.score).all():
        return start
    return _with_bank(start, table, partial(fit_bank, n_passes=_WARM_PASSES if warm else _PASSES, warm=warm))


def refresh_items(last: Fitted, codes: Codes) -> Fitted:
    """`last` with the items that these rows have evidence of brought up to date; as it was without any evidence."""
    table = TableRows.of(codes)
    return last if np.isnan(table.rows.score).all() else _with_bank(last, table, partial(refresh_bank, n_passes=_PASSES))


def _with_bank(start: Fitted, table: TableRows, bank_for: Callable[[TableRows, Bank, SkillTable, Hyperparameters], Bank]) -> Fitted:
    """`start` with the skills of the table, the bank found for it, and the loss on it."""
    skills = _with(start.skills, table.columns.skill_ids)
    h = start.hyperparameters
    fitted = replace(start, skills=skills, bank=bank_for(table, start.bank, skills, h))
    return replace(fitted, training_log_loss=float(log_loss(fitted.trace(table), table.rows.score).mean()))


def _with_rates(fitted: Fitted, table: TableRows) -> Fitted:
    """With each skill's rate, and the items as they are then."""
    return _with_bank(with_rates(fitted, table), table, partial(fit_bank, n_passes=_WARM_PASSES, warm=True))


def _with(skills: SkillTable, skill_ids: tuple[str, ...]) -> SkillTable:
    """The table with these skills added as ones of which the catalogue says nothing."""
    new = [skill_id for skill_id in skill_ids if skill_id not in skills.skills.index]
    structure = np.vstack([skills.structure, np.zeros((len(new), skills.structure.shape[1]))])
    loading, rate = (np.append(of_skills, np.ones(len(new))) for of_skills in (skills.loading, skills.rate))
    return replace(skills, skills=Vocabulary((*skills.skills.ids, *new)), loading=loading, structure=structure, rate=rate)


def _without_trace(table: TableRows, start: Fitted) -> Iterator[str]:
    """Hyperparameters that nothing in this table depends on: they stay where they are."""
    if np.isnan(table.rows.seconds).all():
        yield from ("time_scale", "skill_forgetting", "skill_form_forgetting", "memory_forgetting", "form_forgetting")
        yield from ("recent_right", "recent_wrong", "recent_exposure", "recent_scale", "spacing", "massing")
    if not np.isnan(table.rows.score).any():
        yield from ("gain_exposure", "skill_form_exposure", "memory_exposure", "recent_exposure")
    if (table.columns.n_skills == 1.0).all():
        yield "weakest"
    if start.skills.structure.shape[1] == 0:
        yield "structure_share"
    if len(start.skills.after) == 0:
        yield "gate"
    has_options = start.bank.kinds.options_of(table.columns.item_ids)[table.rows.item] > 0.0
    if not has_options.any():
        yield "luck"
    if has_options.all():
        yield "guess"
