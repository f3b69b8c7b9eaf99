"""What a fit of several networks has done so far: those finished, and where the one in training stands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adaptive.models.fitting import FitObserver
from adaptive.models.recurrent.settings import NetworkSettings
from adaptive.models.recurrent.weights import Weights
from adaptive.protocols import Codes, Parameters

__all__ = ["Checkpoints", "Task", "Trained", "fit_identity"]


@dataclass(frozen=True, slots=True)
class Task:
    """One training among those of a fit: its name, its seed, and after how many epochs to stop where that is known."""

    stage: str
    seed: tuple[int, ...]
    n_epochs: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A network, the log loss and AUC that it reached on the held-out learners (NaN without any), and its epochs up to there."""

    weights: Weights
    log_loss: float
    auc: float
    n_epochs: int


class Checkpoints:
    """The observer of one fit, through which each training finds its place again.

    Every checkpoint holds the networks finished before it, so a resumed fit repeats no epoch. One of another fit
    (`identity`) is not used.
    """

    def __init__(self, observer: FitObserver, identity: str) -> None:
        self._observer, self._identity = observer, identity
        self._finished: dict[str, Trained] = {}
        self._under_way: tuple[str, Parameters] | None = None
        kept = observer.restore()
        if kept is not None and kept.settings.get("fit") == identity:
            self._take_up(kept)

    def finished(self, task: Task) -> Trained | None:
        """Its network, where the interrupted fit had trained it."""
        return self._finished.get(task.stage)

    def under_way(self, task: Task) -> Parameters | None:
        """Where the interrupted fit stood in this task."""
        return self._under_way[1] if self._under_way is not None and self._under_way[0] == task.stage else None

    def epoch(self, task: Task, done: int, of: int, measures: Mapping[str, float], stand: Parameters) -> None:
        """Tell of an epoch, then keep what the next one needs."""
        self._observer.epoch(task.stage, done, of, measures)
        finished = list(self._finished.items())
        arrays = {name: array for i, (_, network) in enumerate(finished) for name, array in network.weights.arrays(f"finished{i}.").items()}
        settings = {
            "fit": self._identity,
            "stage": task.stage,
            "stand": dict(stand.settings),
            "finished": [_figures(stage, network) for stage, network in finished],
        }
        self._observer.save(Parameters(settings, {**arrays, **{f"stand.{name}": array for name, array in stand.arrays.items()}}))

    def finish(self, task: Task, network: Trained) -> None:
        """Hold the network for the checkpoints to come. Until the next, the last one of its own training tells it."""
        self._finished[task.stage] = network

    def _take_up(self, kept: Parameters) -> None:
        arrays, settings = kept.arrays, kept.settings
        for i, figures in enumerate(settings["finished"]):
            measured = {name: figures[name] for name in ("log_loss", "auc", "n_epochs")}
            self._finished[figures["stage"]] = Trained(Weights.from_arrays(arrays, f"finished{i}."), **measured)
        stand = {name.removeprefix("stand."): array for name, array in arrays.items() if name.startswith("stand.")}
        self._under_way = settings["stage"], Parameters(settings["stand"], stand)


def fit_identity(codes: Codes, settings: NetworkSettings, seed: int) -> str:
    """A hash that differs for other attempts, other settings of the networks, and another seed."""
    digest = sha256(json.dumps([asdict(settings), seed, codes.item_ids, codes.skill_ids, codes.learner_ids]).encode())
    columns: tuple[NDArray[Any], ...] = (codes.learner, codes.item, codes.skill, codes.skill_start)  # Any: numbers of each kind
    for column in (*columns, codes.correct, codes.seconds, codes.evidence):
        digest.update(np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()


def _figures(stage: str, network: Trained) -> dict[str, float | int | str]:
    return {"stage": stage, "log_loss": network.log_loss, "auc": network.auc, "n_epochs": network.n_epochs}
