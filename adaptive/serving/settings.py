"""The limits that a server keeps."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ServingSettings"]


@dataclass(frozen=True, slots=True)
class ServingSettings:
    """Limits of one server.

    >>> ServingSettings().max_body_bytes
    1048576
    """

    max_body_bytes: int = 1024 * 1024
    """Longest request body but a batch's. A plan with three lists of 1,000 of the longest ids takes .4 MB."""
    max_batch_bytes: int = 4 * 1024 * 1024
    """Longest batch. 1,000 attempts with the longest ids take 2.9 MB; usual ones .3 MB."""
    retry_after_seconds: int = 1
    """What a 503 asks a caller to wait."""
    max_shutdown_seconds: int = 10
    """How long a stopping server waits for the requests it is answering."""
