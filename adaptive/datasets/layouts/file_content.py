"""The bytes of a file, decompressed; a damaged file is named, never half read."""

from __future__ import annotations

import gzip
import lzma
import zlib
from collections.abc import Callable, Mapping
from io import BufferedIOBase
from pathlib import Path
from typing import Final

from adaptive.datasets.layouts.source_rows import refused_file

__all__ = ["COMPRESSIONS", "content_of", "decoded"]

COMPRESSIONS: Final[Mapping[str, Callable[[Path], BufferedIOBase]]] = {".gz": gzip.GzipFile, ".xz": lzma.LZMAFile}
"""Suffixes that are undone before a file is read."""

_DAMAGED = (EOFError, lzma.LZMAError, gzip.BadGzipFile, zlib.error)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def content_of(path: Path) -> bytes:
    """The file's bytes, decompressed by its suffix. Raises InvalidInput where it is missing, damaged or empty."""
    try:
        with COMPRESSIONS.get(path.suffix.lower(), _plain)(path) as stream:
            content = stream.read().removeprefix(_BYTE_ORDER_MARK)
    except _DAMAGED as error:
        raise refused_file(path, f"it must be a complete {path.suffix} stream", error, "fetch or compress the file again") from error
    except OSError as error:
        raise refused_file(path, "it must be a file that can be read", error.strerror, "check the path and its rights") from error
    if not content or content.isspace():
        raise refused_file(path, "it must hold rows", f"{len(content)} bytes", "check that the download or export is complete")
    return content


def _plain(path: Path) -> BufferedIOBase:
    return path.open("rb")


def decoded(content: bytes, encoding: str, path: Path) -> str:
    """The content as text. Raises InvalidInput with the line that is not in that encoding."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"byte {content[error.start : error.start + 1]!r} in line {line}"
        raise refused_file(path, f"its text must be {encoding}", found, "save it as UTF-8") from error
