"""Variational inference in Pyro for skills, items and the spread of learners: hierarchical priors around the exact likelihood.

    skill: its four logits, and log rate of forgetting ~ N(those of all skills as one, spread of skills)
    item: (shift, log gap) ~ N(0, spread of items)

A mean-field normal posterior of skills and items is fitted by stochastic gradients of the evidence lower bound, together with
point estimates of the spreads, of `learner_spread` and of the gates: so each spread comes out of the data (empirical Bayes), where the mode
of all at once would let it collapse to 0. Where prerequisites gate, what is missing of them before each attempt is taken from the
filter with the parameters of the moment, every few steps.
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
from adaptive.models.bkt.prerequisites import OPEN, Gates
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

_SPREADS: Final = {"skill_spread": (0.5, 0.5, 0.5, 0.5, 0.3), "item_spread": (0.5, 0.2)}
"""Where the spreads start: of (init, learn, guess, slip, log rate of forgetting), and of (shift, log gap)."""

_GATE, _MOVED = 0.3, 0.5
"""Where the gates start, and by how much more than the fast fit, which knows none, skills are known and learned at the start, in logits."""

_REFRESHED: Final = 10
"""Steps of Adam between two runs of the filter that says what is missing of prerequisites."""

_GATED_LOGITS: Final = 2
"""Of the skills' values the first two, init and learn, are those of learners who know what comes before; so their centre moves too."""

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
    """Posterior means: the skills, the items' `shift` and `log_gap` (n_items,); the learners' spread, and the gates."""

    skills: BktParameters
    item_shift: Floats
    item_log_gap: Floats
    learner_spread: float
    gates: Gates


Missing = Callable[[Found], Floats]
"""What is missing of prerequisites before each entry, (n_entries, most), by the filter with these parameters."""


def infer(answers: Answers, guesses: Guesses, settings: BktSettings, missing: Missing | None = None, *, seed: int) -> Found:
    """The posterior means that these answers ask for. One seed gives one result; nothing global of torch or Pyro stays changed.

    Without `missing` nothing gates. Rates of forgetting are 0 unless the settings ask for them.
    """
    import pyro  # noqa: PLC0415 - it loads torch, two seconds that serving need not wait for
    import torch  # noqa: PLC0415
    from pyro.infer import SVI, TraceMeanField_ELBO  # noqa: PLC0415

    sites, exact = _sites(guesses, settings, has_gates=missing is not None), _Exact(answers)
    rates = {"lr": _FIRST_RATE, "lrd": (_LAST_RATE / _FIRST_RATE) ** (1.0 / _STEPS)}
    with torch.random.fork_rng(devices=[]), pyro.get_param_store().scope(), pyro.validation_enabled(False):  # which costs a third
        torch.manual_seed(seed)
        elbo = TraceMeanField_ELBO()  # type: ignore[no-untyped-call]  # Pyro tells some types only
        steps = SVI(_model(exact, sites, settings), _guide(sites), pyro.optim.ClippedAdam(rates), elbo)  # type: ignore[no-untyped-call]
        for step in range(_STEPS):
            if missing is not None and step % _REFRESHED == 0:
                exact.missing = missing(_found(sites, settings))
            steps.step()  # type: ignore[no-untyped-call]
        return _found(sites, settings)


def _found(sites: _Sites, settings: BktSettings) -> Found:
    """By Pyro's parameters, or where these would start."""
    import pyro  # noqa: PLC0415

    def value(name: str, start: Floats) -> Floats:
        store = pyro.get_param_store()
        return store[name].detach().numpy().copy() if name in store else start

    shift, log_gap = value("item_mean", sites.item.numpy()).T
    gates = Gates(*value("gates", np.full(2, _GATE)).tolist()) if sites.has_gates else OPEN
    skills = _values(value("skill_mean", sites.skill.numpy()), settings)
    return Found(skills, shift, log_gap, float(value("learner_spread", np.ones(()))), gates)


@dataclass(frozen=True, slots=True, eq=False)
class _Sites:
    """Tensors: where inference starts and where the prior stands, of the skills' values (n_skills, 4 or 5) and of items (n_items, 2)."""

    skill: torch.Tensor
    skill_centre: torch.Tensor
    item: torch.Tensor
    item_centre: torch.Tensor
    has_gates: bool


def _sites(guesses: Guesses, settings: BktSettings, *, has_gates: bool) -> _Sites:
    import torch  # noqa: PLC0415

    skill, centre = (_logits(values, settings) for values in (guesses.skills, guesses.centre))
    skill[:, :_GATED_LOGITS] += _MOVED * has_gates
    item, stated = (np.stack([shift, np.zeros(len(shift))], axis=1) for shift in (guesses.item_shift, guesses.stated_shift))
    return _Sites(torch.tensor(skill), torch.tensor(centre), torch.tensor(item), torch.tensor(stated), has_gates)


def _model(exact: _Exact, sites: _Sites, settings: BktSettings) -> Callable[[], None]:
    """The hierarchical priors, and the likelihood as a factor whose gradient is that of `log_likelihood_and_gradient`."""
    import pyro  # noqa: PLC0415
    import torch  # noqa: PLC0415
    from pyro.distributions import Beta, LogNormal, Normal, constraints  # noqa: PLC0415

    item, skill = torch.tensor(exact.answers.item_of_pair), torch.tensor(exact.answers.skill_of_pair)
    most = torch.tensor([settings.guess_max, settings.slip_max])
    nodes, n_skills, n_values = torch.tensor(NODES), *sites.skill.shape
    never = torch.full((n_skills,), -torch.inf, dtype=torch.float64)
    stays = torch.zeros(n_values - _GATED_LOGITS, dtype=torch.float64)

    def spread(name: str, n: int) -> torch.Tensor:
        return pyro.param(name, torch.tensor(_SPREADS[name][:n], dtype=torch.float64), constraint=constraints.positive)

    def model() -> None:
        centre, gates = sites.skill_centre, torch.ones(2, dtype=torch.float64)
        if sites.has_gates:
            moved = pyro.param("centre_moved", torch.full((_GATED_LOGITS,), _MOVED, dtype=torch.float64))
            centre = centre + torch.cat([moved, stays])
            gates = pyro.sample("gate", Beta(2.0, 1.0).expand([2]).to_event(1))  # type: ignore[no-untyped-call]
        with pyro.plate("skills", n_skills):
            of_skill = pyro.sample("skill", Normal(centre, spread("skill_spread", n_values)).to_event(1))  # type: ignore[no-untyped-call]
        with pyro.plate("items", len(sites.item)):
            of_item = pyro.sample("item", Normal(sites.item_centre, spread("item_spread", 2)).to_event(1))  # type: ignore[no-untyped-call]
        guess, slip = (most * torch.sigmoid(of_skill[:, 2:4])).T
        shift, log_gap = of_item[item].T
        rates = emission_logits(torch.logit(guess)[skill], -torch.logit(slip)[skill], shift, torch.exp(log_gap))
        of_learners = pyro.sample("learner", LogNormal(0.0, _LEARNER_SD))  # type: ignore[no-untyped-call]
        known = node_logits(of_skill[:, :1], of_learners, nodes)
        forget = of_skill[:, 4] if settings.forgetting else never
        pyro.factor("answers", exact(known, of_skill[:, 1], *rates, forget, gates))

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
        if sites.has_gates:
            gates = pyro.param("gates", torch.full((2,), _GATE, dtype=torch.float64), constraint=constraints.unit_interval)
            pyro.sample("gate", Delta(gates).to_event(1))  # type: ignore[no-untyped-call]

    return guide


class _Exact:
    """The log likelihood of the answers as a torch function of what is in `Rates`, in their order; `missing` may be set anew."""

    def __init__(self, answers: Answers) -> None:
        self.answers, self.missing = answers, np.zeros((len(answers.pair), 0))

    def __call__(self, *rates: torch.Tensor) -> torch.Tensor:
        """With its gradient."""
        import torch  # noqa: PLC0415

        exact = self

        class Exact(torch.autograd.Function):
            @staticmethod
            def forward(context: Any, *of: torch.Tensor) -> torch.Tensor:  # Any: torch's own
                of_rates = Rates(*(values.detach().numpy() for values in of))
                total, gradient = log_likelihood_and_gradient(exact.answers, of_rates, exact.missing)
                context.save_for_backward(*(torch.from_numpy(getattr(gradient, name)) for name in Rates.__slots__))
                return torch.tensor(total, dtype=torch.float64)

            @staticmethod
            def backward(context: Any, *outer: torch.Tensor) -> tuple[torch.Tensor, ...]:  # Any: torch's own
                return tuple(outer[0] * gradient for gradient in context.saved_tensors)

        return Exact.apply(*rates)  # type: ignore[no-any-return, no-untyped-call]  # torch tells some types only


def _logits(values: BktParameters, settings: BktSettings) -> Floats:
    """(n_skills, 4) logits of p_init, p_learn, and of guess and slip as shares of their bounds, not too far out to start from.

    A fifth column has the logarithms of the rates of forgetting, where these are fitted.
    """
    shares = (values.p_init, values.p_learn, values.guess / settings.guess_max, values.slip / settings.slip_max)
    rates = (np.log(values.forget_rate),) if settings.forgetting else ()
    return np.stack([*(logit(np.clip(share, _EDGE, 1.0 - _EDGE)) for share in shares), *rates], axis=1)


def _values(logits: Floats, settings: BktSettings) -> BktParameters:
    """What `_logits` took apart."""
    p_init, p_learn, guess, slip = np.clip(expit(logits[:, :4]), settings.least, 1.0 - settings.least).T
    rate = np.exp(logits[:, 4]) if settings.forgetting else np.zeros(len(logits))
    return BktParameters(p_init, p_learn, guess * settings.guess_max, slip * settings.slip_max, rate)
