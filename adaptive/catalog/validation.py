"""All that is wrong with a catalogue, by name: errors, for which it is refused, and warnings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Final, Literal

from adaptive.catalog.catalog import Catalog, cycle_problem
from adaptive.catalog.graph import cycles
from adaptive.catalog.scale import DIFFICULTY_SCALES
from adaptive.domain import Item
from adaptive.errors import Problem

__all__ = ["FARTHEST_LOGIT", "MIN_ITEMS_PER_SKILL", "Finding", "errors_among", "validate"]

MIN_ITEMS_PER_SKILL: Final = 3
"""Three in a row unaided is the shortest common mastery rule (ASSISTments skill builder); fewer items cannot satisfy it."""

FARTHEST_LOGIT: Final = 15.0
"""50 to 350 RIT, wider than MAP Growth's scores (100 to 350): a difficulty beyond is one of another scale."""

Known = dict[str, None]
"""Skill ids of the catalogue, each once, in its order."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem and what follows from it: an `error` refuses the catalogue, a `warning` does not."""

    severity: Literal["error", "warning"]
    problem: Problem

    def __str__(self) -> str:
        return f"{self.severity}: {self.problem}"


def validate(catalog: Catalog, *, min_items_per_skill: int = MIN_ITEMS_PER_SKILL) -> list[Finding]:
    """Every problem of the catalogue, errors first.

    Errors: unknown scale; ids that are empty, padded, repeated or hold the list separator; unknown skills in items,
    edges or parents; items without a skill; self, repeated or cyclic edges; weights outside (0, 1]; a cyclic hierarchy;
    difficulties that are not finite or beyond 15 logits; options without the answer. Warnings: a skill with fewer items in use than
    `min_items_per_skill` (a parent needs none), and an orphan, which has neither items nor edges nor children.

    >>> from adaptive.domain import Item, Skill
    >>> for finding in validate(Catalog("tiny", skills=(Skill("halves"),), items=(Item("q1", ("thirds",)),))):
    ...     print(finding)
    error: items.csv, item 'q1': an item names skills of the catalogue. Got 'thirds'; add the skill or correct the id.
    warning: skills.csv, skill 'halves': a skill has items, edges or children. Got 'none of them'; use it or remove it.
    """
    known = dict.fromkeys(skill.skill_id for skill in catalog.skills)
    errors = [
        *_scale_problems(catalog),
        *_skill_problems(catalog),
        *_hierarchy_problems(catalog, known),
        *_edge_problems(catalog, known),
        *(problem for item in catalog.items for problem in _item_problems(item, known)),
        *(problem for item in catalog.items for problem in _difficulty_problems(_item(item), item.difficulty, catalog.scale)),
        *_repeats("items.csv", "item", [item.item_id for item in catalog.items]),
    ]
    warnings = _coverage_problems(catalog, min_items_per_skill)
    return [*(Finding("error", problem) for problem in errors), *(Finding("warning", problem) for problem in warnings)]


def errors_among(findings: Iterable[Finding]) -> list[Problem]:
    """The problems for which the catalogue is refused."""
    return [finding.problem for finding in findings if finding.severity == "error"]


def _scale_problems(catalog: Catalog) -> Iterator[Problem]:
    if catalog.scale not in DIFFICULTY_SCALES:
        yield Problem("catalog.json, scale", "the scale of difficulty is known", catalog.scale, f"use {' or '.join(DIFFICULTY_SCALES)}")


def _skill_problems(catalog: Catalog) -> Iterator[Problem]:
    for skill in catalog.skills:
        where = f"skills.csv, skill {skill.skill_id!r}"
        yield from _id_problems(where, skill.skill_id)
        yield from _difficulty_problems(where, skill.difficulty, catalog.scale)
        if ";" in skill.skill_id:
            yield Problem(where, "';' separates skill ids in lists, so none holds it", skill.skill_id, "use another character")
    yield from _repeats("skills.csv", "skill", [skill.skill_id for skill in catalog.skills])


def _hierarchy_problems(catalog: Catalog, known: Known) -> Iterator[Problem]:
    links: list[tuple[str, str]] = []
    for skill in catalog.skills:
        if skill.parent_id is None:
            continue
        if skill.parent_id in known:
            links.append((skill.parent_id, skill.skill_id))
        else:
            where = f"skills.csv, skill {skill.skill_id!r}"
            yield Problem(where, "the parent is a skill of the catalogue", skill.parent_id, "add the parent or empty the cell")
    for cycle in cycles(list(known), links):
        path = " -> ".join([*cycle, cycle[0]])
        yield Problem("skills.csv, parent_id", "the hierarchy of skills must be acyclic", path, "empty one parent on the path")


def _edge_problems(catalog: Catalog, known: Known) -> Iterator[Problem]:
    sound: list[tuple[str, str]] = []
    for edge in catalog.prerequisites:
        pair = (edge.prerequisite_id, edge.skill_id)
        where = f"edges.csv, edge {' -> '.join(pair)!r}"
        unknown = [end for end in dict.fromkeys(pair) if end not in known]
        yield from (Problem(where, "an edge joins skills of the catalogue", end, "add the skill or remove the edge") for end in unknown)
        if not 0.0 < edge.weight <= 1.0:
            yield Problem(where, "a weight lies in (0, 1]", str(edge.weight), "rescale it, or remove the edge for weight 0")
        if edge.prerequisite_id == edge.skill_id:
            yield Problem(where, "a skill is not its own prerequisite", edge.skill_id, "remove the edge")
        elif not unknown:
            sound.append(pair)
    ends = [f"{edge.prerequisite_id} -> {edge.skill_id}" for edge in catalog.prerequisites]
    yield from _repeats("edges.csv", "edge", ends)
    yield from map(cycle_problem, cycles(list(known), sound))


def _item_problems(item: Item, known: Known) -> Iterator[Problem]:
    where = _item(item)
    yield from _id_problems(where, item.item_id)
    if item.family_id is not None:
        yield from _id_problems(f"{where}, family_id", item.family_id)
    if not item.skill_ids:
        yield Problem(where, "an item exercises at least one skill", "", "name its skills or remove it")
    if len(set(item.skill_ids)) < len(item.skill_ids):
        yield Problem(where, "an item names each skill once", ";".join(item.skill_ids), "remove the repeat")
    unknown = [skill_id for skill_id in item.skill_ids if skill_id not in known]
    yield from (Problem(where, "an item names skills of the catalogue", name, "add the skill or correct the id") for name in unknown)
    if item.options:
        yield from _option_problems(where, item)


def _item(item: Item) -> str:
    return f"items.csv, item {item.item_id!r}"


def _option_problems(where: str, item: Item) -> Iterator[Problem]:
    shown = " | ".join(item.options)
    if item.answer not in item.options:
        yield Problem(where, "the answer is one of the options", item.answer, f"correct it or the options ({shown})")
    if len(set(item.options)) < len(item.options) or len(item.options) == 1:
        yield Problem(where, "options are two or more, all different", shown, "replace or add an option")
    if any(option != option.strip() or not option for option in item.options):
        yield Problem(where, "an option has text and no space around it", shown, "trim or fill it")


def _coverage_problems(catalog: Catalog, min_items: int) -> Iterator[Problem]:
    n_items = Counter(skill_id for item in catalog.items if not item.retired for skill_id in item.skill_ids)
    parents = {skill.parent_id for skill in catalog.skills}
    used = {skill_id for item in catalog.items for skill_id in item.skill_ids}
    used.update(end for edge in catalog.prerequisites for end in (edge.prerequisite_id, edge.skill_id))
    for skill_id in dict.fromkeys(skill.skill_id for skill in catalog.skills):
        where = f"skills.csv, skill {skill_id!r}"
        if skill_id in parents:
            continue
        if skill_id not in used:
            yield Problem(where, "a skill has items, edges or children", "none of them", "use it or remove it")
        elif n_items[skill_id] < min_items:
            rule = f"a skill has at least {min_items} items in use"
            yield Problem(where, rule, str(n_items[skill_id]), "add items, or expect early repetition")


def _id_problems(where: str, name: str) -> Iterator[Problem]:
    if not name or name != name.strip():
        yield Problem(where, "an id has text and no space around it", name, "trim or fill it")


def _difficulty_problems(where: str, difficulty: float | None, scale: str) -> Iterator[Problem]:
    if difficulty is None:
        return
    if not isfinite(difficulty):
        yield Problem(where, "a difficulty is a finite number", str(difficulty), "correct it, or leave it empty where unknown")
    elif scale in DIFFICULTY_SCALES and abs(DIFFICULTY_SCALES[scale].to_logit(difficulty)) > FARTHEST_LOGIT:
        low, high = (DIFFICULTY_SCALES[scale].from_logit(logit) for logit in (-FARTHEST_LOGIT, FARTHEST_LOGIT))
        others = " or ".join(other for other in DIFFICULTY_SCALES if other != scale)
        rule = f"a difficulty on the {scale} scale lies between {low:g} and {high:g}"
        yield Problem(where, rule, f"{difficulty:g}", f"is the scale {others}? Set it in catalog.json, or correct the number")


def _repeats(file: str, kind: str, names: Iterable[str]) -> Iterator[Problem]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Problem(f"{file}, {kind} {name!r}", f"one row for each {kind}", f"{count} rows", "rename or remove the others")
