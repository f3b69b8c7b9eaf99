"""A hash of a frame's content that does not depend on how its memory is laid out."""

from __future__ import annotations

import hashlib

import polars as pl

__all__ = ["content_sha256"]


def content_sha256(frame: pl.DataFrame) -> str:
    """SHA-256 over names and values, column by column; equal for equal values in equal order.

    Texts and lists enter as their lengths, then their joined content, so that ("ab", "c") and ("a", "bc") differ.

    >>> content_sha256(pl.DataFrame({"a": ["ab", "c"]})) == content_sha256(pl.DataFrame({"a": ["a", "bc"]}))
    False
    """
    digest = hashlib.sha256()
    for column in frame:
        digest.update(f"{column.name}:{len(column)};".encode())
        _feed(digest, column)
    return digest.hexdigest()


def _feed(digest: hashlib._Hash, column: pl.Series) -> None:
    digest.update(column.is_null().to_numpy().tobytes())
    if isinstance(column.dtype, pl.List):
        digest.update(column.list.len().fill_null(0).to_numpy().astype("<i8").tobytes())
        return _feed(digest, column.explode().drop_nulls())
    if column.dtype == pl.String:
        digest.update(column.str.len_bytes().fill_null(0).to_numpy().astype("<i8").tobytes())
        return digest.update(str(column.drop_nulls().str.join("").item()).encode())
    numbers = column.to_physical().fill_null(0).cast(pl.Float64 if column.dtype.is_float() else pl.Int64)
    return digest.update(numbers.to_numpy().astype(numbers.to_numpy().dtype.newbyteorder("<")).tobytes())
