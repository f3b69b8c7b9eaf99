"""What plays a cell is what serves: the same candidates, the same distribution, under the same rules of a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import numpy as np
import pytest

from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt
from adaptive.engine import Engine, RecommendationRequest
from adaptive.evaluation.laboratory.at_once import OneByOne, at_once
from adaptive.evaluation.laboratory.model_player import ModelPlayer
from adaptive.evaluation.laboratory.players import Recent
from adaptive.evaluation.laboratory.playing import Classroom, play
from adaptive.evaluation.laboratory.timetable import SESSION_ITEMS, Timetable
from adaptive.evaluation.laboratory.world import World
from adaptive.models import build_model
from adaptive.policies import (
    ExpectedGainPolicy,
    Place,
    ReviewPolicy,
    RuledPolicy,
    RuleSettings,
    ThompsonPolicy,
    ThresholdPolicy,
    session_rules,
)
from adaptive.protocols import AbilityPrior, Floats, Forecast, Items, LearnerModel, Mastery, Parameters, Skills
from adaptive.storage import Store
from tests.evaluation.laboratory.worlds import Growing

SAME = 1e-9
N = 3


@dataclass(frozen=True)
class WithoutDraws:
    """A model whose posterior cannot be drawn from, so that the engine takes its zone from marginals as the laboratory does."""

    name: ClassVar[str] = "without_draws"
    of: LearnerModel[Any]

    training_log_loss = float("nan")

    def fit(self, attempts: AttemptTable, *, seed: int = 0) -> WithoutDraws:
        return self

    def initial_state(self, prior: AbilityPrior | None = None) -> Any:
        return self.of.initial_state(prior)

    def update(self, state: Any, attempt: Attempt) -> Any:
        return self.of.update(state, attempt)

    def predict(self, state: Any, items: Items, at: datetime | None) -> Forecast:
        return self.of.predict(state, items, at)

    def mastery(self, state: Any, skills: Skills, at: datetime | None) -> Mastery:
        return self.of.mastery(state, skills, at)

    def encode_state(self, state: Any) -> dict[str, Any]:
        return self.of.encode_state(state)

    def decode_state(self, encoded: Mapping[str, Any]) -> Any:
        return self.of.decode_state(encoded)

    def parameters(self) -> Parameters:
        return self.of.parameters()

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> WithoutDraws:
        raise NotImplementedError


def engine_says(engine: Engine[Any], learner_id: str, at: datetime, n_items: int, step: int) -> Floats | None:
    """The engine's probabilities over items, None where it shows nothing."""
    done = step % SESSION_ITEMS
    place = Place(done, (SESSION_ITEMS - done) * RuleSettings().minutes_per_item)
    decision = engine.recommend("school", RecommendationRequest(learner_id, dry_run=True, place=place), decision_id="d", at=at, seed=1)
    if not decision.shown:
        return None
    p_choice = np.zeros(n_items)
    for item_id, propensity in [(shown.item_id, shown.propensity) for shown in decision.shown] + list(decision.runners_up):
        p_choice[int(item_id[1:])] = propensity
    return p_choice


@pytest.mark.parametrize(
    ("name", "bare", "reference_share", "by_draws"),
    [
        ("logistic", ThresholdPolicy(), 0.0, False),
        ("state_space_irt", ThresholdPolicy(), 0.05, False),
        ("state_space_irt", ThresholdPolicy(), 0.0, True),
        ("state_space_irt", ExpectedGainPolicy(), 0.05, True),
        ("state_space_irt", ThompsonPolicy(), 0.0, True),
        ("bkt_hierarchical", ExpectedGainPolicy(), 0.0, True),
        ("logistic", ReviewPolicy(), 0.0, False),
        ("bkt", ThresholdPolicy(), 0.0, False),
    ],
)
def test_the_player_chooses_as_the_engine_does(
    name: str, bare: ThresholdPolicy, reference_share: float, by_draws: bool, world: World, school: AttemptTable
) -> None:
    policy = RuledPolicy(bare, session_rules(RuleSettings(reference_share=reference_share)))
    model, rng = build_model(name, world.catalog).fit(school), np.random.default_rng(1)
    player = ModelPlayer(at_once(model, world, N), policy, world, N, by_draws=by_draws)
    engine = Engine(Store.open("sqlite://"), model if by_draws else WithoutDraws(model), world.catalog, "m", policy)
    n_compared, n_silent = 0, 0
    for step, moment in enumerate(Timetable.drawn(65, rng)):
        ours = player.probabilities(moment.at)
        item = np.array([rng.choice(world.n_items, p=row) for row in ours])
        correct = (rng.random(N) < np.array([0.95, 0.6, 0.1])).astype(np.float64)
        for learner in range(N):
            theirs = engine_says(engine, f"l{learner}", moment.at, world.n_items, step)
            n_silent += theirs is None
            if theirs is not None:
                place = np.argsort(-theirs, kind="stable")[:21]  # the engine tells of the one shown and of twenty more
                np.testing.assert_allclose(ours[learner][place], theirs[place], rtol=0.0, atol=SAME)
                n_compared += 1
            item_id = world.catalog.items[item[learner]].item_id
            engine.record(
                "school", Attempt(f"{learner}-{step}", f"l{learner}", item_id, (), correct=correct[learner], occurred_at=moment.at)
            )
        player.learn(item, correct, moment.at)
    engine.store.close()
    assert n_compared > 60 * N - n_silent
    assert n_compared > 60


def test_where_the_engine_would_show_nothing_a_learner_reviews(world: World) -> None:
    player = ModelPlayer(OneByOne(build_model("bkt", world.catalog), world, 2), ThresholdPolicy(), world, 2)
    for moment in Timetable(130, (1,) * 6):
        item = player.choose(moment.at, {}, np.random.default_rng(0))
        player.learn(item, np.array([1.0, 0.0]), moment.at)
    always_right, always_wrong = player.declared()
    assert always_right.all()
    assert not always_wrong.any()
    np.testing.assert_allclose(player.probabilities(moment.at).sum(axis=1), 1.0, rtol=0.0, atol=1e-12)  # rounding of 26 sums


def test_items_of_the_last_20_attempts_or_24_hours_are_recent() -> None:
    recent, start = Recent(1, 60), datetime(2026, 1, 5, 9, tzinfo=UTC)
    for i in range(30):
        recent.meet(np.array([i]), start + timedelta(minutes=i))
    for later, first_recent in ((timedelta(hours=1), 0), (timedelta(hours=24, minutes=4, seconds=1), 5), (timedelta(days=2), 10)):
        assert np.flatnonzero(recent.items(start + later)[0]).tolist() == list(range(first_recent, 30))


def test_z_tells_the_true_zone_and_intervals_cover_the_truth_better_than_chance(
    growing: Growing, world: World, school: AttemptTable
) -> None:
    """Of a core fitted on 30 learners; .5 would be chance, and the seed is fixed."""
    room = Classroom.of(growing, n_learners=40, n_items=40, seed=5)
    model = build_model("state_space_irt", world.catalog).fit(school)
    played = play(ModelPlayer(at_once(model, world, 40), ThresholdPolicy(), world, 40), room, name="threshold")
    assert len(played.zone_auc) == len(played.coverage) == 4
    assert played.zone_auc.mean() > 0.6
    assert played.coverage.mean() > 0.6
