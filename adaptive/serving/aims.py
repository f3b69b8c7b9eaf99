"""What a plan asks of the recommendations that follow it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Self

from adaptive.catalog import Catalog
from adaptive.domain import Plan

__all__ = ["Aim"]


@dataclass(frozen=True, slots=True)
class Aim:
    """Skills to work towards, items that must not be shown on the way, and which skills come first."""

    skill_ids: tuple[str, ...]
    exclude_item_ids: tuple[str, ...] = ()
    plan_skill_ids: tuple[str, ...] = ()
    pinned_skill_ids: tuple[str, ...] = ()

    @classmethod
    def of_plan(cls, plan: Plan, catalog: Catalog, on: date) -> Self:
        """The skills of its steps, without the items of those that it excludes; first what it has begun by that day, and what is pinned.

        A plan without steps aims at what its goal does not exclude: never at the whole catalogue. Where the goal excludes
        all of itself, no item serves it. Raises UnknownSkill where the catalogue has lost a skill since.
        """
        goal = plan.goal
        steps = tuple(step.skill_id for step in plan.steps)
        wanted = steps or tuple(skill_id for skill_id in goal.skill_ids if skill_id not in goal.excluded)
        barred = goal.excluded if wanted else catalog.closure(goal.skill_ids)
        items = dict.fromkeys(item.item_id for skill_id in barred for item in catalog.items_of(skill_id))
        week = (on - plan.start_on).days // 7 + 1  # its first week is 1
        begun = dict.fromkeys(step.skill_id for step in plan.steps if step.start_week <= week)
        return cls(wanted or goal.skill_ids, tuple(items), tuple(begun), goal.pinned)
