"""Requests whose body is too long are refused before it is read to the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["BodyLimit"]


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """Raises a 413 into whatever reads a body beyond `max_bytes`, whether its length was announced or not.

    `max_bytes_of` are the paths that take another number.
    """

    app: ASGIApp
    max_bytes: int
    max_bytes_of: Mapping[str, int]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting its body."""
        announced = next((int(value) for name, value in scope.get("headers", []) if name == b"content-length" and value.isdigit()), 0)
        max_bytes = self.max_bytes_of.get(scope.get("path", ""), self.max_bytes)
        n_bytes = 0

        async def counted() -> Message:
            nonlocal n_bytes
            _check(announced, max_bytes)
            message = await receive()
            n_bytes += len(message.get("body", b""))
            _check(n_bytes, max_bytes)
            return message

        await self.app(scope, counted, send)


def _check(n_bytes: int, max_bytes: int) -> None:
    if n_bytes > max_bytes:
        raise HTTPException(413, f"A body here has at most {max_bytes} bytes. Got {n_bytes} or more; send less at a time.")
