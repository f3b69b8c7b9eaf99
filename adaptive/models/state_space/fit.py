"""Fitting: items between passes over the table, and the model's loss on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from adaptive.models.columns import Vocabulary
from adaptive.models.state_space.items import fit_bank
from adaptive.models.state_space.parameters import Fitted, SkillTable
from adaptive.models.state_space.table import TableRows, log_loss, run_table
from adaptive.protocols import Codes

__all__ = ["fit_all", "refit_items"]

_PASSES: Final = 12
"""Newton steps on the items; more change the loss on ASSISTments 2009 in the fifth digit."""

_WARM_PASSES: Final = 4


def fit_all(start: Fitted, codes: Codes, *, fixed: frozenset[str], seed: int) -> Fitted:  # noqa: ARG001
    """Items at the hyperparameters given."""
    return refit_items(start, codes)


def refit_items(start: Fitted, codes: Codes, *, warm: bool = False) -> Fitted:
    """The same hyperparameters, items fitted to these rows; day zero without any evidence."""
    table = TableRows.of(codes)
    if np.isnan(table.rows.score).all():
        return start
    skills = _with(start.skills, table.columns.skill_ids)
    h = start.hyperparameters
    fresh = skills.fresh(h)[skills.skills.codes(table.columns.skill_ids)]
    bank = fit_bank(table, start.bank, fresh, h, n_passes=_WARM_PASSES if warm else _PASSES, warm=warm)
    trace, _ = run_table(table, bank.of(table.columns, h.guess), fresh, h)
    return replace(start, skills=skills, bank=bank, training_log_loss=float(log_loss(trace, table.rows.score).mean()))


def _with(skills: SkillTable, skill_ids: tuple[str, ...]) -> SkillTable:
    """The table with these skills added as ones of which the catalogue says nothing."""
    new = [skill_id for skill_id in skill_ids if skill_id not in skills.skills.index]
    structure = np.vstack([skills.structure, np.zeros((len(new), skills.structure.shape[1]))])
    return SkillTable(Vocabulary((*skills.skills.ids, *new)), np.append(skills.loading, np.ones(len(new))), structure)
