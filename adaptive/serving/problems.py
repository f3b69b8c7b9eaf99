"""Errors as RFC 9457 problem+json: one mapping from an error's slug to its status and title."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final

from fastapi import Request, Response
from pydantic import Field

from adaptive.errors import AdaptiveError, InvalidInput
from adaptive.serving.fields import Answer
from adaptive.serving.request_log import LOGGER

__all__ = [
    "MEDIA_TYPE",
    "PROBLEMS",
    "BrokenRule",
    "ProblemDetails",
    "ProblemKind",
    "documented",
    "instance_of",
    "log_hidden",
    "problem_of",
    "problem_response",
]

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """What all problems of one slug have in common. `is_passing`: the same request may succeed later, so Retry-After says when."""

    status: int
    title: str
    is_passing: bool = False


PROBLEMS: Final[Mapping[str, ProblemKind]] = MappingProxyType(
    {
        "validation_error": ProblemKind(422, "The request breaks a rule"),
        "unknown_item": ProblemKind(422, "The catalogue holds no such item"),
        "unknown_skill": ProblemKind(422, "The catalogue holds no such skill"),
        "constraint_infeasible": ProblemKind(422, "No answer satisfies all constraints"),
        "unknown_learner": ProblemKind(404, "Nothing is known of this learner"),
        "not_found": ProblemKind(404, "There is nothing here"),
        "method_not_allowed": ProblemKind(405, "This path does not take this method"),
        "attempt_conflict": ProblemKind(409, "The attempt id is taken by another attempt"),
        "payload_too_large": ProblemKind(413, "The request is too large"),
        "internal_error": ProblemKind(500, "The server failed"),
        "model_unavailable": ProblemKind(503, "The model cannot answer now", is_passing=True),
        "state_behind": ProblemKind(503, "The state is older than asked for", is_passing=True),
        "storage_unavailable": ProblemKind(503, "The database cannot answer now", is_passing=True),
    }
)
"""Slugs are stable: programs may compare them. Where several share a status, the slug tells them apart."""

_HIDDEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "internal_error": "Something broke in the server, and nothing was applied. Its log names the cause under the id in `instance`.",
        "storage_unavailable": "The database did not take part, and nothing was applied; send the same request again after Retry-After "
        "seconds. The server's log names the cause under the id in `instance`.",
    }
)
"""Causes that name the server's own parts, such as the database's address, are for its log."""


class BrokenRule(Answer):
    """One broken rule of a request."""

    where: str = Field(
        description="What breaks it, as a path into the request, such as `body.outcome.score`.", examples=["body.outcome.score"]
    )
    rule: str = Field(description="The rule, in words.")
    value: str = Field(description="What was given, shortened to 80 characters.")
    way_out: str = Field(description="What to do about it.")


class ProblemDetails(Answer):
    """RFC 9457 problem details. Nothing of the request was applied."""

    type: str = Field(description="The kind of problem as a URI: `urn:problem-type:adaptive:` and the slug.")
    slug: str = Field(description="The kind of problem; stable, to be compared by programs.", examples=["unknown_item"])
    title: str = Field(description="The kind of problem in words, the same each time.")
    status: int = Field(description="The HTTP status.", ge=400, le=599)
    detail: str = Field(description="What is wrong with this request, and the way out.")
    instance: str = Field(description="This occurrence: `urn:uuid:` and the id in the header X-Request-ID; the log knows it.")
    errors: list[BrokenRule] = Field(default=[], description="Each broken rule, where several can be named.")


def problem_of(error: AdaptiveError, instance: str) -> ProblemDetails:
    """What is told of an error. Of one inside the server, only that it happened.

    >>> from adaptive.errors import UnknownItem
    >>> problem_of(UnknownItem("no item 'q9'"), "urn:uuid:1").status
    422
    """
    slug = error.slug if error.slug in PROBLEMS else "internal_error"
    kind = PROBLEMS[slug]
    return ProblemDetails(
        type=f"urn:problem-type:adaptive:{slug}",
        slug=slug,
        title=kind.title,
        status=kind.status,
        detail=_HIDDEN.get(slug) or _writable(str(error)),
        instance=instance,
        errors=[BrokenRule(**_writable_fields(asdict(problem))) for problem in error.problems] if isinstance(error, InvalidInput) else [],
    )


def instance_of(request: Request) -> str:
    """The URI of this request, by the id that its log line carries."""
    return f"urn:uuid:{request.state.request_id}"


def log_hidden(error: AdaptiveError, instance: str) -> None:
    """Tell the log, under the same id, what the caller is not told."""
    if error.slug in _HIDDEN:
        LOGGER.error("problem", extra={"fields": {"instance": instance, "slug": error.slug, "reason": str(error)}})


def problem_response(request: Request, error: AdaptiveError, headers: Mapping[str, str] | None = None) -> Response:
    """The HTTP answer to an error."""
    problem = problem_of(error, instance_of(request))
    log_hidden(error, problem.instance)
    passing = {"Retry-After": str(request.app.state.settings.retry_after_seconds)} if PROBLEMS[problem.slug].is_passing else {}
    return Response(problem.model_dump_json(), problem.status, media_type=MEDIA_TYPE, headers={**(headers or {}), **passing})


def documented(*slugs: str) -> dict[int | str, dict[str, Any]]:  # Any: OpenAPI, as FastAPI takes it
    """The problem answers of an operation, for its OpenAPI `responses`, one per status. One that reads a body adds `payload_too_large`.

    >>> list(documented("unknown_item", "attempt_conflict"))
    [422, 409, 500, 503]
    """
    by_status: dict[int | str, list[str]] = {}
    for slug in ("validation_error", *slugs, "internal_error", "storage_unavailable"):
        by_status.setdefault(PROBLEMS[slug].status, []).append(slug)
    return {status: _documented(found) for status, found in by_status.items()}


def _documented(slugs: list[str]) -> dict[str, Any]:  # Any: OpenAPI, as FastAPI takes it
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    description = "; ".join(f"`{slug}`: {PROBLEMS[slug].title.lower()}" for slug in slugs)
    retry = {"Retry-After": {"description": "Seconds to wait before trying again.", "schema": {"type": "integer"}}}
    return {"description": f"{description}.", "content": content, **({"headers": retry} if PROBLEMS[slugs[0]].is_passing else {})}


def _writable(text: str) -> str:
    """The text with lone surrogates, which JSON may carry and UTF-8 may not, written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def _writable_fields(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: _writable(value) for name, value in fields.items()}
