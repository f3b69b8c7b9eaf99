"""How sure the fit is of each item, and the spreads that follow: one round of empirical Bayes.

The posterior of an item is normal around its mode (Laplace). Its information is that of the marginal likelihood: what
complete data would give less what is lost because abilities are not known (Louis 1982), learner by learner,

    I = sum over answers ( E[w f f'] - Var[s f] ),   f = (1, a theta),   s = (y - P) r,   w = r dP/dx,   r = dP/dx / (P (1 - P)),

with mean and variance over the learner's posterior of ability. Guessing is taken as known; answers of one learner to one
item count as if they came from several.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from adaptive.models.irt.answers import Answers
from adaptive.models.irt.curves import NODES, Curves
from adaptive.models.irt.density import Mode, Problem
from adaptive.models.irt.parameters import Spreads
from adaptive.protocols import Floats

__all__ = ["Doubt", "doubt_of", "information", "updated"]


@dataclass(frozen=True, slots=True, eq=False)
class Doubt:
    """Posterior variances: of skills (n_skills,) and of items (n_items,); `covariance` is of intercept and log discrimination.

    `intercept` counts what is unsure of the item's skills, `within` does not.
    """

    skill: Floats
    within: Floats
    intercept: Floats
    covariance: Floats
    log_discrimination: Floats

    def of_logit(self, discrimination: Floats) -> Floats:
        """(n_items,) variance of an item's logit, averaged over the population's abilities, whose mean square is 1."""
        return np.asarray(self.intercept + discrimination**2 * self.log_discrimination, dtype=np.float64)


def information(answers: Answers, curves: Curves) -> Floats:
    """(3, n_items) information on intercept, on both, and on log discrimination; none is below 0 on the diagonal.

    >>> one = Answers(1, np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), np.ones(1))
    >>> information(one, Curves(np.zeros(1), np.ones(1), np.zeros(1), np.zeros(1)))[0].round(2)  # of complete data .21
    array([0.17])
    """
    weights, total = answers.posterior(curves), np.zeros((3, answers.n_items))
    success, failure = curves.success(), curves.failure()
    slope = failure * (success - curves.guess[:, None]) / (1.0 - curves.guess[:, None])  # dP/dx
    ratio = slope / (success * failure)
    by_ability = curves.discrimination[:, None] * NODES  # (n_items, n_nodes)
    for part in answers.chunks():
        item, w = part.item, weights[part.learner]
        s, f, full = (part.score[:, None] - success[item]) * ratio[item], by_ability[item], (ratio * slope)[item]
        mean_s, mean_sf = _mean(w, s), _mean(w, s * f)
        terms = (
            _mean(w, full - s * s) + mean_s**2,
            _mean(w, (full - s * s) * f) + mean_s * mean_sf,
            _mean(w, (full - s * s) * f * f) + mean_sf**2,
        )
        total += [np.bincount(item, term, minlength=answers.n_items) for term in terms]
    total[[0, 2]] = np.maximum(total[[0, 2]], 0.0)
    return total


def doubt_of(problem: Problem, spreads: Spreads, mode: Mode) -> Doubt:
    """The posterior variances at the mode."""
    of_intercept, both, of_steepness = information(problem.answers, mode.curves())
    within, covariance, log_discrimination = _inverse(problem, spreads, of_intercept, both, of_steepness)
    own = np.maximum(1.0 / within - 1.0 / spreads.item**2, 0.0)  # information of the answers with discrimination integrated out
    of_item = own / (1.0 + own * spreads.item**2)  # on the mean of the item's skills
    of_skill = np.bincount(problem.skill, problem.share**2 * of_item[problem.item], minlength=problem.n_skills)
    skill = np.asarray(1.0 / (1.0 / spreads.skill**2 + of_skill), dtype=np.float64)
    follows: Floats = 1.0 / (1.0 + own * spreads.item**2)  # by how much the item's mode moves with its skills
    intercept = within + follows**2 * problem.mean_over_skills(skill)
    return Doubt(skill, within, intercept, covariance, log_discrimination)


def updated(problem: Problem, spreads: Spreads, mode: Mode, doubt: Doubt) -> Spreads:
    """The spreads that modes and variances imply, drawn to the settings' by `prior_items` imagined ones (an EM step)."""
    start, imagined = problem.settings.spreads, problem.settings.prior_items

    def spread(prior: float, apart: Floats, variance: Floats) -> float:
        return float(np.sqrt((imagined * prior**2 + np.sum(apart**2 + variance)) / (imagined + len(apart))))

    from_skills = mode.intercept - problem.stated - problem.mean_over_skills(mode.skill)
    learned = replace(
        spreads,
        skill=spread(start.skill, mode.skill - mode.overall, doubt.skill),
        item=spread(start.item, from_skills, doubt.within),
    )
    if not problem.settings.items_discriminate:
        return learned
    return replace(learned, discrimination=spread(start.discrimination, mode.log_discrimination - mode.steepness, doubt.log_discrimination))


def _inverse(problem: Problem, spreads: Spreads, first: Floats, both: Floats, last: Floats) -> tuple[Floats, Floats, Floats]:
    """Variances and covariance of each item's block; where items do not discriminate the log discrimination is known."""
    first = first + 1.0 / spreads.item**2
    if not problem.settings.items_discriminate:
        zeros = np.zeros_like(first)
        return 1.0 / first, zeros, zeros
    last = last + 1.0 / spreads.discrimination**2
    most = 0.95 * np.sqrt(first * last)  # so that a block of few answers stays invertible
    both = np.clip(both, -most, most)
    determinant = first * last - both**2
    return last / determinant, -both / determinant, first / determinant


def _mean(weights: Floats, values: Floats) -> Floats:
    return np.asarray(np.einsum("aq,aq->a", weights, values), dtype=np.float64)
