"""The hyperparameters as a Pyro model: priors, and the log likelihood of held-out answers, one after the other, as a factor.

The likelihood comes from the compiled pass, so its slopes are finite differences of that pass; they also give the Fisher
information, by which each step to the maximum a posteriori is scaled (Fisher scoring), so that some ten steps do.
Import this module where it is used: torch and Pyro take two seconds to load.
"""

from __future__ import annotations

from math import inf
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np
import pyro
import torch
from pyro.distributions import Normal
from pyro.infer import SVI, Trace_ELBO
from pyro.infer.autoguide import AutoDelta, init_to_value
from pyro.optim import PyroOptim

from adaptive.models.state_space.held_out import HeldOut
from adaptive.models.state_space.hyperparameters import Hyperparameters
from adaptive.models.state_space.priors import FreeHyperparameters
from adaptive.protocols import Floats

__all__ = ["LogLikelihood", "Surface", "fit_hyperparameters", "hyperparameter_model"]

_DIFFERENCE: Final = 1e-3
"""Step of a finite difference on the free scale: small beside any prior's sd, large beside rounding."""

_DRIFTING: Final = MappingProxyType({"ability_sd": 0.3, "form_sd": 1.0, "form_kept": 0.998})
"""The other start: a general ability that drifts by answers (half of it is left after 350), beside little that stays.

Day zero has settled abilities and a form that half fades in nine attempts; on cloze the climb from there ends 58 nats lower.
"""

_FIRST_ROUNDS: Final = 2
"""Rounds from each start, after which the likelier one goes on alone: on three public sets the third says no different."""

_ROUNDS: Final = 6
_STEPS: Final = 10
"""Items are refitted at the start of each round; most of the way is made in the first."""

_LONGEST: Final = 1.0
"""Longest step, in prior standard deviations, that the quadratic picture is trusted for."""

_SHORTER: Final = 0.3
"""A step that lowers the posterior is taken back for one of this share of its length."""

_ENOUGH: Final = 0.5
"""Nats of posterior that a further step, or a further round, must win."""


class Surface:
    """Log likelihood of the held-out answers over the free scale, with slope and Fisher information where it was asked last.

    Items stay as `held_out` has them, or follow the hyperparameters from `start` by `responses`.
    """

    def __init__(self, held_out: HeldOut, free: FreeHyperparameters, start: Floats | None = None, responses: Floats | None = None) -> None:
        self._held_out, self._free, self._start, self._responses = held_out, free, start, responses
        self.slope = np.zeros(len(free.names))
        self.information = np.zeros((len(free.names), len(free.names)))
        self._asked, self._answer = np.full(len(free.names), np.nan), 0.0

    def log_likelihood(self, place: Floats) -> float:
        """At this place (n_free,); fills `slope` and `information`. Pyro asks for each start twice, which costs nothing."""
        if not np.array_equal(place, self._asked):
            self._asked, self._answer = place.copy(), self._ask(place)
        return self._answer

    def _ask(self, place: Floats) -> float:
        p_correct, score = self._forecasts(place), self._held_out.score
        steps = _DIFFERENCE * np.eye(len(place))
        jacobian = np.stack([(self._forecasts(place + step) - p_correct) / _DIFFERENCE for step in steps])
        spread = p_correct * (1.0 - p_correct)
        self.slope = jacobian @ ((score - p_correct) / spread)
        self.information = (jacobian / spread) @ jacobian.T
        return float((score * np.log(p_correct) + (1.0 - score) * np.log1p(-p_correct)).sum())

    def _forecasts(self, place: Floats) -> Floats:
        if self._start is None or self._responses is None:
            return self._held_out.forecasts(self._free.at(place))
        return self._held_out.forecasts(self._free.at(place), np.tensordot(place - self._start, self._responses, 1))


class LogLikelihood(torch.autograd.Function):
    """`Surface.log_likelihood` as a node of torch's graph."""

    @staticmethod
    def forward(ctx: Any, place: torch.Tensor, surface: Surface) -> torch.Tensor:  # Any: torch types no context
        """The log likelihood; its slope waits in the context."""
        value = surface.log_likelihood(place.detach().numpy())
        ctx.slope = torch.tensor(surface.slope)
        return torch.tensor(value, dtype=torch.float64)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:  # Any: torch types no context
        """By the place; the surface has no gradient."""
        return gradients[0] * ctx.slope, None


class FisherScoring(torch.optim.Optimizer):
    """Steps along (information + prior precision)^-1 gradient, each coordinate by _LONGEST prior sds at most."""

    def __init__(self, params: Any, *, surface: Surface, prior_sd: Floats) -> None:  # Any: as torch has it
        super().__init__(params, {})
        self._surface, self._prior_sd = surface, prior_sd

    def step(self, closure: Any = None) -> None:  # type: ignore[override]  # noqa: ARG002 - Any: as torch has it; nothing is re-evaluated
        """Down the gradient of the loss."""
        for place in self.param_groups[0]["params"]:
            metric = self._surface.information + np.diag(1.0 / self._prior_sd**2)
            move = np.linalg.solve(metric, place.grad.numpy())
            longest = np.abs(move / self._prior_sd).max()
            place.data -= torch.tensor(move * min(1.0, _LONGEST / max(longest, _LONGEST)))


def hyperparameter_model(surface: Surface, free: FreeHyperparameters) -> None:
    """The joint density: free ~ Normal(day zero, prior sd), and the held-out answers given it."""
    prior = Normal(torch.tensor(free.mean), torch.tensor(free.sd)).to_event(1)
    place = pyro.sample("free", prior)
    pyro.factor("answers", LogLikelihood.apply(place, surface))


def fit_hyperparameters(held_out: HeldOut, free: FreeHyperparameters, place: Floats) -> Hyperparameters:
    """The maximum a posteriori of the free hyperparameters, by SVI with a point guide; the items follow in rounds.

    The posterior has a place where abilities are settled and one where they drift: a few rounds from each, from `place` and from
    `place` with _DRIFTING, say which is likelier, and the climb goes on from there, with items that follow.
    """
    way = _Way(held_out, free, place).climbed(_FIRST_ROUNDS)
    if set(_DRIFTING) & set(free.names):
        drifting = free.place(free.at(place)._replace(**_DRIFTING))
        way = min(way, _Way(held_out.apart(), free, drifting).climbed(_FIRST_ROUNDS), key=lambda each: each.loss)
    return free.at(way.followed().climbed(_ROUNDS - _FIRST_ROUNDS).place)


class _Way(NamedTuple):
    """Where a climb stands, with the items there and the negated log posterior; no further round is worth it where it is done."""

    held_out: HeldOut
    free: FreeHyperparameters
    place: Floats
    loss: float = inf
    is_done: bool = False
    responses: Floats | None = None

    def followed(self) -> _Way:
        """The same place, with items that follow the hyperparameters from here on.

        Items once fitted at too small a scale hold the abilities to it, round after round: only together does the likelihood rise.
        """
        self.held_out.refit(self.free.at(self.place))
        return self._replace(is_done=False, responses=self.held_out.responses(self.free, self.place))

    def climbed(self, n_rounds: int) -> _Way:
        """So many rounds further up at most."""
        way = self
        for _ in range(n_rounds):
            if way.is_done:
                break
            way.held_out.refit(way.free.at(way.place))
            place, before, after = _climb(Surface(way.held_out, way.free, way.place, way.responses), way.free, way.place)
            way = way._replace(place=place, loss=after, is_done=before - after < _ENOUGH)
        return way


def _climb(surface: Surface, free: FreeHyperparameters, start: Floats) -> tuple[Floats, float, float]:
    """Up the posterior at fixed items: the best place found, and the negated log posterior at the start and there."""
    losses: list[float] = []
    best, ahead = start, np.zeros(len(start))
    with pyro.get_param_store().scope():
        guide = AutoDelta(hyperparameter_model, init_loc_fn=init_to_value(values={"free": torch.tensor(start)}))
        optimiser = PyroOptim(FisherScoring, {"surface": surface, "prior_sd": free.sd})
        svi = SVI(hyperparameter_model, guide, optimiser, Trace_ELBO())
        here = start
        for _ in range(_STEPS):
            loss = float(svi.step(surface, free))
            place = pyro.param("AutoDelta.free")
            if not losses or loss < min(losses):
                best, ahead = here, place.detach().numpy() - here
            else:
                ahead = _SHORTER * ahead
                place.data.copy_(torch.tensor(best + ahead))
            is_done = bool(losses) and 0.0 <= min(losses) - loss < _ENOUGH
            losses.append(loss)
            here = place.detach().numpy().copy()
            if is_done:
                break
    return best, losses[0], min(losses)
