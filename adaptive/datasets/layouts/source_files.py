"""Which layout a file has: by its suffix, unless its column map says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from adaptive.datasets.layouts.delimited import DelimitedText
from adaptive.datasets.layouts.file_content import COMPRESSIONS
from adaptive.datasets.layouts.json_lines import JsonLines
from adaptive.datasets.layouts.parquet import ParquetFile
from adaptive.datasets.layouts.source_rows import Layout, SourceRows, refused_file
from adaptive.errors import unknown_name

__all__ = ["LAYOUTS", "read_rows"]

LAYOUTS: Final[Mapping[str, Layout]] = {
    ".csv": DelimitedText(),
    ".tsv": DelimitedText(separator="\t"),
    ".ndjson": JsonLines(),
    ".jsonl": JsonLines(),
    ".parquet": ParquetFile(),
}
"""Layouts by suffix; text layouts also with .gz or .xz behind."""


def read_rows(path: Path, wanted: Collection[str], layout: Layout | None) -> SourceRows:
    """The rows of a file with its wanted columns. Raises InvalidInput where it is broken or holds no row."""
    rows = (layout or _layout_of(path)).read(path, wanted)
    if not rows.frame.height and not rows.rejects.height:
        raise refused_file(path, "it must hold rows", "a header alone", "check that the download or export is complete")
    return rows


def _layout_of(path: Path) -> Layout:
    suffix = path.with_suffix("").suffix if path.suffix.lower() in COMPRESSIONS else path.suffix
    try:
        return LAYOUTS[suffix.lower()]
    except KeyError:
        raise unknown_name("file suffix", suffix, LAYOUTS, way_out="rename the file or name its format: --format list") from None
