"""From a learner's scores to pseudo-evidence on every skill, with its provenance and what had to be assumed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import numpy as np
from scipy.special import logit, ndtr

from adaptive.catalog import Catalog
from adaptive.catalog.scale import DIFFICULTY_SCALES
from adaptive.domain import MASTERED_AT, Score
from adaptive.errors import InvalidInput, Problem
from adaptive.placement.ability import AreaAbility, ability_from_scores, evidence, school_years_of, years_since
from adaptive.placement.checks import score_problems
from adaptive.placement.consistency import isotonic
from adaptive.placement.difficulty import skill_difficulties
from adaptive.placement.scales import OVERALL, SCALES, find_scale
from adaptive.protocols import AbilityPrior, Floats

__all__ = ["SKILL_SD", "p_mastered", "prior_from_ability", "prior_from_scores"]

SKILL_SD: Final = 8.0
"""RIT; how far a learner's success on one skill lies from what ability and difficulty say (placement prior)."""

MASTERED_LOGIT: Final = float(logit(MASTERED_AT))

_RIT_PER_LOGIT: Final = DIFFICULTY_SCALES["rit"].unit

_OLD_AFTER_YEARS: Final = 4 / 3
"""Four terms, at three terms (fall, winter, spring) a school year."""

_WIDE_ERROR: Final = 2.0
"""A standard error of at least this many times the scale's default says that the test went wrong or stopped early."""


def prior_from_scores(scores: Sequence[Score], catalog: Catalog, at: datetime) -> tuple[AbilityPrior, tuple[str, ...]]:
    """The prior of one learner over the catalogue's skills as of `at`, and flags: a code, a colon and plain words.

    Ability per area is a joint normal in RIT (`ability_from_scores`); skill k then has x_k = (theta_area(k) - b_k) / 10
    logits, with an SD of .8 of its own; so P(mastered) = Phi((theta - b - 13.9) / sqrt(var + 8^2)). Means are made
    consistent along the skill graph. Without any score the prior is the population's, flat. Raises InvalidInput, with
    every problem, for scores of several learners, of an unknown scale or area, or that are no numbers.

    >>> from datetime import UTC
    >>> from adaptive.domain import Skill
    >>> catalog = Catalog("c", "rit", skills=(Skill("easy", difficulty=180.0), Skill("hard", difficulty=210.0)))
    >>> fall = datetime(2025, 9, 15, tzinfo=UTC)
    >>> prior, flags = prior_from_scores([Score("ann", "rit", 200.0, taken_on=fall.date(), grade="3")], catalog, fall)
    >>> p_mastered(prior).round(2).tolist(), flags
    ([0.72, 0.0], ('area_unknown: 2 skills lie in no area of the test and follow the overall ability',))
    """
    _check(scores)
    on = at.date()
    difficulties = skill_difficulties(catalog)
    ability = ability_from_scores(scores, on=on, flat_mean=float(difficulties.rit.mean()) if len(difficulties.rit) else 0.0)
    prior = prior_from_ability(ability, difficulties.rit, catalog, source=_provenance(scores))
    return prior, (*_score_flags(scores, on=on), *difficulties.flags, *_area_flags(catalog))


def prior_from_ability(ability: AreaAbility, difficulty: Floats, catalog: Catalog, *, source: str = "") -> AbilityPrior:
    """The prior that an ability per area, in RIT, implies for skills of that difficulty, (n_skills,) RIT.

    Covariance: that of the areas / 100, plus (8/10)^2 on the diagonal. The order along the graph is imposed on
    (mean - logit(MASTERED_AT)) / SD, the normal quantile of P(mastered), and moves means only.
    """
    area = [ability.position(_area_of(skill.domain)) for skill in catalog.skills]
    mean = (ability.mean[area] - difficulty) / _RIT_PER_LOGIT  # (n_skills,)
    covariance = ability.covariance[np.ix_(area, area)] / _RIT_PER_LOGIT**2
    covariance = covariance + np.diag(np.full(len(area), (SKILL_SD / _RIT_PER_LOGIT) ** 2))
    sd = np.sqrt(np.diag(covariance))
    quantile = isotonic((mean - MASTERED_LOGIT) / sd, _edges(catalog))
    return AbilityPrior(catalog.skill_columns.skill_ids, MASTERED_LOGIT + sd * quantile, covariance, source)


def p_mastered(prior: AbilityPrior) -> Floats:
    """P(expected success >= MASTERED_AT) of each skill under the prior, (n_skills,)."""
    probability: Floats = ndtr((prior.mean - MASTERED_LOGIT) / np.sqrt(np.diag(prior.covariance)))
    return probability


def _area_of(domain: str) -> str | None:
    return SCALES["rit"].area_of(domain)


def _edges(catalog: Catalog) -> list[tuple[int, int]]:
    """(prerequisite, dependant) positions in catalogue order, sorted topologically by the dependant."""
    position = {skill_id: index for index, skill_id in enumerate(catalog.skill_columns.skill_ids)}
    return [
        (position[edge.prerequisite_id], position[skill_id])
        for skill_id in catalog.topological_order()
        for edge in catalog.prerequisites_of(skill_id)
    ]


def _check(scores: Sequence[Score]) -> None:
    problems = [problem for index, score in enumerate(scores) for problem in score_problems(score, where=f"score {index + 1}")]
    learners = sorted({score.learner_id for score in scores})
    if len(learners) > 1:
        problems.append(Problem("scores", "a prior is of one learner", ", ".join(learners), "group the scores by learner"))
    if problems:
        raise InvalidInput("placement", problems)


def _provenance(scores: Sequence[Score]) -> str:
    return "; ".join(
        f"{score.scale} {score.score:g}{f' {score.area}' if score.area else ''}{f' on {score.taken_on}' if score.taken_on else ''}"
        for score in evidence(scores)
    )


def _score_flags(scores: Sequence[Score], *, on: date) -> tuple[str, ...]:
    used = evidence(scores)
    flags = [] if used else ["no_score: no score is known, so the prior is the population's"]
    if school_years_of(scores, on=on) is None:
        flags.append("no_grade: no known grade, so the population prior is flat and rules of grade level are off")
    if any(score.taken_on is None for score in used):
        flags.append("no_date: a score without its day counts as taken today")
    if any(score.taken_on is not None and score.taken_on > on for score in used):
        flags.append("future_test: a test dated later than today counts as taken today")
    old = [str(score.taken_on) for score in used if years_since(score, on=on) > _OLD_AFTER_YEARS]
    flags += [f"old_test: taken {day}, more than four terms ago" for day in dict.fromkeys(old)]
    flags += [f"wide_error: {_named(score)} has a standard error of {score.standard_error:g}" for score in used if _is_wide(score)]
    return tuple(dict.fromkeys(flags))


def _is_wide(score: Score) -> bool:
    return score.standard_error is not None and score.standard_error >= _WIDE_ERROR * find_scale(score.scale).default_error(score.area)


def _named(score: Score) -> str:
    return "the overall score" if score.area == OVERALL else score.area


def _area_flags(catalog: Catalog) -> tuple[str, ...]:
    outside = sum(_area_of(skill.domain) is None for skill in catalog.skills)
    if not outside:
        return ()
    words = "1 skill lies in no area of the test and follows" if outside == 1 else f"{outside} skills lie in no area of the test and follow"
    return (f"area_unknown: {words} the overall ability",)
