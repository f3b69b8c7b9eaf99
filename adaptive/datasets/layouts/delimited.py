"""Delimited text with a header line: CSV, TSV, plain or compressed."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from adaptive.datasets.layouts.file_content import content_of, decoded
from adaptive.datasets.layouts.source_rows import SourceRows, chosen, refused_file
from adaptive.datasets.rejects import rejects_of

__all__ = ["DelimitedText"]

_BLANK_LINES = rb"(\r?\n)(?:\r?\n)+"
_QUOTED_CELL = rb'(?<![^%s\r\n])"(?:[^"]++|"")*+"'


@dataclass(frozen=True, slots=True)
class DelimitedText:
    """A header, then one row a line; quotes as in RFC 4180. Blank lines are no rows; a short row ends in empty cells."""

    separator: str = ","
    encoding: str = "utf-8"

    def read(self, path: Path, wanted: Collection[str]) -> SourceRows:
        """The rows as texts; a row with more cells than the header is rejected, the rest goes on."""
        content = _without_blank_lines(content_of(path), self.separator)
        if self.encoding != "utf-8":
            content = decoded(content, self.encoding, path).encode()
        try:
            return self._read_fast(content, path, wanted)
        except pl.exceptions.ComputeError:
            return self._read_row_by_row(decoded(content, "utf-8", path), path, wanted)

    def _read_fast(self, content: bytes, path: Path, wanted: Collection[str]) -> SourceRows:
        header = next(csv.reader([_first_line(content)], delimiter=self.separator))
        _check_header(header, path)
        frame = pl.read_csv(content, columns=chosen(header, wanted), separator=self.separator, infer_schema=False)
        return SourceRows.whole(frame, header)

    def _read_row_by_row(self, text: str, path: Path, wanted: Collection[str]) -> SourceRows:
        """The slow way, which can tell a broken row from its neighbours."""
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.separator, strict=True)
        try:
            header, *rows = reader
        except csv.Error as error:
            found = f"{error} in line {reader.line_num}"
            raise refused_file(path, "quotes must close and stand around a whole cell", found, "double the quotes inside cells") from error
        width = len(header)
        _check_header(header, path)
        good = [(row, [*cells, *[""] * (width - len(cells))]) for row, cells in enumerate(rows) if len(cells) <= width]
        columns = zip(*(cells for _, cells in good), strict=True) if good else ((),) * width
        texts = {name: pl.Series(values, dtype=pl.String) for name, values in zip(header, columns, strict=True)}
        frame = pl.DataFrame(texts).select(chosen(header, wanted))
        wide = [(row, self.separator.join(cells)) for row, cells in enumerate(rows) if len(cells) > width]
        return SourceRows(frame, pl.Series([row for row, _ in good], dtype=pl.Int64), tuple(header), _too_wide(wide, width))


def _without_blank_lines(content: bytes, separator: str) -> bytes:
    r"""The content without empty lines, but for those inside a quoted cell.

    >>> _without_blank_lines(b'a,b\n\n1,"x\n\ny"\n', ",")
    b'a,b\n1,"x\n\ny"\n'
    """
    content = content.lstrip(b"\r\n")
    if b'"' not in content or not re.search(_BLANK_LINES, content):  # which spares most files a look at each quoted cell
        return re.sub(_BLANK_LINES, rb"\1", content)
    cell = _QUOTED_CELL % re.escape(separator.encode())
    return re.sub(cell + b"|" + _BLANK_LINES, lambda found: found[1] or found[0], content)


def _first_line(content: bytes) -> str:
    end = content.find(b"\n")
    return content[: end if end >= 0 else None].decode(errors="replace").rstrip("\r")


def _check_header(header: list[str], path: Path) -> None:
    repeated = [name for name, count in Counter(header).items() if count > 1]
    if repeated:
        raise refused_file(path, "column names must differ", ", ".join(repeated), "rename them in the header line")


def _too_wide(rows: list[tuple[int, str]], width: int) -> pl.DataFrame:
    return rejects_of(
        pl.Series([row for row, _ in rows], dtype=pl.Int64),
        "",
        f"a row has at most {width} cells, as the header",
        pl.Series([text for _, text in rows], dtype=pl.String),
        "quote cells that hold the separator",
    )
