"""The hierarchical item response model in Pyro, and the mode of its items with ability integrated out.

    overall ~ N(0, overall)    skill_s ~ N(overall, skill)    intercept_i ~ N(stated_i + mean_s skill_s, item)
    steepness ~ N(0, overall_discrimination)    log discrimination_i = steepness + N(0, discrimination)
    luck ~ N(logit 1/5, overall_guess)          logit guess_i = luck + N(0, guess)
    answers of a learner: log sum_q w_q prod_i P_i(theta_q)^y (1 - P_i(theta_q))^(1 - y), over the nodes of `curves`

Items and means are at their mode given the spreads (AutoDelta and L-BFGS on the exact marginal likelihood of Bock &
Aitkin 1981). The spreads are no part of it: the joint mode of a hierarchy lies at spread 0 (`spreads` learns them).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from scipy.special import expit

from adaptive.models.irt.answers import Answers
from adaptive.models.irt.curves import LOG_PRIOR, NODES, Curves
from adaptive.models.irt.parameters import IrtSettings, Spreads
from adaptive.models.normal_logit import ANSWER_INFORMATION
from adaptive.protocols import Floats, Ints

__all__ = ["EXPECTED_GUESS", "MOST_STEPS", "Mode", "Problem", "find_mode"]

EXPECTED_GUESS: Final = 0.2
"""Success without knowing, before any data: one in five choices, as BILOG's prior has it."""

MOST_STEPS: Final = 60
"""Steps of L-BFGS that end a search: most end by themselves, after 40 to 60."""

_LOGIT_GUESS: Final = float(np.log(EXPECTED_GUESS / (1.0 - EXPECTED_GUESS)))


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """What is to be fitted: answers, where the catalogue puts each item (0 where nowhere), and which skills it has.

    `stated` (n_items,); `item`, `skill`, `share` (n_entries,): item `item[e]` has the skill `skill[e]` for `share[e]` of it.
    """

    answers: Answers
    stated: Floats
    n_skills: int
    item: Ints
    skill: Ints
    share: Floats
    settings: IrtSettings

    @property
    def n_items(self) -> int:
        """Items of the table."""
        return len(self.stated)

    def mean_over_skills(self, values: Floats) -> Floats:
        """(n_items,) the mean over each item's skills of `values` (n_skills,)."""
        return np.bincount(self.item, weights=values[self.skill] * self.share, minlength=self.n_items).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Mode:
    """The most probable values given the spreads: one number each for the means, (n_skills,) or (n_items,) for the rest."""

    overall: float
    steepness: float
    luck: float
    skill: Floats
    intercept: Floats
    log_discrimination: Floats
    logit_guess: Floats
    is_guessed: bool = field(default=False)

    @classmethod
    def start(cls, problem: Problem, skill: Floats, intercept: Floats) -> Mode:
        """Before the first round: these skills and intercepts, discrimination 1, guessing as expected."""
        zeros = np.zeros(problem.n_items)
        guessed = problem.settings.items_are_guessed
        return cls(float(skill.mean()), 0.0, _LOGIT_GUESS, skill, intercept, zeros, zeros + _LOGIT_GUESS, guessed)

    def curves(self) -> Curves:
        """The items as curves that are taken for sure."""
        discrimination, n = np.exp(self.log_discrimination), len(self.intercept)
        guess = expit(self.logit_guess) if self.is_guessed else np.zeros(n)
        return Curves(self.intercept, discrimination, guess, np.zeros(n))


def find_mode(problem: Problem, spreads: Spreads, start: Mode, *, n_steps: int = MOST_STEPS) -> Mode:
    """The mode given the spreads, searched from `start` for at most so many steps."""
    import pyro  # noqa: PLC0415 - it loads torch, which takes seconds
    import torch  # noqa: PLC0415
    from pyro.infer import Trace_ELBO  # noqa: PLC0415
    from pyro.infer.autoguide import AutoDelta, init_to_value  # noqa: PLC0415
    from scipy.optimize import minimize  # noqa: PLC0415 - .1 s

    with pyro.get_param_store().scope():
        model, sites = _pyro_model(problem, spreads), _sites(start)
        values = {name: torch.tensor(value, dtype=torch.float64) for name, value in sites.items()}
        guide = AutoDelta(model, init_loc_fn=init_to_value(values=values))  # type: ignore[no-untyped-call]  # Pyro has none
        guide()  # makes the parameters, one a site
        places: dict[str, Any] = {name.removesuffix("_unconstrained"): place for name, place in guide.named_parameters()}
        scale = np.concatenate([np.broadcast_to(_steps(problem, spreads)[name], place.shape).ravel() for name, place in places.items()])
        loss: Callable[..., Any] = Trace_ELBO().differentiable_loss  # type: ignore[no-untyped-call]  # Any: a torch scalar

        def objective(scaled: Floats) -> tuple[float, Floats]:
            _put(places, torch.from_numpy(scaled * scale))
            guide.zero_grad()
            value = loss(model, guide)
            value.backward()
            gradient = torch.cat([place.grad.reshape(-1) for place in places.values()]).numpy()
            return float(value.detach()), gradient * scale

        first = np.concatenate([np.ravel(sites[name]) for name in places]) / scale
        options = {"maxiter": n_steps, "maxcor": 20, "ftol": 1e-11, "gtol": 1e-4}
        found = minimize(objective, first, jac=True, method="L-BFGS-B", options=options).x * scale
        _put(places, torch.from_numpy(found))
        return _mode(problem, {name: place.detach().numpy().copy() for name, place in places.items()})


def _put(places: Mapping[str, Any], values: Any) -> None:  # Any: torch tensors
    """Write the values, one after the other, to the parameters."""
    sizes = [place.numel() for place in places.values()]
    for place, value in zip(places.values(), values.split(sizes), strict=True):
        place.data.copy_(value.reshape(place.shape))


def _steps(problem: Problem, spreads: Spreads) -> dict[str, Floats | float]:
    """By how much each value may move in a step: about its posterior deviation, so that the search sees a round bowl."""
    n = np.bincount(problem.answers.item, minlength=problem.n_items) * ANSWER_INFORMATION
    of_skill = np.bincount(problem.skill, problem.share**2, minlength=problem.n_skills) / spreads.item**2
    precision: dict[str, Any] = {  # Any: numbers or arrays of them
        "overall": problem.n_skills / spreads.skill**2 + 1.0 / spreads.overall**2,
        "steepness": n.sum() + 1.0 / spreads.overall_discrimination**2,
        "luck": n.sum() * EXPECTED_GUESS**2 + 1.0 / spreads.overall_guess**2,
        "skill": of_skill + 1.0 / spreads.skill**2,
        "intercept": n + 1.0 / spreads.item**2,
        "discriminates": n + 1.0 / spreads.discrimination**2,
        "guessed": n * EXPECTED_GUESS**2 + 1.0 / spreads.guess**2,
    }
    return {name: np.sqrt(1.0 / value) for name, value in precision.items()}


def _sites(mode: Mode) -> dict[str, Floats | float]:
    """The values of the model's sample sites; not all are sites of every model."""
    means: dict[str, Floats | float] = {"overall": mode.overall, "steepness": mode.steepness, "luck": mode.luck, "skill": mode.skill}
    apart: dict[str, Floats | float] = {"discriminates": mode.log_discrimination - mode.steepness, "guessed": mode.logit_guess - mode.luck}
    return {**means, "intercept": mode.intercept, **apart}


def _mode(problem: Problem, found: dict[str, Any]) -> Mode:  # Any: arrays of numbers
    """The sites of the model as found; those that it does not have follow from their means."""
    n, steepness, luck = problem.n_items, float(found["steepness"]), float(found.get("luck", _LOGIT_GUESS))
    return Mode(
        overall=float(found["overall"]),
        steepness=steepness,
        luck=luck,
        skill=found["skill"],
        intercept=found["intercept"],
        log_discrimination=steepness + found.get("discriminates", np.zeros(n)),
        logit_guess=luck + found.get("guessed", np.zeros(n)),
        is_guessed=problem.settings.items_are_guessed,
    )


def _pyro_model(problem: Problem, spreads: Spreads) -> Callable[[], None]:
    """The model at the head of this module."""
    import pyro  # noqa: PLC0415 - it loads torch, which takes seconds
    import torch  # noqa: PLC0415
    from pyro.distributions import Normal  # noqa: PLC0415

    def number(value: float) -> Any:  # Any: a torch scalar
        return torch.tensor(value, dtype=torch.float64)

    settings, zero = problem.settings, number(0.0)
    stated, share = torch.as_tensor(problem.stated), torch.as_tensor(problem.share)
    item, skill_of = torch.as_tensor(problem.item), torch.as_tensor(problem.skill)
    log_likelihood = _log_likelihood(problem)

    def model() -> None:
        overall = pyro.sample("overall", Normal(zero, spreads.overall))
        steepness = pyro.sample("steepness", Normal(zero, spreads.overall_discrimination))
        with pyro.plate("skills", problem.n_skills):
            skill = pyro.sample("skill", Normal(overall, spreads.skill))
        expected = stated.index_add(0, item, skill[skill_of] * share)
        log_discrimination, logit_guess = steepness, None
        if settings.items_are_guessed:
            luck = pyro.sample("luck", Normal(number(_LOGIT_GUESS), spreads.overall_guess))
        with pyro.plate("items", problem.n_items):
            intercept = pyro.sample("intercept", Normal(expected, spreads.item))
            if settings.items_discriminate:
                log_discrimination = steepness + pyro.sample("discriminates", Normal(zero, spreads.discrimination))
            if settings.items_are_guessed:
                logit_guess = luck + pyro.sample("guessed", Normal(zero, spreads.guess))
        pyro.factor("answers", log_likelihood(intercept, log_discrimination, logit_guess))

    return model


def _log_likelihood(problem: Problem) -> Callable[..., Any]:  # Any: torch tensors
    """The marginal log likelihood of all answers as a function of intercept, log discrimination and logit of guessing."""
    import torch  # noqa: PLC0415 - it takes seconds to load
    from torch.nn.functional import logsigmoid  # noqa: PLC0415

    answers = problem.answers.matrix().tocoo()
    place = torch.as_tensor(np.stack([answers.row, answers.col]).astype(np.int64))
    matrix = torch.sparse_coo_tensor(place, torch.as_tensor(answers.data), answers.shape, check_invariants=False).coalesce()
    nodes, log_prior = torch.as_tensor(NODES), torch.as_tensor(LOG_PRIOR)

    def log_likelihood(intercept: Any, log_discrimination: Any, logit_guess: Any) -> Any:
        logits = log_discrimination.exp().expand(len(intercept))[:, None] * nodes + intercept[:, None]  # (n_items, n_nodes)
        success, failure = logsigmoid(logits), logsigmoid(-logits)
        if logit_guess is not None:
            missed = logsigmoid(-logit_guess)[:, None]
            success, failure = torch.logaddexp(logsigmoid(logit_guess)[:, None], missed + success), missed + failure
        by_learner = torch.sparse.mm(matrix, torch.cat([success, failure]))  # (n_learners, n_nodes)
        return torch.logsumexp(by_learner + log_prior, dim=1).sum()

    return log_likelihood
