"""Field types that several bodies share: what the API takes for an id, a time, a probability."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime
from math import log
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from adaptive.domain import Doubt

__all__ = [
    "MAX_FIELDS",
    "MAX_ID_LENGTH",
    "YEARS",
    "AboutLearner",
    "Answer",
    "Day",
    "Doubted",
    "ExpectedGain",
    "Information",
    "Instant",
    "Interval",
    "OpaqueId",
    "Probability",
    "RequestBody",
    "Versions",
    "ZoneProbability",
]

MAX_ID_LENGTH: Final = 128
"""Longest id in characters: at most 512 bytes of UTF-8, the longest key that every database here holds."""

MAX_FIELDS: Final = 100
"""Of one object, several times what any has; a hundred thousand misspelt fields are then one problem and not as many."""

YEARS: Final = range(1900, 3000)
"""What a clock may say: further out it is broken, and differences of times leave what a datetime can hold."""

_EMAIL: Final = re.compile(r"\S(?:@|%40)\S+\.\S")
_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


def _no_personal_data(value: str) -> str:
    if _EMAIL.search(value):
        raise PydanticCustomError("personal_id", "An id holds no personal data, and this one looks like an e-mail address")
    return value


def _to_instant(value: object) -> datetime:
    """The UTC datetime of an RFC 3339 text; numbers, dates and times without an offset are refused, not guessed."""
    if isinstance(value, str) and _RFC_3339.fullmatch(value):
        with suppress(ValueError, OverflowError):  # no such day or hour, or outside the years 1 to 9999 in UTC
            instant = datetime.fromisoformat(value.upper()).astimezone(UTC)
            if instant.year in YEARS:
                return instant
    raise PydanticCustomError("time", "A time is RFC 3339 text with an offset, in the years 1900 to 2999")


def _to_day(value: object) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        with suppress(ValueError):  # no such day
            day = date.fromisoformat(value)
            if day.year in YEARS:
                return day
    raise PydanticCustomError("day", "A day is text of the form YYYY-MM-DD, in the years 1900 to 2999")


OpaqueId = Annotated[str, Field(min_length=1, max_length=MAX_ID_LENGTH, pattern=r"^[^\x00-\x1f\x7f]+$"), AfterValidator(_no_personal_data)]
"""An id that the caller chose: 1 to 128 characters, no control characters, nothing like an e-mail address."""

Instant = Annotated[datetime, BeforeValidator(_to_instant), Field(json_schema_extra={"format": "date-time"})]
"""A moment, given as RFC 3339 text with an offset and kept in UTC."""

Day = Annotated[date, BeforeValidator(_to_day)]
"""A calendar day, YYYY-MM-DD."""

Probability = Annotated[float, Field(ge=0.0, le=1.0)]

Information = Annotated[
    float | None,
    Field(
        ge=0.0,
        le=log(2.0) + 1e-9,
        description="What the answer would tell of what is not known of learner and item: mutual information in nats, 0 to .693, from "
        "seeded draws; null where the model has no posterior.",
    ),
]

Doubted = Annotated[
    Doubt | None,
    Field(
        description="What the doubt about the answer is: `not_enough_data` below 3 answers on its skills, whatever the estimate; else "
        "`model_unsure` from .1 nat of information on; else `coin_flip`, a chance within .20 and .80 that is known; else `foregone`. "
        "Null where the model has no posterior."
    ),
]

ZoneProbability = Annotated[
    Probability,
    Field(
        description="Probability, over joint draws of the learner, that every prerequisite of the item is ready (expected success .65), a "
        "skill of it is unmastered (below .80), and attempting it gains at least half of what the best such item gains, in [0, 1]. Where "
        "the model has no posterior: P(unmastered) times readiness, without gain."
    ),
]

ExpectedGain = Annotated[
    float | None,
    Field(
        description="Expected rise of summed skill success, 14 days on, from attempting the item once; null where the model has no "
        "posterior."
    ),
]

Interval = Annotated[tuple[Probability, Probability], Field(description="90 % credible interval: lower and upper bound, in [0, 1].")]


class RequestBody(BaseModel):
    """What a caller sends. Unknown fields are refused, so that a misspelt one is not lost; numbers are not made from text."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _has_few_fields(cls, value: object) -> object:
        if isinstance(value, dict) and len(value) > MAX_FIELDS:
            raise PydanticCustomError("too_many_fields", "An object has at most {most} fields", {"most": MAX_FIELDS})
        return value


class AboutLearner(RequestBody):
    """A request about one learner."""

    learner_id: OpaqueId = Field(description="The learner, by your own pseudonymous id.", examples=["learner-17"])


class Answer(BaseModel):
    """What the server sends. Built from the engine's values, and checked: a number out of its range is an error, not an answer."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        from_attributes=True,
        json_schema_serialization_defaults_required=True,
    )

    @classmethod
    def of(cls, value: object, **fields: object) -> Self:
        """The answer whose fields are the value's attributes of those names, and `fields` before them."""
        own = {name: getattr(value, name) for name in cls.model_fields if name not in fields and hasattr(value, name)}
        return cls.model_validate({**own, **fields})


class Versions(Answer):
    """What an answer rests on."""

    model_version: str = Field(description="The fitted model: its content hash.")
    catalog_version: str = Field(description="The catalogue of items and skills: its content hash.")
    generated_at: datetime = Field(description="When the answer was made, RFC 3339 in UTC.")
