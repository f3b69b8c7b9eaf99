"""From whatever goes wrong while answering to problem+json."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from adaptive.errors import AdaptiveError, InvalidInput, Problem
from adaptive.serving.errors import MethodNotAllowed, PayloadTooLarge, Unexpected, UnknownPath
from adaptive.serving.problems import problem_response

__all__ = ["MOST_PROBLEMS", "add_error_handlers", "broken_rules"]

MOST_PROBLEMS: Final = 100
"""Told of one request; a developer corrects these first."""

_SHOWN_CHARACTERS: Final = 80
_SHOWN_PATH: Final = 200
_JSON: Final = json.JSONEncoder(default=str)
_WAY_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "missing": "add the field",
        "extra_forbidden": "remove the field, or correct its name",
        "too_many_fields": "remove the fields that /docs does not list",
        "json_invalid": "send well-formed JSON",
        "personal_id": "send a pseudonymous id of your own",
        "repeated": "name each once",
        "time": "write it like 2026-03-02T09:30:00Z",
        "day": "write it like 2026-03-02",
        "string_pattern_mismatch": "remove the control characters",
        "string_unicode": "send valid Unicode",
        "model_attributes_type": "send a JSON object, with Content-Type: application/json",
    }
)
_CORRECT_IT: Final = "correct the value; /docs describes the field"
"""The way out of the rules that say it themselves: bounds, types, choices."""


def broken_rules(
    errors: Sequence[Mapping[str, Any]],  # Any: as pydantic reports errors
    *,
    within: str = "",
    most: int = MOST_PROBLEMS,
) -> list[Problem]:
    """Pydantic's errors as problems: where (a path), the rule, the value shortened, the way out; after `most`, how many more.

    >>> error = {"type": "missing", "loc": ("body", "attempts", 3, "item_id"), "msg": "Field required", "input": {}}
    >>> print(*broken_rules([error]))
    body.attempts[3].item_id: Field required. Got 'nothing'; add the field.
    >>> print(broken_rules([error] * 7, most=1)[-1])
    request: and 6 more rules are broken. Got '7 in all'; correct these first.
    """
    told = [
        Problem(_path(error["loc"], within), _rule(error), _value(error), _WAY_OUT.get(error["type"], _CORRECT_IT))
        for error in errors[:most]
    ]
    n_more = len(errors) - len(told)
    rest = Problem(within or "request", f"and {n_more} more rules are broken", f"{len(errors)} in all", "correct these first")
    return [*told, rest] if n_more else told


def _path(loc: Sequence[str | int], within: str) -> str:
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc]
    return _shortened((within + "".join(steps)).removeprefix("."), _SHOWN_PATH)


def _shortened(text: str, n_characters: int) -> str:
    return text if len(text) <= n_characters else f"{text[:n_characters]}..."


def _rule(error: Mapping[str, Any]) -> str:  # Any: as pydantic reports errors
    reason = error.get("ctx", {}).get("error", "") if error["type"] == "json_invalid" else ""
    return f"{error['msg']}: {reason}" if reason else str(error["msg"])


def _value(error: Mapping[str, Any]) -> str:  # Any: as pydantic reports errors
    if error["type"] in {"missing", "json_invalid"}:
        return "nothing" if error["type"] == "missing" else "text that is not JSON"
    given = error["input"]
    if isinstance(given, bytes):  # a body of another media type
        given = given.decode("utf-8", "replace")
    text = given if isinstance(given, str) else _beginning(given)
    return _shortened(text, _SHOWN_CHARACTERS)


def _beginning(given: object) -> str:
    """As much of its JSON as is shown: a whole body may be four megabytes."""
    text = ""
    for part in _JSON.iterencode(given):
        text += part
        if len(text) > _SHOWN_CHARACTERS:
            break
    return text


def add_error_handlers(app: FastAPI) -> None:
    """Answer every error of the application as problem+json."""

    # Asynchronous, so that an error is not sent through a worker thread only to be written down.
    @app.exception_handler(AdaptiveError)
    async def _on_adaptive_error(request: Request, error: AdaptiveError) -> Response:
        return problem_response(request, error)

    @app.exception_handler(RequestValidationError)
    async def _on_broken_request(request: Request, error: RequestValidationError) -> Response:
        return problem_response(request, InvalidInput("request", broken_rules(error.errors())))

    @app.exception_handler(HTTPException)
    async def _on_http_exception(request: Request, error: HTTPException) -> Response:
        return problem_response(request, _FOUND_BY_FRAMEWORK[error.status_code](request, error), error.headers)

    @app.exception_handler(Exception)
    async def _on_unexpected(request: Request, _error: Exception) -> Response:
        return problem_response(request, Unexpected(), {"X-Request-ID": request.state.request_id})


def _unknown_path(request: Request, _error: HTTPException) -> AdaptiveError:
    return UnknownPath(f"This server has no path {request.url.path}; /docs lists those that it has.")


def _wrong_method(request: Request, _error: HTTPException) -> AdaptiveError:
    return MethodNotAllowed(f"{request.url.path} does not take {request.method}; the header Allow lists what it takes.")


def _too_large(_request: Request, error: HTTPException) -> AdaptiveError:
    return PayloadTooLarge(error.detail)


def _unreadable(_request: Request, error: HTTPException) -> AdaptiveError:
    """A body that cannot even be parsed, such as one nested too deeply."""
    return InvalidInput("request", [Problem("body", "the body must be JSON that can be read", error.detail, "send well-formed JSON")])


_FOUND_BY_FRAMEWORK: Final[Mapping[int, Callable[[Request, HTTPException], AdaptiveError]]] = MappingProxyType(
    {400: _unreadable, 404: _unknown_path, 405: _wrong_method, 413: _too_large}
)
"""What the framework finds wrong before any handler runs."""
