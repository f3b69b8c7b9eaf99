"""The catalogue directory: skills.csv, items.csv, edges.csv and catalog.json."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from adaptive.catalog.catalog import Catalog
from adaptive.catalog.rows import Row, Table, join_escaped, read_rows, write_rows
from adaptive.catalog.validation import Finding, errors_among, validate
from adaptive.domain import Item, Prerequisite, Skill
from adaptive.errors import InvalidInput, Problem

__all__ = ["inspect_catalog", "read_catalog", "write_catalog"]

SKILLS: Final = Table("skills.csv", ("skill_id", "title", "grade", "domain", "code", "difficulty", "parent_id"), n_required=1)
ITEMS: Final = Table(
    "items.csv", ("item_id", "skill_ids", "family_id", "difficulty", "options", "text", "answer", "hint", "retired"), n_required=2
)
EDGES: Final = Table("edges.csv", ("prerequisite_id", "skill_id", "weight"), n_required=2)
LABEL: Final = "catalog.json"


def read_catalog(path: Path) -> Catalog:
    """The catalogue in the folder. Raises InvalidInput with every error found, by file and row.

    Columns after the ids may be absent. Lists (`skill_ids`, `options`) are joined by ';'; a backslash before ';' keeps it
    in an option. The content decides what the catalogue's version is: `inspect_catalog` tells where the label disagrees.

    >>> from tempfile import TemporaryDirectory
    >>> catalog = Catalog("tiny", "rit", (Skill("halves", difficulty=190.0),), (Item("q1", ("halves",)),))
    >>> with TemporaryDirectory() as folder:
    ...     write_catalog(catalog, Path(folder))
    ...     read_catalog(Path(folder)) == catalog
    True
    """
    return inspect_catalog(path)[0]


def inspect_catalog(path: Path) -> tuple[Catalog, list[Finding]]:
    """The catalogue in the folder with the warnings about it.

    They are: too few items, orphans, columns that were not read, and a label whose version is not that of the content
    (edited by hand, or an interrupted write). Raises InvalidInput as `read_catalog` does.
    """
    problems: list[Problem] = []
    label = _read_label(path, problems)
    skill_rows, item_rows, edge_rows = (read_rows(path, table, problems) for table in (SKILLS, ITEMS, EDGES))
    _refuse(path, problems)  # what stands in the files is only worth checking where all of them could be read
    catalog = Catalog(
        name=label.get("name", path.name),
        scale=label["scale"],  # type: ignore[arg-type]  # validate checks that the scale is known
        skills=tuple(map(_skill, skill_rows)),
        items=tuple(map(_item, item_rows)),
        prerequisites=tuple(map(_edge, edge_rows)),
    )
    findings = validate(catalog)
    _refuse(path, [*problems, *errors_among(findings)])
    unread = [Finding("warning", problem) for rows in (skill_rows, item_rows, edge_rows) for problem in _unread(rows[:1])]
    return catalog, [*findings, *unread, *_stale_label(label.get("version"), catalog)]


def _refuse(path: Path, problems: list[Problem]) -> None:
    if problems:
        raise InvalidInput(f"catalogue {path}", problems)


def write_catalog(catalog: Catalog, path: Path) -> None:
    """The catalogue as four files in the folder, which is made where absent; other files in it stay.

    All are written beside their places and then moved in, catalog.json last: an interrupted write leaves the old files,
    or a label that `inspect_catalog` reports. Raises InvalidInput, and writes nothing, where the catalogue has errors.
    """
    _refuse(path, errors_among(validate(catalog)))
    try:
        path.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".catalog-", dir=path) as folder:
            _write_all(catalog, Path(folder))
            for name in (SKILLS.file, ITEMS.file, EDGES.file, LABEL):
                (Path(folder) / name).replace(path / name)
    except OSError as error:
        problem = Problem("folder", "must be writable", str(error.strerror), "choose another folder or free this one")
        raise InvalidInput(f"catalogue {path}", [problem]) from error


def _write_all(catalog: Catalog, folder: Path) -> None:
    label = {"name": catalog.name, "version": catalog.version, "scale": catalog.scale}
    write_rows(folder, SKILLS, map(_skill_cells, catalog.skills))
    write_rows(folder, ITEMS, map(_item_cells, catalog.items))
    write_rows(folder, EDGES, map(_edge_cells, catalog.prerequisites))
    (folder / LABEL).write_text(json.dumps(label, indent=2) + "\n", encoding="utf-8")


def _read_label(path: Path, problems: list[Problem]) -> dict[str, str]:
    try:
        label = json.loads((path / LABEL).read_text(encoding="utf-8-sig"))
    except OSError as error:
        problems.append(
            Problem(LABEL, "a catalogue folder holds this file", str(error.strerror), f"put it into {path}, with name and scale")
        )
        return {}
    except ValueError as error:
        problems.append(Problem(LABEL, "must be JSON in UTF-8", str(error), 'write {"name": ..., "scale": "logit"}'))
        return {}
    fields = ("name", "version", "scale")
    if not isinstance(label, dict) or not all(isinstance(label.get(field, ""), str) for field in fields) or "scale" not in label:
        problems.append(Problem(LABEL, "must be an object of texts with a scale", json.dumps(label), "name the scale: logit or rit"))
        return {}
    return {field: label[field] for field in fields if field in label}


def _skill(row: Row) -> Skill:
    return Skill(
        skill_id=row.text("skill_id"),
        title=row.text("title"),
        grade=row.text("grade"),
        domain=row.text("domain"),
        code=row.text("code"),
        difficulty=row.decimal("difficulty"),
        parent_id=row.optional("parent_id"),
    )


def _item(row: Row) -> Item:
    return Item(
        item_id=row.text("item_id"),
        skill_ids=row.ids("skill_ids"),
        family_id=row.optional("family_id"),
        difficulty=row.decimal("difficulty"),
        options=row.texts("options"),
        text=row.text("text"),
        answer=row.text("answer"),
        hint=row.text("hint"),
        retired=row.flag("retired"),
    )


def _edge(row: Row) -> Prerequisite:
    weight = row.decimal("weight")
    return Prerequisite(row.text("prerequisite_id"), row.text("skill_id"), 1.0 if weight is None else weight)


def _unread(first_row: list[Row]) -> list[Problem]:
    columns = {table.file: table.columns for table in (SKILLS, ITEMS, EDGES)}
    return [
        Problem(f"{row.file} row 1", "columns outside the format are not read", column, f"the columns are {','.join(columns[row.file])}")
        for row in first_row
        for column in row.cells
        if column not in columns[row.file]
    ]


def _stale_label(version: str | None, catalog: Catalog) -> list[Finding]:
    if version in (None, catalog.version):
        return []
    rule = f"the version is the hash of the content, {catalog.version}"
    return [
        Finding("warning", Problem(f"{LABEL}, version", rule, str(version), "the content decides; write the catalogue again to renew it"))
    ]


def _skill_cells(skill: Skill) -> list[str]:
    difficulty = _decimal_cell(skill.difficulty)
    return [skill.skill_id, skill.title, skill.grade, skill.domain, skill.code, difficulty, skill.parent_id or ""]


def _item_cells(item: Item) -> list[str]:
    shown = [join_escaped(item.options), item.text, item.answer, item.hint]
    return [item.item_id, ";".join(item.skill_ids), item.family_id or "", _decimal_cell(item.difficulty), *shown, str(int(item.retired))]


def _edge_cells(edge: Prerequisite) -> list[str]:
    return [edge.prerequisite_id, edge.skill_id, _decimal_cell(edge.weight)]


def _decimal_cell(value: float | None) -> str:
    return "" if value is None else repr(float(value))
