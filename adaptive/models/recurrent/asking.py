"""A learner's history brought into the kernel's arrays, for items that are asked about and for an attempt that is made."""

from __future__ import annotations

from math import nan

import numpy as np

from adaptive.models.recurrent.inputs import N_INPUTS, ItemInputs, core_inputs
from adaptive.models.recurrent.trail import FRESH_ITEM, FRESH_SKILL, N_CONTEXT, N_FEATURES, Asked, Trail
from adaptive.protocols import Floats

__all__ = ["core_part", "learner_rows", "row_after"]

_UNKNOWN_SKILL = -1


def learner_rows(trail: Trail) -> tuple[Floats, Floats]:
    """The history's numbers, and the context (9,) that items answer to by themselves."""
    from adaptive.models.recurrent.kernel import context  # noqa: PLC0415 - numba takes half a second to load

    numbers, out = np.array(trail.numbers), np.empty(N_CONTEXT)
    context(numbers, out)
    return numbers, out


def core_part(mean: Floats, variance: Floats, items: ItemInputs, trail: Trail, seconds: float | None) -> Floats:
    """(n_items, N_INPUTS) features of the history and of the core, not scaled."""
    from adaptive.models.recurrent.kernel import describe_items  # noqa: PLC0415 - numba takes half a second to load

    columns, inputs = items.columns, np.empty((len(mean), N_INPUTS))
    skills = np.array([trail.skills.get(id_, FRESH_SKILL) for id_ in columns.skill_ids])
    met = np.empty((len(columns.item_ids), len(FRESH_ITEM)))
    met[:] = FRESH_ITEM
    for item_id, row in trail.items.items() if len(trail.items) else ():
        code = columns.item_index.get(item_id)
        if code is not None:
            met[code] = row
    last = columns.skill_ids.index(trail.last_skill) if trail.last_skill in columns.skill_ids else _UNKNOWN_SKILL
    asked = Asked(columns.item, columns.skill, np.append(columns.start, len(columns.skill)))
    describe_items(np.array(trail.numbers), last, skills, met, asked, _known(seconds), inputs)
    inputs[:, N_FEATURES:] = core_inputs(mean, variance, items.facts)
    return inputs


def row_after(trail: Trail, item_id: str, skill_ids: tuple[str, ...], score: float, p_core: float, seconds: float | None) -> Trail:
    """The history after the attempt; `score` is NaN without evidence, `p_core` what the core expected."""
    from adaptive.models.recurrent.kernel import remember  # noqa: PLC0415 - numba takes half a second to load

    distinct = tuple(dict.fromkeys(skill_ids))
    numbers, skills = np.array(trail.numbers), np.array([trail.skills.get(id_, FRESH_SKILL) for id_ in distinct])
    item = np.array(trail.items.get(item_id, FRESH_ITEM))
    which = np.array([distinct.index(id_) for id_ in skill_ids])
    repeats = 1.0 if len(skill_ids) == 1 and skill_ids[0] == trail.last_skill else 0.0
    remember(numbers, skills, which, item, repeats, score, p_core, _known(seconds))
    of_skills = trail.skills
    for skill_id, row in zip(distinct, skills.tolist(), strict=True):
        of_skills = of_skills.set(skill_id, tuple(row))
    after = Trail(tuple(numbers.tolist()), skill_ids[0], of_skills, trail.items.set(item_id, tuple(item.tolist())))
    return Trail(after.numbers, after.last_skill, after.skills, after.remembered())


def _known(seconds: float | None) -> float:
    return nan if seconds is None else seconds
