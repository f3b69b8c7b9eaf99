"""Settings of a model as the command line and files name them: `name=value`, or the JSON that a search writes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from math import isfinite
from pathlib import Path

from adaptive.errors import InvalidInput, Problem, unknown_name
from adaptive.evaluation.crossvalidation import Model
from adaptive.models.fitting import SearchRange, TunableModel

__all__ = ["Settings", "parse_settings", "read_settings", "require_tunable", "with_settings", "write_settings"]

Settings = Mapping[str, float]


def parse_settings(texts: Iterable[str]) -> dict[str, float]:
    """The settings of `name=value` texts; the last one of a name counts. Raises InvalidInput that names each bad text.

    >>> parse_settings(["n_units=32", "learning_rate=1e-3"])
    {'n_units': 32.0, 'learning_rate': 0.001}
    """
    pairs = [text.partition("=") for text in texts]
    problems = [
        Problem("--set", "a setting is written name=number", f"{name}{equals}{value}", "write, for example, --set learning_rate=0.001")
        for name, equals, value in pairs
        if not name or _number(value) is None
    ]
    if problems:
        raise InvalidInput("settings", problems)
    return {name: number for name, _, value in pairs if (number := _number(value)) is not None}


def with_settings(model: Model, settings: Settings) -> Model:
    """An unfitted copy of the model with these settings; the model itself where there are none.

    Raises UnknownName for a setting that the model does not have, InvalidInput for a fraction where it counts something.
    """
    if not settings:
        return model
    tunable = require_tunable(model)
    for name in settings:
        if name not in tunable.search_space:
            known = (f"{known} ({_in_words(range_)})" for known, range_ in tunable.search_space.items())
            raise unknown_name(f"setting of {model.name}", name, known)
    problems = [
        Problem(name, "the setting is a whole number", f"{value:g}", f"write one; {_in_words(tunable.search_space[name])}")
        for name, value in settings.items()
        if tunable.search_space[name].integer and value != round(value)
    ]
    if problems:
        raise InvalidInput(f"settings of {model.name}", problems)
    return tunable.with_settings(settings)


def require_tunable(model: Model) -> TunableModel[object]:
    """The model, where it has settings. Raises InvalidInput where it has none."""
    if not isinstance(model, TunableModel):
        rule = "settings are given to a model that has some"
        raise InvalidInput("settings", [Problem("model", rule, f"{model.name}, which has none", "leave them out or choose another model")])
    return model


def write_settings(path: Path, model: str, settings: Settings, **about: object) -> None:
    """Write settings as JSON that `read_settings` takes; `about` says where they come from."""
    document = {"model": model, "settings": dict(settings), **about}
    path.write_text(json.dumps(document, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def read_settings(path: Path, model: str) -> dict[str, float]:
    """The settings of a JSON file, `{"model": ..., "settings": {name: number}}`. Raises InvalidInput where it is for another model."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        named, settings = document["model"], document["settings"]
        numbers = {str(name): float(value) for name, value in settings.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        rule = 'the file holds {"model": name, "settings": {name: number}}'
        raise InvalidInput("settings", [Problem(str(path), rule, repr(error), "name a file that adaptive tune wrote")]) from error
    if named != model:
        raise InvalidInput("settings", [Problem(str(path), f"the settings are for {model}", str(named), f"use --model {named}")])
    return numbers


def _number(text: str) -> float | None:
    """The finite number that a text is, None where it is none."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _in_words(searched: SearchRange) -> str:
    """What a search tries.

    >>> _in_words(SearchRange(8, 64, integer=True))
    'a whole number, searched from 8 to 64'
    """
    kind = "a whole number" if searched.integer else "a number"
    return f"{kind}, searched from {searched.low:g} to {searched.high:g}"
