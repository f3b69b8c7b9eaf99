"""CSV tables whose broken cells become named problems: file, row, rule, value."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adaptive.errors import Problem

__all__ = ["FLAGS", "Row", "Table", "join_escaped", "read_rows", "write_rows"]

FLAGS: Final = {"": False, "0": False, "1": True}
"""Spellings of a claim in a cell."""

_PART: Final = re.compile(r"((?:\\[;\\]|[^;])*);")


@dataclass(frozen=True, slots=True)
class Table:
    """A file of the catalogue: its name, its columns in order, and how many of the first ones must be there."""

    file: str
    columns: tuple[str, ...]
    n_required: int


@dataclass(frozen=True, slots=True)
class Row:
    """One row by column name. What cannot be read is added to `problems` and read as missing.

    `number` counts as a spreadsheet does: the header is row 1.
    """

    file: str
    number: int
    cells: dict[str, str]
    problems: list[Problem]

    def text(self, column: str) -> str:
        """The cell as it stands; empty where the column is absent."""
        return self.cells.get(column, "")

    def optional(self, column: str) -> str | None:
        """The cell, None where empty."""
        return self.text(column) or None

    def decimal(self, column: str) -> float | None:
        """The cell as a number, None where empty."""
        cell = self.text(column).strip()
        if not cell:
            return None
        try:
            return float(cell)
        except ValueError:
            self._broken(column, "must be a number or empty", cell, "write it with a decimal point")
            return None

    def flag(self, column: str) -> bool:
        """The cell as 0 or 1, False where empty."""
        cell = self.text(column).strip()
        if cell not in FLAGS:
            self._broken(column, "must be 0, 1 or empty", cell, "write 1 for yes")
        return FLAGS.get(cell, False)

    def ids(self, column: str) -> tuple[str, ...]:
        """Ids joined by ';', each trimmed; none where empty."""
        cell = self.text(column).strip()
        return tuple(part.strip() for part in cell.split(";")) if cell else ()

    def texts(self, column: str) -> tuple[str, ...]:
        r"""Texts joined by ';' as `join_escaped` writes them, each trimmed; none where empty.

        >>> Row("items.csv", 2, {"options": r"3/4; (1\; 2)"}, []).texts("options")
        ('3/4', '(1; 2)')
        """
        cell = self.text(column)
        parts = _PART.findall(cell + ";") if cell else []
        return tuple(re.sub(r"\\([;\\])", r"\1", part).strip() for part in parts)

    def _broken(self, column: str, rule: str, value: str, way_out: str) -> None:
        self.problems.append(Problem(f"{self.file} row {self.number}", f"{column} {rule}", value, way_out))


def join_escaped(texts: Iterable[str]) -> str:
    r"""Texts joined by ';', with a backslash before each ';' and backslash that belongs to a text.

    >>> print(join_escaped(["3/4", "(1; 2)"]))
    3/4;(1\; 2)
    """
    return ";".join(re.sub(r"([;\\])", r"\\\1", text) for text in texts)


def read_rows(path: Path, table: Table, problems: list[Problem]) -> list[Row]:
    """Rows of the table's file in `path`, a folder. What is missing or broken is added to `problems`."""
    try:
        with (path / table.file).open(encoding="utf-8-sig", newline="") as lines:
            records = list(csv.reader(lines, strict=True))
    except OSError as error:
        problems.append(Problem(table.file, "a catalogue folder holds this file", str(error.strerror), f"put it into {path}"))
        return []
    except (csv.Error, UnicodeDecodeError) as error:
        problems.append(Problem(table.file, "must be CSV in UTF-8", str(error), "save it as CSV (UTF-8)"))
        return []
    header = records[0] if records else []
    faults = list(_header_problems(table, header))
    problems.extend(faults)
    return [] if faults else list(_rows(table, header, records, problems))


def _header_problems(table: Table, header: Sequence[str]) -> Iterator[Problem]:
    shown = ",".join(header)
    for column in table.columns[: table.n_required]:
        if column not in header:
            yield Problem(
                f"{table.file} row 1", f"column {column} must be there", shown, f"add it; the columns are {','.join(table.columns)}"
            )
    for column in dict.fromkeys(column for column in header if header.count(column) > 1):
        yield Problem(f"{table.file} row 1", "each column has its own name", column, "rename or remove the repeat")


def _rows(table: Table, header: Sequence[str], records: Sequence[Sequence[str]], problems: list[Problem]) -> Iterator[Row]:
    for number, record in enumerate(records[1:], start=2):
        if len(record) == len(header):
            yield Row(table.file, number, dict(zip(header, record, strict=True)), problems)
        elif record:
            rule = f"a row has {len(header)} cells, as the header"
            problems.append(Problem(f"{table.file} row {number}", rule, str(len(record)), "quote cells that hold a comma, or fill the row"))


def write_rows(path: Path, table: Table, rows: Iterable[Sequence[str]]) -> None:
    """The table's file in `path`, a folder: RFC 4180, so that line breaks inside a cell come back as they were."""
    with (path / table.file).open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(table.columns)
        writer.writerows(rows)
