"""Items and skills as integer codes, made once per object: what lets a model answer for 10,000 items in vector steps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Self, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from adaptive.protocols import Codes, Floats, Ints, Items

__all__ = ["NO_SKILL", "Cached", "ItemColumns", "SkillEntries", "Vocabulary", "seconds_of", "skill_entries", "skills_or_none"]

NO_SKILL = ""
"""Stands in for the skill of an item that has none, so that each item has at least one."""

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


def skills_or_none(skill_ids: tuple[str, ...]) -> tuple[str, ...]:
    """The skills, or the one that stands for none."""
    return skill_ids or (NO_SKILL,)


def seconds_of(at: datetime | None) -> float | None:
    """Seconds since the epoch, None where the time is unknown."""
    return None if at is None else at.timestamp()


class Vocabulary:
    """Ids that a fitted model knows, each with its place in the model's arrays.

    >>> Vocabulary(["q1", "q2"]).codes(["q2", "q9"])
    array([ 1, -1])
    """

    def __init__(self, ids: Iterable[str]) -> None:
        self.ids = tuple(ids)
        self.index = {id_: code for code, id_ in enumerate(self.ids)}

    def __len__(self) -> int:
        return len(self.ids)

    def codes(self, ids: Iterable[str]) -> Ints:
        """(n,) places, -1 where unknown."""
        return np.array([self.index.get(id_, -1) for id_ in ids], dtype=np.int64)

    def look_up(self, values: Floats, ids: Iterable[str], *, default: float) -> Floats:
        """(n,) the value of each id, `default` where unknown; `values` is (len(self),)."""
        return np.append(values, default)[self.codes(ids)]  # code -1 is the appended default

    def array(self) -> NDArray[np.uint8]:
        """The ids for the model's folder: a JSON list in UTF-8, as bytes.

        An array of numpy strings would lose NUL characters at their ends, and be as wide as the longest for each.
        """
        return np.frombuffer(json.dumps(self.ids).encode(), dtype=np.uint8)

    @classmethod
    def of_array(cls, array: NDArray[np.uint8]) -> Self:
        """What `array` wrote.

        >>> Vocabulary.of_array(Vocabulary(["q1", "q2"]).array()).ids
        ('q1', 'q2')
        """
        return cls(json.loads(array.tobytes()))


@dataclass(frozen=True, slots=True, eq=False)
class ItemColumns:
    """Items with local codes: `item` (n_items,) into `item_ids`, and per item a run of `skill` codes into `skill_ids`."""

    item_ids: tuple[str, ...]
    skill_ids: tuple[str, ...]
    item: Ints
    skill: Ints
    start: Ints
    n_skills: Floats
    item_index: dict[str, int] = field(repr=False)

    @classmethod
    def of(cls, items: Items) -> ItemColumns:
        """The codes of these items; an id may come twice.

        >>> columns = ItemColumns.of(Items(("q1", "q2"), (("a", "b"), ("b",))))
        >>> columns.skill_ids, columns.mean_over_skills(np.array([0.2, 0.6]))
        (('a', 'b'), array([0.4, 0.6]))
        """
        item_index = {id_: code for code, id_ in enumerate(dict.fromkeys(items.item_ids))}
        runs = [skills_or_none(skill_ids) for skill_ids in items.skill_ids]
        skill_index = {id_: code for code, id_ in enumerate(dict.fromkeys(id_ for run in runs for id_ in run))}
        lengths = np.array([len(run) for run in runs], dtype=np.int64)
        return cls(
            item_ids=tuple(item_index),
            skill_ids=tuple(skill_index),
            item=np.array([item_index[id_] for id_ in items.item_ids], dtype=np.int64),
            skill=np.array([skill_index[id_] for run in runs for id_ in run], dtype=np.int64),
            start=np.cumsum(lengths) - lengths,
            n_skills=lengths.astype(np.float64),
            item_index=item_index,
        )

    def entries(self, index: Ints) -> Ints:
        """Places in `skill` of the skills of the items at `index`, run after run."""
        lengths = self.n_skills[index].astype(np.int64)
        return np.repeat(self.start[index] - (np.cumsum(lengths) - lengths), lengths) + np.arange(lengths.sum())

    def take(self, index: Ints) -> ItemColumns:
        """Those of the items at `index`; skills and ids that they lack are left out, the others keep their order.

        >>> columns = ItemColumns.of(Items(("q1", "q2", "q3"), (("a", "b"), ("b",), ("c",)))).take(np.array([2, 1]))
        >>> columns.item_ids, columns.item.tolist(), columns.skill_ids, columns.skill.tolist()
        (('q2', 'q3'), [1, 0], ('b', 'c'), [1, 0])
        """
        lengths = self.n_skills[index]
        items, item = np.unique(self.item[index], return_inverse=True)
        skills, skill = np.unique(self.skill[self.entries(index)], return_inverse=True)
        item_ids = tuple(map(self.item_ids.__getitem__, items.tolist()))
        return ItemColumns(
            item_ids=item_ids,
            skill_ids=tuple(map(self.skill_ids.__getitem__, skills.tolist())),
            item=item,
            skill=skill,
            start=(np.cumsum(lengths) - lengths).astype(np.int64),
            n_skills=lengths,
            item_index={id_: code for code, id_ in enumerate(item_ids)},
        )

    def mean_over_skills(self, values: Floats) -> Floats:
        """(n_items, ...) the mean over each item's skills of `values` (n_skills, ...)."""
        if len(self.skill) == len(self.start):  # one skill each: the mean is the value itself
            return values[self.skill]
        return (np.add.reduceat(values[self.skill], self.start).T / self.n_skills).T


@dataclass(frozen=True, slots=True, eq=False)
class SkillEntries:
    """One entry per attempt and skill of it: the attempt's `row` and the `skill` code, each (n_entries,)."""

    skill_ids: tuple[str, ...]
    row: Ints
    skill: Ints


def skill_entries(codes: Codes) -> SkillEntries:
    """The table by attempt and skill, in table order; an attempt without skills has one entry, on NO_SKILL."""
    length = np.diff(codes.skill_start)
    is_bare = length == 0
    row = np.repeat(np.arange(len(length)), np.maximum(length, 1))
    skill = np.full(len(row), len(codes.skill_ids), dtype=np.int64)
    skill[~is_bare[row]] = codes.skill
    return SkillEntries((*codes.skill_ids, NO_SKILL) if is_bare.any() else codes.skill_ids, row, skill)


class Cached(Generic[KeyT, ValueT]):
    """`make(key)` remembered for as long as the key lives; keys compare by identity."""

    def __init__(self, make: Callable[[KeyT], ValueT]) -> None:
        self._make = make
        self._made: WeakKeyDictionary[KeyT, ValueT] = WeakKeyDictionary()

    def __call__(self, key: KeyT) -> ValueT:
        """The value made for this key, now or earlier."""
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = self._make(key)
        return found
