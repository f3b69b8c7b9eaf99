from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from adaptive.catalog import Catalog, mathematics_catalog
from adaptive.datasets.generated import generated_class
from adaptive.domain import Attempt
from adaptive.models.logistic import Logistic
from adaptive.models.normal_logit import attenuation
from adaptive.models.placed import Placed
from adaptive.protocols import AbilityPrior, Floats, Skills

DRIFT = 0.02
IDS = ("a", "b", "c")


def prior(mean: float = 1.2, variance: float = 1.0, correlation: float = 0.6, skill_ids: tuple[str, ...] = IDS) -> AbilityPrior:
    n = len(skill_ids)
    covariance = variance * (correlation * np.ones((n, n)) + (1.0 - correlation) * np.eye(n))
    return AbilityPrior(skill_ids, np.linspace(mean, mean - 1.0, n), covariance)


def latent(placed: Placed) -> tuple[Floats, Floats]:
    marginal, variance = placed.marginals(IDS)
    return marginal * attenuation(variance), variance


def test_a_placement_starts_with_its_means_and_variances() -> None:
    mean, variance = latent(Placed.of(prior(variance=0.5)))
    np.testing.assert_allclose(mean, prior().mean, atol=1e-12)
    np.testing.assert_allclose(variance, 0.5, atol=1e-12)


@pytest.mark.parametrize("none", [None, AbilityPrior((), np.zeros(0), np.zeros((0, 0)))])
def test_no_placement_places_nothing(none: AbilityPrior | None) -> None:
    assert Placed.of(none) == Placed()
    assert np.all(np.isnan(Placed().marginals(IDS)))


def test_an_exact_placement_is_still_open_to_answers() -> None:
    placed = Placed.of(prior(variance=0.0))
    assert latent(placed)[1].min() > 0.1


@given(st.lists(st.tuples(st.sampled_from(IDS), st.floats(0.05, 0.95), st.sampled_from((0.0, 0.5, 1.0))), max_size=12))
def test_answers_move_all_skills_as_in_a_joint_normal_over_them(answers: list[tuple[str, float, float]]) -> None:
    """The oracle keeps the covariance of all skills and conditions it on each answer, (3, 3)."""
    placed, covariance, mean = Placed.of(prior()), prior().covariance.copy(), prior().mean.copy()
    for skill_id, p_correct, score in answers:
        placed = placed.after((skill_id,), p_correct=p_correct, score=score)
        k, information = IDS.index(skill_id), p_correct * (1.0 - p_correct)
        own_before = _own(covariance, k)
        along = covariance[:, k] / (1.0 + information * covariance[k, k])
        mean = mean + along * (score - p_correct)
        covariance = covariance - np.outer(along, covariance[:, k]) * information
        covariance[k, k] += min(DRIFT, own_before - _own(covariance, k))
        np.testing.assert_allclose(latent(placed), (mean, np.diag(covariance)), atol=1e-9)


def _own(covariance: Floats, k: int) -> float:
    """What stays unsure of a skill once the common ability is known: with one factor, cov(k, i) cov(k, j) / cov(i, j) is shared."""
    i, j = (other for other in range(3) if other != k)
    return float(covariance[k, k] - covariance[k, i] * covariance[k, j] / covariance[i, j])


def test_an_answer_on_several_skills_moves_each_and_leaves_strangers_out() -> None:
    before = Placed.of(prior(correlation=0.0))
    right, wrong = (before.after(("a", "b", "new"), p_correct=0.6, score=score) for score in (1.0, 0.0))
    for up, was, down in zip(latent(right)[0][:2], latent(before)[0][:2], latent(wrong)[0][:2], strict=True):
        assert up > was > down
    assert latent(right)[0][2] == latent(before)[0][2]
    assert "new" not in right.skills


CATALOG: Catalog = mathematics_catalog()
SKILLS: Skills = CATALOG.skill_columns


def placed_learner(rng: np.random.Generator) -> tuple[AbilityPrior, Floats]:
    """A placement that is true of its learner: ability and skills drawn as it says. True success is (n_skills,)."""
    difficulty = np.array([CATALOG.skill_difficulty_logit(skill_id) for skill_id in SKILLS.skill_ids], dtype=np.float64)
    placed_at = 1.2 * rng.normal() - (difficulty - difficulty.mean())
    n, shared, own = len(difficulty), 0.3, 0.64
    x = placed_at + np.sqrt(shared) * rng.normal() + np.sqrt(own) * rng.normal(size=n)
    return AbilityPrior(SKILLS.skill_ids, placed_at, shared * np.ones((n, n)) + own * np.eye(n)), np.asarray(expit(x))


def test_practice_on_some_skills_leaves_true_intervals_on_the_others() -> None:
    """Coverage of the 90 % interval of untouched skills after 60 answers on others: .85 asked.

    Over eight seeds .895 with a standard deviation of .011, so the bound is four of them away: a false alarm once in 30,000
    seeds. When answers counted both in the placement and in the features in all, it was .673. Of those declared mastered
    .00 to .02 were below .70; .00 to .08 then.
    """
    model, rng = Logistic(CATALOG).fit(generated_class(CATALOG, n_learners=60, n_sessions=8, seed=1).table), np.random.default_rng(5)
    inside, certain = [], []
    for _ in range(50):
        prior, success = placed_learner(rng)
        practised = rng.choice(len(SKILLS), 4, replace=False)
        state = model.initial_state(prior)
        for k in range(60):
            skill = practised[k // 15]
            items = CATALOG.items_of(SKILLS.skill_ids[skill])
            item = items[k % len(items)]
            state = model.update(state, Attempt(f"a{k}", "ann", item.item_id, item.skill_ids, float(rng.random() < success[skill])))
        mastery, rest = model.mastery(state, SKILLS, None), np.setdiff1d(np.arange(len(SKILLS)), practised)
        inside.append(((success >= mastery.low) & (success <= mastery.high))[rest])
        certain.append(success[rest][mastery.p_mastered[rest] >= 0.95])
    assert np.mean(inside) >= 0.85
    assert np.mean(np.concatenate(certain) < 0.7) < 0.05
