"""A folder with one delimited file a learner, named for the learner."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from adaptive.datasets.layouts.source_rows import SourceRows, refused_file

__all__ = ["LearnerFiles"]


@dataclass(frozen=True, slots=True)
class LearnerFiles:
    """`u1.csv`, `u2.csv`, ... in order of name; data rows are counted through the folder.

    A learner is named by what stands for `*` in the pattern: `u1.2.csv` is of learner u1.2.
    """

    pattern: str = "*.csv"
    learner_column: str = "learner_id"

    def read(self, path: Path, wanted: Collection[str]) -> SourceRows:
        """The rows of all files as texts, with the learner that each file names."""
        files = sorted(path.glob(self.pattern))
        if not files:
            raise refused_file(
                path, f"it must be a folder with a {self.pattern} file per learner", "none", "name the folder that holds them"
            )
        try:
            rows = pl.scan_csv(files, infer_schema=False, include_file_paths=self.learner_column)
            columns = rows.collect_schema().names()
            name = pl.col(self.learner_column).str.split("/").list.last()
            learner = name.str.strip_suffix(self.pattern.removeprefix("*"))
            frame = rows.select(learner, *(name for name in columns if name in wanted and name != self.learner_column)).collect()
        except pl.exceptions.PolarsError as error:
            raise refused_file(path, "all files must be CSV with the same header", error, "repair or remove the file") from error
        return SourceRows.whole(frame, columns)
