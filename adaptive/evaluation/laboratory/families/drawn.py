"""Parameters drawn from fits to real attempts: shipped are means and covariances over skills or learners, never a row of data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Final

import numpy as np
from scipy.special import expit, logit

from adaptive.errors import unknown_name
from adaptive.protocols import Floats

__all__ = ["Fit", "Moved", "fit_named"]

_FILE: Final = "parameters.json"
"""Written by experiments/laboratory_parameters/run.py; each part names its set, that file's sha256, and the model fitted."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a fitted spread is used with bounds, and around another centre, since as fitted there would be nothing to learn."""

    low: float
    high: float
    centre: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Jointly normal parameters as a fit found them over its skills; names `logit_x` and `log_x` stand for x.

    `covariance` is (n_names, n_names), of zeros where there is one value of each.
    """

    source: str
    names: tuple[str, ...]
    mean: Floats
    covariance: Floats = field(repr=False)

    def drawn(self, n: int, rng: np.random.Generator, moved: Mapping[str, Moved] | None = None) -> dict[str, Floats]:
        """n draws of each parameter by its plain name, (n,) each, in its own units; `moved` likewise by plain name.

        >>> drawn = fit_named("bkt").drawn(4, np.random.default_rng(0), {"guess": Moved(0.1, 0.3)})
        >>> list(drawn), bool(drawn["guess"].max() <= 0.3)
        (['p_init', 'p_learn', 'guess', 'slip'], True)
        """
        moved = moved or {}
        rows = rng.multivariate_normal(self.mean, self.covariance, size=n, method="eigh", check_valid="ignore").T  # (n_names, n)
        found: dict[str, Floats] = {}
        for name, row, mean in zip(self.names, rows, self.mean, strict=True):
            scale, plain = _scale(name)
            limits = moved.get(plain, Moved(-np.inf, np.inf))
            shift = 0.0 if limits.centre is None else _to[scale](limits.centre) - mean
            found[plain] = np.clip(_back[scale](row + shift), limits.low, limits.high)
        return found

    def value(self, name: str) -> float:
        """The mean of one parameter, as fitted."""
        return float(self.mean[self.names.index(name)])


_to: Final = {"logit": logit, "log": np.log, "": np.asarray}
_back: Final = {"logit": expit, "log": np.exp, "": np.asarray}


def _scale(name: str) -> tuple[str, str]:
    scale, _, plain = name.partition("_")
    return (scale, plain) if scale in ("logit", "log") else ("", name)


@cache
def _parts() -> dict[str, Fit]:
    text = resources.files("adaptive.evaluation.laboratory").joinpath(_FILE).read_text()
    return {name: _fit(part) for name, part in json.loads(text).items()}


def _fit(part: Mapping[str, object]) -> Fit:
    names, mean = tuple(map(str, part["names"])), np.array(part["mean"])  # type: ignore[call-overload]  # JSON, written by our own program
    covariance = np.array(part.get("covariance", np.zeros((len(mean), len(mean)))))
    return Fit(f"{part['model']} on {part['set']}", names, mean, covariance)


def fit_named(name: str) -> Fit:
    """That part of parameters.json. Raises UnknownName."""
    if name not in _parts():
        raise unknown_name("fit", name, _parts())
    return _parts()[name]
