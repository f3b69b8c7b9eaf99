"""Training of one residual network: early stopping on held-out learners, a checkpoint an epoch."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, isnan, pi
from time import perf_counter
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from adaptive.models.recurrent.checkpoints import Checkpoints, Task, Trained
from adaptive.models.recurrent.device import device_of
from adaptive.models.recurrent.examples import Examples
from adaptive.models.recurrent.network import Batch, Network, seeded, tensors_of, weights_of
from adaptive.models.recurrent.sequences import Sequences, Tensors, forward
from adaptive.models.recurrent.settings import NetworkSettings
from adaptive.models.recurrent.weights import Weights
from adaptive.protocols import Floats, Parameters

__all__ = ["residuals_of", "train"]

_LONGEST_STEP: Final = 1.0
"""Gradients are cut to this length: one odd batch must not undo the others."""

_WHOLE: Final = 1 << 60
"""No history is longer."""

_WARM_UP, _FIRST_RATE = 0.1, 0.04
"""Share of training during which the learning rate rises from this share of itself (Smith & Topin 2018, one cycle)."""


def train(examples: Examples, held_out: NDArray[np.bool_], settings: NetworkSettings, *, task: Task, checkpoints: Checkpoints) -> Trained:
    """The network of the epoch that forecast the rows `held_out` (n,) best, trained on the others; at worst, a residual of zero.

    Where `task.n_epochs` is given, the network after so many epochs. `examples` are scaled. An interrupted training goes on
    after its last epoch; each epoch has its own seed, so the end is the same.
    """
    done = checkpoints.finished(task)
    if done is None:
        done = _trained(_Run(examples, held_out, settings, task), settings, task, checkpoints)
        checkpoints.finish(task, done)
    return done


def _trained(run: _Run, settings: NetworkSettings, task: Task, checkpoints: Checkpoints) -> Trained:
    stand = checkpoints.under_way(task)
    if stand is not None:
        run.restore(stand)
    while not run.is_over():
        started = perf_counter()
        training_loss = run.epoch()
        measured = {"training_log_loss": training_loss, "log_loss": run.loss, "auc": run.auc, "seconds": perf_counter() - started}
        known = {name: value for name, value in measured.items() if not isnan(value)}  # no learners held out: no log loss, no AUC
        checkpoints.epoch(task, run.n_epochs, task.n_epochs or settings.n_epochs, known, run.stand())
    return run.result()


def residuals_of(weights: Weights, examples: Examples, rows: NDArray[np.bool_], settings: NetworkSettings) -> Floats:
    """(n,) residuals in double precision before each chosen row, NaN elsewhere: what `Weights` gives step by step."""
    network = _network(examples, settings).double().eval()
    network.load_state_dict(tensors_of(weights))
    return forward(
        network, Tensors.of(examples, torch.device("cpu"), torch.float64), Sequences.of(examples.learner, rows, _WHOLE), settings
    )


def _network(examples: Examples, settings: NetworkSettings) -> Network:
    return Network(len(examples.items), len(examples.skills), examples.inputs.shape[1], examples.context.shape[1], settings)


class _Run:
    """One training: the network, its optimiser, and the best epoch so far."""

    def __init__(self, examples: Examples, held_out: NDArray[np.bool_], settings: NetworkSettings, task: Task) -> None:
        self._examples, self._settings, self._task, seed = examples, settings, task, task.seed
        device = device_of(settings.device)
        with seeded((*seed, 0)):
            self._network = _network(examples, settings).to(device)
        self._tensors = Tensors.of(examples, device, torch.float32)
        self._training = Sequences.of(examples.learner, ~held_out, settings.longest)
        self._checked = Sequences.of(examples.learner, held_out, _WHOLE)
        self._optimiser = torch.optim.AdamW(_parameter_groups(self._network, settings), lr=settings.learning_rate)
        self.n_epochs, self._best_epoch = 0, 0
        self.loss, self.auc = self._measured()
        self._best = (self.loss, self.auc, _copied(self._network))

    def is_over(self) -> bool:
        """Nothing to train on or to judge by, all epochs done, or none better for long."""
        settings, stop_at = self._settings, self._task.n_epochs
        if stop_at is not None:
            return self.n_epochs >= stop_at
        is_idle = len(self._training.start) == 0 or np.isnan(self._best[0])
        return is_idle or self.n_epochs >= settings.n_epochs or self.n_epochs - self._best_epoch > settings.patience

    def epoch(self) -> float:
        """One pass over the training sequences; gives the mean log loss on the way."""
        settings, seed = self._settings, (*self._task.seed, self.n_epochs + 1)
        rng = np.random.default_rng(seed)
        batches, total, count = list(self._training.batches(settings.rows_per_batch, rng)), 0.0, 0.0
        self._network.train()
        with seeded(seed):
            for i, batch in enumerate(batches):
                self._set_rate((self.n_epochs + i / len(batches)) / settings.n_epochs)
                loss, n_scored = self._step(self._tensors.batch(*self._training.rows(batch)))
                total, count = total + loss * n_scored, count + n_scored
        self.n_epochs += 1
        self.loss, self.auc = self._measured()
        if self._task.n_epochs is not None or self.loss < self._best[0]:
            self._best, self._best_epoch = (self.loss, self.auc, _copied(self._network)), self.n_epochs
        return total / max(count, 1.0)

    def stand(self) -> Parameters:
        """All that the next epoch needs."""
        arrays: dict[str, NDArray[Any]] = {}  # Any: arrays of numbers
        moments = self._optimiser.state_dict()["state"]
        for prefix, tensors in (("now.", _copied(self._network)), ("best.", self._best[2])):
            arrays |= {prefix + name: tensor.cpu().numpy() for name, tensor in tensors.items()}
        for number, of_parameter in moments.items():
            arrays |= {f"optimiser.{number}.{name}": value.cpu().numpy().copy() for name, value in of_parameter.items()}
        loss, auc, _ = self._best
        return Parameters({"n_epochs": self.n_epochs, "best_epoch": self._best_epoch, "best_loss": loss, "best_auc": auc}, arrays)

    def restore(self, stand: Parameters) -> None:
        """Go on from what `stand` gave."""
        arrays, settings = stand.arrays, stand.settings
        self._network.load_state_dict(_starting_with(arrays, "now."))
        state = self._optimiser.state_dict()
        numbers = {int(name.split(".")[1]) for name in arrays if name.startswith("optimiser.")}
        state["state"] = {number: _starting_with(arrays, f"optimiser.{number}.") for number in numbers}
        self._optimiser.load_state_dict(state)
        self.n_epochs, self._best_epoch = settings["n_epochs"], settings["best_epoch"]
        self._best = (settings["best_loss"], settings["best_auc"], _starting_with(arrays, "best."))

    def result(self) -> Trained:
        """The best epoch's network."""
        loss, auc, tensors = self._best
        return Trained(weights_of(tensors), loss, auc, self._best_epoch)

    def _step(self, batch: Batch) -> tuple[float, float]:
        residual, slopes = self._network(batch)
        at = batch.is_scored
        if not bool(at.any()):
            return 0.0, 0.0
        loss = nn.functional.binary_cross_entropy_with_logits((batch.core + residual)[at], batch.score[at])
        self._optimiser.zero_grad()
        (loss + self._settings.slope_penalty * slopes[at].mean()).backward()
        nn.utils.clip_grad_norm_(self._network.parameters(), _LONGEST_STEP)
        self._optimiser.step()
        return float(loss.item()), float(at.sum().item())

    def _set_rate(self, done: float) -> None:
        """One cycle: up, then down to nothing by half a cosine."""
        rate = (
            _FIRST_RATE + (1.0 - _FIRST_RATE) * done / _WARM_UP
            if done < _WARM_UP
            else 0.5 * (1.0 + cos(pi * (done - _WARM_UP) / (1.0 - _WARM_UP)))
        )
        for group in self._optimiser.param_groups:
            group["lr"] = self._settings.learning_rate * rate

    def _measured(self) -> tuple[float, float]:
        """Log loss and AUC on the held-out rows, NaN where there are none."""
        self._network.eval()
        residual = forward(self._network, self._tensors, self._checked, self._settings)
        at = ~np.isnan(residual) & ~np.isnan(self._examples.score)
        logits, score = (self._examples.core + residual)[at], self._examples.score[at]
        if len(score) == 0:
            return float("nan"), float("nan")
        loss = np.logaddexp(0.0, logits) - score * logits
        return float(loss.mean()), _auc(logits, score)


def _parameter_groups(network: Network, settings: NetworkSettings) -> list[dict[str, Any]]:  # Any: what torch's optimisers take
    decayed = [parameter for name, parameter in network.named_parameters() if not name.startswith("slope")]
    return [{"params": decayed, "weight_decay": settings.weight_decay}, {"params": [network.slope.weight], "weight_decay": 0.0}]


def _copied(network: Network) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().clone() for name, tensor in network.state_dict().items()}


def _starting_with(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, Tensor]:  # Any: arrays of numbers
    # Copied: the optimiser moves its state in place, and a checkpoint must stay as it was.
    return {name.removeprefix(prefix): torch.tensor(value) for name, value in arrays.items() if name.startswith(prefix)}


def _auc(logits: Floats, score: Floats) -> float:
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415 - half a second that serving need not wait for

    whole = (score == 0.0) | (score == 1.0)
    return float(roc_auc_score(score[whole], logits[whole])) if len(np.unique(score[whole])) == 2 else float("nan")
