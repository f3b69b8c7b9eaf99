"""One structured line a request, without anything that tells who it was about."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["LOGGER", "JsonLines", "RequestLog"]

LOGGER: Final = logging.getLogger("adaptive.serving")


@dataclass(frozen=True, slots=True)
class RequestLog:
    """Gives each request an id, answers it in X-Request-ID, and logs method, route, status and milliseconds.

    The route is logged and not the path, which names the learner; addresses, queries and bodies are not logged.
    """

    app: ASGIApp
    new_id: Callable[[], str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and log what became of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id, started, status = self.new_id(), perf_counter(), 500
        scope.setdefault("state", {})["request_id"] = request_id

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, observed)
        finally:
            route = getattr(scope.get("route"), "path_format", "unknown")
            milliseconds = round(1000.0 * (perf_counter() - started), 2)
            fields = {"request_id": request_id, "method": scope["method"], "route": route, "status": status, "ms": milliseconds}
            LOGGER.info("request", extra={"fields": fields})


class JsonLines(logging.Formatter):
    """Each record as one JSON object: time, level, event, and the fields given as `extra={"fields": ...}`.

    >>> record = logging.LogRecord("adaptive.serving", logging.INFO, "", 0, "started", None, None)
    >>> json.loads(JsonLines().format(record))["event"]
    'started'
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line: dict[str, Any] = {  # Any: JSON values
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)
