"""New attempts for items as they stand: each posterior becomes the prior of what the attempts say of it, and all else stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from adaptive.models.columns import ItemColumns, Vocabulary
from adaptive.models.state_space.arrays import Sums
from adaptive.models.state_space.hyperparameters import Hyperparameters
from adaptive.models.state_space.item_posterior import ItemNormals, newton_step
from adaptive.models.state_space.parameters import Bank, SkillTable
from adaptive.models.state_space.table import TableRows, run_table
from adaptive.protocols import Floats

__all__ = ["refresh_bank"]


def refresh_bank(table: TableRows, bank: Bank, skills: SkillTable, h: Hyperparameters, *, n_passes: int) -> Bank:
    """The bank with the posteriors of the items that these rows have evidence of; other items, shifts and spreads as they are.

    Before the rows an item's difficulty and log discrimination are jointly normal as the bank has them. One that the bank does not
    have starts from what is stated, or from its skills (`Bank.of`), and joins it. Rows that the bank has seen already count once more.
    """
    columns, whole = table.first_rows(), skills.with_those_before(table.columns.skill_ids)
    ground = skills.ground(whole, skills.fresh(h), bank.typical(whole))
    known = bank.of(columns, bank.guesses(columns, h))
    prior = now = ItemNormals.of(known)
    row = np.searchsorted(columns.item, table.rows.item)  # the distinct codes are sorted

    def run(items: ItemNormals) -> Sums:
        _, sums = run_table(table, items.by_row(row, known.guess[row]), ground, h)
        return Sums(*(each[columns.item] for each in sums))

    for _ in range(n_passes):
        now = newton_step(now, prior, run(now))
    is_scored = ~np.isnan(table.rows.score)
    return _joined(bank, columns, now, np.bincount(row, weights=is_scored) > 0.0)


def _joined(bank: Bank, columns: ItemColumns, found: ItemNormals, is_answered: NDArray[np.bool_]) -> Bank:
    """The bank with what was found of the answered items, new ones at its end."""
    item_ids = [columns.item_ids[code] for code in columns.item[is_answered].tolist()]
    new = [item_id for item_id in item_ids if item_id not in bank.items.index]
    items = Vocabulary((*bank.items.ids, *new))
    place = items.codes(item_ids)

    def put(old: Floats, values: Floats) -> Floats:
        grown = np.append(old, np.zeros(len(new)))
        grown[place] = values[is_answered]
        return grown

    return replace(
        bank,
        items=items,
        difficulty=put(bank.difficulty, found.difficulty),
        log_discrimination=put(bank.log_discrimination, found.log_discrimination),
        variance=put(bank.variance, found.variance),
        steep_variance=put(bank.steep_variance, found.steep_variance),
        covariance=put(bank.covariance, found.covariance),
    )
