"""A model small enough to read at once whose fit has epochs, settings and a refresh, for the tests of long fits.

As a script it is the command line with this model among the others: `python small_model.py PAUSE train FILE --model small`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from time import perf_counter, sleep
from types import MappingProxyType
from typing import Any, ClassVar, Self

import numpy as np
from scipy.special import expit

from adaptive.catalog import Catalog
from adaptive.cli.main import main as adaptive
from adaptive.errors import unknown_name
from adaptive.evaluation.metrics import auc, log_loss
from adaptive.models import registry
from adaptive.models.baseline import Baseline
from adaptive.models.fitting import FitObserver, SearchRange, Silent
from adaptive.protocols import AttemptTable, Parameters

__all__ = ["SmallModel", "main"]


class SmallModel(Baseline):
    """The baseline, its item logits then moved by noisy gradient steps with momentum: what a checkpoint must hold."""

    name: ClassVar[str] = "small"
    summary: ClassVar[str] = "item logits by gradient steps"
    search_space: ClassVar[Mapping[str, SearchRange]] = MappingProxyType(
        {"learning_rate": SearchRange(0.001, 3.0, log=True), "n_epochs": SearchRange(1, 8, integer=True)}
    )
    pause: ClassVar[float] = 0.0
    """Seconds that each epoch takes, for tests that interrupt."""

    def __init__(self, catalog: Catalog | None = None, settings: Mapping[str, float] | None = None) -> None:
        super().__init__(catalog)
        self.settings = {"learning_rate": 0.1, "n_epochs": 5, **(settings or {})}

    def with_settings(self, settings: Mapping[str, float]) -> Self:
        for name in settings:
            if name not in self.search_space:
                raise unknown_name("setting", name, self.search_space)
        changed = type(self)(settings=self.settings | dict(settings))
        changed._become(self._difficulties, self._means, self.training_log_loss)
        return changed

    def fit(self, attempts: AttemptTable, *, seed: int = 0) -> Self:
        return self.fit_observed(attempts, seed=seed, observer=Silent())

    def fit_observed(self, attempts: AttemptTable, *, seed: int, observer: FitObserver) -> Self:
        means = Baseline.fit(self.with_settings({}), attempts)._means
        return self._stepped(replace(means, item_logit=means.item_logit), attempts, seed, observer)

    def refresh(self, attempts: AttemptTable, *, seed: int = 0) -> Self:
        return self._stepped(self._means, attempts, seed, Silent())

    def _stepped(self, means: Any, attempts: AttemptTable, seed: int, observer: FitObserver) -> Self:
        codes = attempts.codes()
        places = means.items.codes(codes.item_ids)[codes.item]
        used = codes.evidence & (places >= 0)
        item, correct = places[used], codes.correct[used]
        logit, velocity, first = means.item_logit.copy(), np.zeros_like(means.item_logit), 0
        kept = observer.restore()
        if kept is not None:
            logit, velocity, first = kept.arrays["logit"].copy(), kept.arrays["velocity"].copy(), kept.settings["n_done"]
        for epoch in range(first, int(self.settings["n_epochs"])):
            start = perf_counter()
            noise = np.random.default_rng([seed, epoch]).normal(0.0, 0.1, len(logit))
            slope = np.bincount(item, weights=expit(logit[item]) - correct, minlength=len(logit))
            velocity = 0.5 * velocity - self.settings["learning_rate"] * (slope / max(len(item), 1) + noise)
            logit = logit + velocity
            sleep(self.pause)
            p_correct = expit(logit[item])
            measures = {"log_loss": log_loss(p_correct, correct), "auc": auc(p_correct, correct), "seconds": perf_counter() - start}
            told = {name: value for name, value in measures.items() if value is not None}
            observer.epoch("steps", epoch + 1, int(self.settings["n_epochs"]), told)
            observer.save(Parameters({"n_done": epoch + 1}, {"logit": logit, "velocity": velocity}))
        fitted = self.with_settings({})
        fitted._become(self._difficulties, replace(means, item_logit=logit), float("nan"))
        fitted.training_log_loss = log_loss(expit(logit[item]), correct) if len(item) else float("nan")
        return fitted

    def parameters(self) -> Parameters:
        return Parameters(dict(self.settings), super().parameters().arrays)

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self:
        fitted = super().from_parameters(parameters)
        fitted.settings = dict(parameters.settings)
        return fitted


MODELS_WITH_SMALL = MappingProxyType({**registry.MODELS, SmallModel.name: SmallModel})


def main(pause: float, arguments: list[str]) -> None:
    """The command line with the small model, each of whose epochs takes this many seconds more."""
    SmallModel.pause, registry.MODELS = pause, MODELS_WITH_SMALL  # type: ignore[misc]
    sys.argv = ["adaptive", *arguments]
    adaptive()


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2:])
