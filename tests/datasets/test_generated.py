"""The generated class against its equations written the slow way, and the promises of its report of the truth."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from itertools import pairwise
from math import exp, prod

import numpy as np
import pytest

from adaptive.catalog import Catalog, mathematics_catalog
from adaptive.datasets.generated import GeneratedClass, LearnerWorld, generated_class
from adaptive.domain import Attempt, Item, Prerequisite, Skill
from adaptive.errors import InvalidInput

MATHEMATICS = mathematics_catalog()

ALIKE = LearnerWorld(sd_ability=0.0, sd_skill=0.0, sd_item=0.0, sd_log_rate=0.0)
"""A world of equal learners, whose hidden values are therefore known."""

AWKWARD = Catalog(
    "awkward",
    skills=(Skill("a", difficulty=-0.5), Skill("b", difficulty=0.5), Skill("c"), Skill("bare", difficulty=1.0)),
    items=(
        Item("a1", ("a",)),
        Item("a2", ("a",), difficulty=0.2, options=("1", "2", "3", "4"), answer="1"),
        Item("ab", ("b", "a")),
        Item("gone", ("b",), difficulty=9.0, retired=True),
        Item("b1", ("b",), options=("1", "2"), answer="1"),
        Item("c1", ("c",)),
    ),
    prerequisites=(Prerequisite("a", "b", 0.8), Prerequisite("a", "c", 0.5), Prerequisite("b", "c")),
)


def logistic(x: float) -> float:
    return 1.0 / (1.0 + exp(-x))


class SlowLearner:
    """One learner of the world ALIKE, by the equations, with dictionaries."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.difficulty = {skill.skill_id: catalog.skill_difficulty_logit(skill.skill_id) or 0.0 for skill in catalog.skills}
        self.base = sum(self.difficulty.values()) / len(self.difficulty)
        self.learned: defaultdict[str, float] = defaultdict(float)

    def known(self, skill_id: str) -> float:
        return logistic(self.base + self.learned[skill_id] - self.difficulty[skill_id])

    def p_correct(self, item: Item) -> float:
        weakest = min(self.base + self.learned[skill_id] for skill_id in item.skill_ids)
        guess = 1.0 / len(item.options) if item.options else 0.0
        return guess + (1.0 - ALIKE.slip - guess) * logistic(weakest - (self.catalog.item_difficulty_logit(item.item_id) or 0.0))

    def practise(self, item: Item) -> None:
        gains = {}
        for skill_id in item.skill_ids:
            into = self.catalog.prerequisites_of(skill_id)
            readiness = prod(1.0 - edge.weight * (1.0 - self.known(edge.prerequisite_id)) for edge in into)
            gains[skill_id] = ALIKE.rate * readiness * (1.0 - self.known(skill_id))
        for skill_id, gain in gains.items():
            self.learned[skill_id] += gain

    def wait(self, days: int) -> None:
        for skill_id in self.learned:
            self.learned[skill_id] *= exp(-days / ALIKE.days_to_forget)

    def success(self, skill_id: str) -> float:
        in_use = [item for item in self.catalog.items_of(skill_id) if not item.retired]
        if not in_use:
            return (1.0 - ALIKE.slip) * self.known(skill_id)
        return sum(map(self.p_correct, in_use)) / len(in_use)


def day_of(attempt: Attempt) -> int:
    assert attempt.occurred_at is not None
    return attempt.occurred_at.toordinal()


@pytest.mark.parametrize("catalog", [AWKWARD, MATHEMATICS], ids=["awkward", "mathematics"])
def test_probabilities_and_truth_follow_the_equations(catalog: Catalog) -> None:
    classroom = generated_class(catalog, n_learners=4, n_sessions=5, n_items_per_session=9, seed=3, world=ALIKE)
    truth = iter(classroom.p_correct)
    for row, (_, history) in enumerate(classroom.table.histories()):
        learner, day = SlowLearner(catalog), day_of(history[0])
        for attempt in history:
            learner.wait(day_of(attempt) - day)
            day = day_of(attempt)
            item = catalog.item(attempt.item_id)
            assert next(truth) == pytest.approx(learner.p_correct(item), abs=1e-12)  # float rounding
            learner.practise(item)
        learner.wait(classroom.at.toordinal() - day)
        assert classroom.success[row] == pytest.approx([learner.success(skill_id) for skill_id in classroom.skill_ids], abs=1e-12)


@pytest.fixture(scope="module")
def classroom() -> GeneratedClass:
    return generated_class(MATHEMATICS, seed=0)


def test_answers_are_draws_of_the_stated_probabilities(classroom: GeneratedClass) -> None:
    correct = classroom.table.codes().correct
    order = np.argsort(classroom.p_correct)
    for part in np.array_split(order, 10):
        expected = classroom.p_correct[part]
        deviation = (correct[part] - expected).sum() / np.sqrt((expected * (1 - expected)).sum())
        assert abs(deviation) < 4.5  # ten standard normal values: false alarm below 1e-4, and the seed is fixed


def test_a_default_class_looks_like_a_class(classroom: GeneratedClass) -> None:
    codes = classroom.table.codes()
    assert len(classroom.table) == 200 * 12 * 20
    assert 0.55 < codes.correct.mean() < 0.80
    by_learner = [codes.correct[codes.learner == learner].mean() for learner in range(200)]
    assert np.std(by_learner) > 0.05
    assert np.bincount(codes.skill).min() > 300
    assert 0.1 < (classroom.success >= 0.8).mean() < 0.5


def test_histories_are_sessions_in_time_on_items_of_the_catalogue(classroom: GeneratedClass) -> None:
    for learner_id, history in classroom.table.histories():
        times = [attempt.occurred_at for attempt in history if attempt.occurred_at is not None]
        assert len(times) == len(history) == 240
        assert all(early < late for early, late in pairwise(times))
        assert datetime(2025, 9, 2, tzinfo=UTC) < times[0] < times[-1] < classroom.at
        days = sorted({time.toordinal() for time in times})
        assert len(days) == 12
        assert max(np.diff(days)) <= 6
        for attempt in history:
            assert attempt.learner_id == learner_id
            assert attempt.skill_ids == MATHEMATICS.item(attempt.item_id).skill_ids
            assert attempt.is_evidence


def test_a_session_has_four_blocks_of_different_items(classroom: GeneratedClass) -> None:
    _, history = next(classroom.table.histories())
    for start in range(0, 240, 5):
        block = history[start : start + 5]
        assert len({attempt.skill_ids for attempt in block}) == 1
        assert len({attempt.item_id for attempt in block}) == 5
    assert len({attempt.skill_ids for attempt in history[:20]}) == 4


def test_one_seed_gives_one_class() -> None:
    first, again, other = (generated_class(MATHEMATICS, n_learners=5, n_sessions=2, seed=seed) for seed in (1, 1, 2))
    assert first.table.data_sha256 == again.table.data_sha256 != other.table.data_sha256
    assert np.array_equal(first.success, again.success)


def test_practice_raises_and_time_lowers_success() -> None:
    still = LearnerWorld(rate=1e-12)
    fading = LearnerWorld(days_to_forget=1.0)
    mean_success = [
        generated_class(MATHEMATICS, n_learners=50, seed=0, world=world).success.mean() for world in (still, fading, LearnerWorld())
    ]
    assert mean_success[0] < mean_success[1] < mean_success[2]


def test_retired_items_are_never_set() -> None:
    classroom = generated_class(AWKWARD, n_learners=20, seed=0)
    assert "gone" not in classroom.table.codes().item_ids
    assert classroom.success.shape == (20, 4)


def test_sizes_below_one_and_catalogues_without_items_are_refused_together() -> None:
    with pytest.raises(InvalidInput) as caught:
        generated_class(Catalog("bare", skills=(Skill("a"),)), n_learners=0, n_sessions=0)
    assert [problem.where for problem in caught.value.problems] == ["n_learners", "n_sessions", "catalog"]
