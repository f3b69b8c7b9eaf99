"""Errors that only the HTTP surface can make; the others come from below with their slugs."""

from __future__ import annotations

from adaptive.errors import AdaptiveError

__all__ = ["MethodNotAllowed", "PayloadTooLarge", "StateBehind", "Unexpected", "UnknownPath", "require_version"]


class StateBehind(AdaptiveError):
    """The learner's state is older than the caller has already seen. Nothing was applied; ask again."""

    slug = "state_behind"


class UnknownPath(AdaptiveError):
    """A path that this server does not have."""

    slug = "not_found"


class MethodNotAllowed(AdaptiveError):
    """A path of this server, asked with a method that it does not take."""

    slug = "method_not_allowed"


class PayloadTooLarge(AdaptiveError):
    """A request body longer than this server reads."""

    slug = "payload_too_large"


class Unexpected(AdaptiveError):
    """Whatever nobody expected: told to the caller without its cause, which the log holds."""


def require_version(found: int, wanted: int | None) -> None:
    """Raise StateBehind where an answer would rest on less than the caller asked for.

    >>> require_version(7, 7)
    >>> require_version(7, 8)
    Traceback (most recent call last):
    adaptive.serving.errors.StateBehind: min_state_version asks for a state of at least 8. Got 7; ask again once the write is acknowledged.
    """
    if wanted is not None and found < wanted:
        raise StateBehind(
            f"min_state_version asks for a state of at least {wanted}. Got {found}; ask again once the write is acknowledged."
        )
