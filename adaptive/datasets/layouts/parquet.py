"""Parquet files, with the types that they carry."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from adaptive.datasets.layouts.source_rows import SourceRows, chosen, refused_file

__all__ = ["ParquetFile"]


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """Columns as stored; the rules for attempts read any type that holds their values."""

    def read(self, path: Path, wanted: Collection[str]) -> SourceRows:
        """The wanted columns that the file has. Raises InvalidInput where it is missing or no Parquet file."""
        try:
            columns = list(pl.read_parquet_schema(path))
            return SourceRows.whole(pl.read_parquet(path, columns=chosen(columns, wanted)), columns)
        except OSError as error:
            raise refused_file(
                path, "it must be a file that can be read", error.strerror or error, "check the path and its rights"
            ) from error
        except pl.exceptions.PolarsError as error:
            raise refused_file(path, "it must be a complete Parquet file", error, "write or fetch the file again") from error
