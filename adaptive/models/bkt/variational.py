"""Variational inference in Pyro for skills, items and the spread of learners: hierarchical priors around the exact likelihood.

    skill: its four logits ~ N(those of all skills as one, spread of skills)      item: (shift, log gap) ~ N(0, spread of items)

A mean-field normal posterior of skills and items is fitted by stochastic gradients of the evidence lower bound, together with
point estimates of the spreads and of `learner_spread`: so each spread comes out of the data (empirical Bayes), where the mode
of all at once would let it collapse to 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.special import expit, logit

from adaptive.models.bkt.answers import Answers, Rates, log_likelihood_and_gradient
from adaptive.models.bkt.items import emission_logits
from adaptive.models.bkt.learners import NODES, node_logits
from adaptive.models.bkt.parameters import BktParameters, BktSettings
from adaptive.protocols import Floats

if TYPE_CHECKING:
    import torch

__all__ = ["Found", "Guesses", "infer"]

_STEPS: Final = 80
"""Steps of Adam; 200, from a farther start, gave .0006 less log loss on ASSISTments 2009, fold 1 (.5419)."""

_FIRST_RATE, _LAST_RATE = 0.1, 0.01
"""Adam's step size, in logits, at the first step and at the last."""

_FIRST_SD: Final = 0.1
"""Standard deviation of the posterior before the first step."""

_SPREADS: Final = {"skill_spread": (0.5, 0.5, 0.5, 0.5), "item_spread": (0.5, 0.2)}
"""Where the spreads start: of (init, learn, guess, slip), and of (shift, log gap)."""

_LEARNER_SD: Final = 0.5
"""The spread of learners is drawn to 1, by this standard deviation of its logarithm: a small table would have it anywhere."""

_EDGE: Final = 0.02
"""How far from its bounds a probability starts, as a share of its range: at a bound, a logit has no gradient."""


@dataclass(frozen=True, slots=True, eq=False)
class Guesses:
    """Where inference starts, and where the priors stand: the skills of the fast fit and their centre; the items' shifts as
    their means have them, and as the catalogue does.
    """  # noqa: D205 - one sentence

    skills: BktParameters
    centre: BktParameters
    item_shift: Floats
    stated_shift: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Posterior means: the skills, the items' `shift` and `log_gap` (n_items,), and the learners' spread."""

    skills: BktParameters
    item_shift: Floats
    item_log_gap: Floats
    learner_spread: float


def infer(answers: Answers, guesses: Guesses, settings: BktSettings, *, seed: int) -> Found:
    """The posterior means that these answers ask for. One seed gives one result; nothing global of torch or Pyro stays changed."""
    import pyro  # noqa: PLC0415 - it loads torch, two seconds that serving need not wait for
    import torch  # noqa: PLC0415
    from pyro.infer import SVI, TraceMeanField_ELBO  # noqa: PLC0415

    skills = (_logits(values, settings) for values in (guesses.skills, guesses.centre))
    items = (np.stack([shift, np.zeros(len(shift))], axis=1) for shift in (guesses.item_shift, guesses.stated_shift))
    sites = _Sites(*map(torch.tensor, (*skills, *items)))
    rates = {"lr": _FIRST_RATE, "lrd": (_LAST_RATE / _FIRST_RATE) ** (1.0 / _STEPS)}
    with torch.random.fork_rng(devices=[]), pyro.get_param_store().scope(), pyro.validation_enabled(False):  # which costs a third
        torch.manual_seed(seed)
        elbo = TraceMeanField_ELBO()  # type: ignore[no-untyped-call]  # Pyro tells some types only
        steps = SVI(_model(answers, sites, settings), _guide(sites), pyro.optim.ClippedAdam(rates), elbo)  # type: ignore[no-untyped-call]
        for _ in range(_STEPS):
            steps.step()  # type: ignore[no-untyped-call]
        found = {name: pyro.param(name).detach().numpy().copy() for name in ("skill_mean", "item_mean", "learner_spread")}
    shift, log_gap = found["item_mean"].T
    return Found(_values(found["skill_mean"], settings), shift, log_gap, float(found["learner_spread"]))


@dataclass(frozen=True, slots=True, eq=False)
class _Sites:
    """Tensors: where inference starts and where the prior stands, of the skills' logits (n_skills, 4) and of items (n_items, 2)."""

    skill: torch.Tensor
    skill_centre: torch.Tensor
    item: torch.Tensor
    item_centre: torch.Tensor


def _model(answers: Answers, sites: _Sites, settings: BktSettings) -> Callable[[], None]:
    """The hierarchical priors, and the likelihood as a factor whose gradient is that of `log_likelihood_and_gradient`."""
    import pyro  # noqa: PLC0415
    import torch  # noqa: PLC0415
    from pyro.distributions import LogNormal, Normal, constraints  # noqa: PLC0415

    exact = _exact_likelihood(answers)
    item, skill = torch.tensor(answers.item_of_pair), torch.tensor(answers.skill_of_pair)
    most = torch.tensor([settings.guess_max, settings.slip_max])
    nodes = torch.tensor(NODES)

    def spread(name: str) -> torch.Tensor:
        return pyro.param(name, torch.tensor(_SPREADS[name], dtype=torch.float64), constraint=constraints.positive)

    def model() -> None:
        with pyro.plate("skills", len(sites.skill)):
            of_skill = pyro.sample("skill", Normal(sites.skill_centre, spread("skill_spread")).to_event(1))  # type: ignore[no-untyped-call]
        with pyro.plate("items", len(sites.item)):
            of_item = pyro.sample("item", Normal(sites.item_centre, spread("item_spread")).to_event(1))  # type: ignore[no-untyped-call]
        guess, slip = (most * torch.sigmoid(of_skill[:, 2:])).T
        shift, log_gap = of_item[item].T
        rates = emission_logits(torch.logit(guess)[skill], -torch.logit(slip)[skill], shift, torch.exp(log_gap))
        of_learners = pyro.sample("learner", LogNormal(0.0, _LEARNER_SD))  # type: ignore[no-untyped-call]
        known = node_logits(of_skill[:, :1], of_learners, nodes)
        pyro.factor("answers", exact(known, of_skill[:, 1], *rates))

    return model


def _guide(sites: _Sites) -> Callable[[], None]:
    """Independent normals."""
    import pyro  # noqa: PLC0415
    import torch  # noqa: PLC0415
    from pyro.distributions import Delta, Normal, constraints  # noqa: PLC0415

    def normal(name: str, mean: torch.Tensor) -> None:
        centre = pyro.param(f"{name}_mean", mean.clone())
        sd = pyro.param(f"{name}_sd", torch.full_like(mean, _FIRST_SD), constraint=constraints.positive)
        pyro.sample(name, Normal(centre, sd).to_event(1))  # type: ignore[no-untyped-call]

    def guide() -> None:
        with pyro.plate("skills", len(sites.skill)):
            normal("skill", sites.skill)
        with pyro.plate("items", len(sites.item)):
            normal("item", sites.item)
        spread = pyro.param("learner_spread", torch.ones((), dtype=torch.float64), constraint=constraints.positive)
        pyro.sample("learner", Delta(spread))  # type: ignore[no-untyped-call]

    return guide


def _exact_likelihood(answers: Answers) -> Callable[..., torch.Tensor]:
    """The log likelihood of the answers as a torch function of the logits in `Rates`, in their order."""
    import torch  # noqa: PLC0415

    class Exact(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, *logits: torch.Tensor) -> torch.Tensor:  # Any: torch's own
            total, gradient = log_likelihood_and_gradient(answers, Rates(*(values.detach().numpy() for values in logits)))
            context.save_for_backward(*(torch.from_numpy(getattr(gradient, name)) for name in Rates.__slots__))
            return torch.tensor(total, dtype=torch.float64)

        @staticmethod
        def backward(context: Any, *outer: torch.Tensor) -> tuple[torch.Tensor, ...]:  # Any: torch's own
            return tuple(outer[0] * gradient for gradient in context.saved_tensors)

    return Exact.apply


def _logits(values: BktParameters, settings: BktSettings) -> Floats:
    """(n_skills, 4) logits of p_init, p_learn, and of guess and slip as shares of their bounds, not too far out to start from."""
    shares = (values.p_init, values.p_learn, values.guess / settings.guess_max, values.slip / settings.slip_max)
    return np.stack([logit(np.clip(share, _EDGE, 1.0 - _EDGE)) for share in shares], axis=1)


def _values(logits: Floats, settings: BktSettings) -> BktParameters:
    """What `_logits` took apart, without forgetting."""
    p_init, p_learn, guess, slip = np.clip(expit(logits), settings.least, 1.0 - settings.least).T
    return BktParameters(p_init, p_learn, guess * settings.guess_max, slip * settings.slip_max, np.zeros(len(logits)))
