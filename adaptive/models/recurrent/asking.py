"""A learner's history and what is asked of it brought into the kernel's arrays: items to forecast, and an attempt that is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, nan

import numpy as np

from adaptive.models.columns import ItemColumns, skills_or_none
from adaptive.models.recurrent.ensemble import Ensemble
from adaptive.models.recurrent.inputs import DIFFICULTY, core_facts, facts_of
from adaptive.models.recurrent.layers import AskedRows, Layers
from adaptive.models.recurrent.trail import FRESH_ITEM, FRESH_SKILL, N_CONTEXT, N_FEATURES, Trail
from adaptive.models.state_space import StateSpaceIrt
from adaptive.protocols import Floats, Ints, Items

__all__ = ["AskedAttempt", "AskedItems", "after_attempt", "core_logits", "trail_residuals"]

_UNKNOWN_SKILL = -1
_STATIC = slice(DIFFICULTY, None)


@dataclass(frozen=True, slots=True, eq=False)
class AskedItems:
    """Items with all that does not depend on the learner, as the kernel reads them."""

    columns: ItemColumns
    rows: AskedRows

    @classmethod
    def of(cls, items: Items, core: StateSpaceIrt, ensemble: Ensemble) -> AskedItems:
        """The items by groups of the same skills."""
        columns, groups = ItemColumns.of(items), dict[tuple[str, ...], int]()
        group = np.array([groups.setdefault(skills_or_none(run), len(groups)) for run in items.skill_ids], dtype=np.int64)
        place = {id_: k for k, id_ in enumerate(columns.skill_ids)}
        facts = core_facts(core, columns)
        rows = AskedRows(
            order=np.argsort(group, kind="stable"),
            first=_starts(np.bincount(group, minlength=len(groups))),
            start=_starts([len(run) for run in groups]),
            skill=np.array([place[id_] for run in groups for id_ in run], dtype=np.int64),
            code=ensemble.skills.codes([id_ for run in groups for id_ in run]) % (len(ensemble.skills) + 1),
            item=columns.item,
            own=(ensemble.items.codes(columns.item_ids) % (len(ensemble.items) + 1))[columns.item],
            static=ensemble.scales.scaled(facts.static, _STATIC),
            guess=facts.guess,
        )
        return cls(columns, rows)

    def take(self, index: Ints) -> AskedItems:
        """Those at `index` (n_taken,), as `of` makes them, without a loop over them."""
        rows, columns, lengths = self.rows, self.columns.take(index), np.diff(self.rows.start)
        group = np.empty(len(rows.order), dtype=np.int64)
        group[rows.order] = np.repeat(np.arange(len(lengths)), np.diff(rows.first))
        kept, group = np.unique(group[index], return_inverse=True)
        start = _starts(lengths[kept])
        entries = np.repeat(rows.start[kept] - start[:-1], lengths[kept]) + np.arange(start[-1])
        skills = np.unique(self.columns.skill[self.columns.entries(index)])
        taken = AskedRows(
            order=np.argsort(group, kind="stable"),
            first=_starts(np.bincount(group, minlength=len(kept))),
            start=start,
            skill=np.searchsorted(skills, rows.skill[entries]),
            code=rows.code[entries],
            item=columns.item,
            own=rows.own[index],
            static=rows.static[index],
            guess=rows.guess[index],
        )
        return AskedItems(columns, taken)


@dataclass(frozen=True, slots=True, eq=False)
class AskedAttempt:
    """An item as an attempt meets it: its distinct skills, the places among them, and what does not depend on the learner."""

    item_id: str
    skill_ids: tuple[str, ...]
    first_skill: str
    which: Ints
    code: Ints
    own: int
    static: Floats
    guess: float
    has_one_skill: bool

    @classmethod
    def of(cls, item_id: str, skill_ids: tuple[str, ...], core: StateSpaceIrt, ensemble: Ensemble) -> AskedAttempt:
        """The item with these skills."""
        ready = core.item_at_hand(item_id, skill_ids)
        facts, which, ids = facts_of(ready.difficulty), ready.columns.skill, ready.columns.skill_ids
        code = ensemble.skills.codes(ids[k] for k in which) % (len(ensemble.skills) + 1)
        static = ensemble.scales.scaled(facts.static, _STATIC)[0]
        own = ensemble.items.codes([item_id]).item(0) % (len(ensemble.items) + 1)
        return cls(item_id, ids, ids[which[0]], which, code, own, static, facts.guess.item(0), len(which) == 1)


def core_logits(mean: Floats, variance: Floats, asked: AskedItems) -> Floats:
    """(n_items, N_CORE) what the core says of the items, not scaled."""
    from adaptive.models.recurrent.networks import core_pairs  # noqa: PLC0415 - numba takes half a second to load

    return core_pairs(mean, variance, asked.rows.guess)


def trail_residuals(trail: Trail, memory: bytes, asked: AskedItems, core: Floats, seconds: float | None, layers: Layers) -> Floats:
    """(n_items,) the networks' mean residual; `core` (n_items, N_CORE) is not scaled."""
    from adaptive.models.recurrent.kernel import context, describe_asked  # noqa: PLC0415 - numba takes half a second to load
    from adaptive.models.recurrent.networks import answered, residuals  # noqa: PLC0415 - as above

    columns, of_skills, numbers, own = asked.columns, trail.skills, np.array(trail.numbers), np.empty(N_CONTEXT)
    skills = np.array([of_skills.get(id_, FRESH_SKILL) for id_ in columns.skill_ids]).reshape(-1, len(FRESH_SKILL))
    rows = {columns.item_index[id_]: row for id_, row in trail.items.items() if id_ in columns.item_index}
    met, met_row = np.array([*rows.values()]).reshape(-1, len(FRESH_ITEM)), np.full(len(columns.item_ids), -1)
    met_row[[*rows]] = np.arange(len(rows))
    last = columns.skill_ids.index(trail.last_skill) if trail.last_skill in columns.skill_ids else _UNKNOWN_SKILL
    features, row_of = describe_asked(numbers, last, skills, met, met_row, asked.rows, _known(seconds))
    context(numbers, own)
    kept = _doubles(memory)
    return residuals(features, row_of, asked.rows, core, answered(own, kept, trail.n_attempts, layers), kept, layers)


def after_attempt(
    trail: Trail, memory: bytes, asked: AskedAttempt, answer: tuple[float, float | None], core: tuple[float, float], layers: Layers
) -> tuple[Trail, bytes]:
    """History and memory after an attempt: `answer` is score (NaN without evidence) and seconds, `core` its mean and variance before."""
    from adaptive.models.recurrent.kernel import meet  # noqa: PLC0415 - numba takes half a second to load
    from adaptive.models.recurrent.networks import core_pair, recall  # noqa: PLC0415 - as above

    of_skills, items, numbers, after = trail.skills, trail.items, np.array(trail.numbers), _doubles(memory)
    skills = np.array([of_skills.get(id_, FRESH_SKILL) for id_ in asked.skill_ids])
    item = np.array(items.get(asked.item_id, FRESH_ITEM))
    repeats = 1.0 if asked.has_one_skill and asked.first_skill == trail.last_skill else 0.0
    said, features = core_pair(*core, asked.guess), np.empty(N_FEATURES)
    made = (repeats, answer[0], 1.0 / (1.0 + exp(-said[0])), _known(answer[1]))
    signed_and_residual = meet(numbers, skills, asked.which, item, made, features)
    recall(after, features, said, asked.static, signed_and_residual, asked.code, asked.own, layers)
    for skill_id, row in zip(asked.skill_ids, skills.tolist(), strict=True):
        of_skills = of_skills.set(skill_id, tuple(row))
    now = Trail(tuple(numbers.tolist()), asked.first_skill, of_skills, items.set(asked.item_id, tuple(item.tolist())))
    return now.pruned(), after.tobytes()


def _doubles(memory: bytes) -> Floats:
    return np.array(np.frombuffer(memory, "<f8"))  # a copy can be written to


def _starts(lengths: Iterable[int]) -> Ints:
    return np.concatenate([[0], np.cumsum(np.fromiter(lengths, dtype=np.int64))])


def _known(seconds: float | None) -> float:
    return nan if seconds is None else seconds
