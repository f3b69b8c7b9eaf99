"""Peers do what their sources say, on scripted answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adaptive.datasets import AttemptTable
from adaptive.evaluation.laboratory.at_once import at_once
from adaptive.evaluation.laboratory.entrants import ENTRANTS, Schooled
from adaptive.evaluation.laboratory.peers import CatPlayer, CurriculumPlayer, EloPlayer, FsrsPlayer, MasteryLearningPlayer, ZpdesPlayer
from adaptive.evaluation.laboratory.peers.elo import elo_difficulties
from adaptive.evaluation.laboratory.players import Player
from adaptive.evaluation.laboratory.playing import Classroom
from adaptive.evaluation.laboratory.timetable import Timetable
from adaptive.evaluation.laboratory.world import World
from adaptive.models.irt import Irt
from adaptive.models.registry import build_model
from adaptive.protocols import Floats, Ints
from tests.evaluation.laboratory.worlds import Growing


def practised(player: Player, answer: Callable[[int, Ints], Floats], n_steps: int) -> Ints:
    """(n_steps, n): what was chosen, where `answer` says how step and items end."""
    rng, items = np.random.default_rng(0), []
    for step, moment in enumerate(Timetable(n_steps, (1,) * (n_steps // 20))):
        items.append(player.choose(moment.at, {}, rng))
        player.learn(items[-1], answer(step, items[-1]), moment.at)
    return np.stack(items)


def always(*scores: float) -> Callable[[int, Ints], Floats]:
    return lambda _, __: np.array(scores)


def skills(world: World, items: Ints) -> list[list[int]]:
    """First skill of each item, by learner."""
    return [[int(world.skills_of[i, 0]) for i in column] for column in items.T]


def test_the_curriculum_goes_on_after_three_in_a_row(world: World) -> None:
    player = CurriculumPlayer(world, 2)
    items = practised(player, always(1.0, 0.0), 12)
    assert [{k for i in items[s : s + 3, 0] for k in np.flatnonzero(world.exercises[i])} >= {s // 3} for s in (0, 3, 6, 9)] == [True] * 4
    assert all(world.exercises[i, 0] for i in items[:, 1])
    assert player.declared().tolist() == [[True] * 4, [False] * 4]
    assert len(set(items[:7, 1].tolist())) == 7  # seven items exercise the first skill: each in turn


def test_mastery_learning_waits_for_prerequisites_and_goes_on_at_the_threshold(world: World, school: AttemptTable) -> None:
    player = MasteryLearningPlayer(at_once(build_model("bkt", world.catalog).fit(school), world, 2), world, 2)
    items = practised(player, always(1.0, 0.0), 60)
    assert all(world.exercises[i, 0] for i in items[:, 1])
    assert player.declared()[0].all()
    first = [int(np.argmax(world.exercises[items[:, 0], k])) for k in range(4)]
    assert first[0] < first[1] < min(first[2], first[3])


def test_zpdes_starts_at_the_first_skill_widens_with_success_and_leaves_what_succeeds(world: World) -> None:
    player = ZpdesPlayer(world, 2)
    right, wrong = skills(world, practised(player, always(1.0, 0.0), 40))
    assert right[:2] == [0, 0]  # fewer than two answers are no success
    assert set(right) == {0, 1, 2, 3}
    assert player.active.sum(axis=1).tolist() == [1, 1]  # the last one never leaves
    assert set(wrong) == {0}


def test_zpdes_rewards_a_rise(world: World) -> None:
    player = ZpdesPlayer(world, 1)
    practised(player, lambda step, _: np.array([float(step >= 3)]), 4)
    assert player.quality[0, 0] > 0.8**2 * 0.05  # a rise of 1/2 at the fourth answer, a fall or nothing before
    practised(player, always(0.0), 6)
    assert player.quality[0, 0] < 0.2


def test_elo_takes_what_it_expects_at_the_target_and_follows_answers(world: World) -> None:
    difficulty = np.linspace(-4.0, 4.0, world.n_items)
    items = practised(EloPlayer(world, 3, difficulty), always(1.0, 1.0, 0.0), 15)
    assert abs(difficulty[items[0, 0]] + np.log(3.0)) <= 0.5 * (difficulty[1] - difficulty[0])  # P = .75 at logit 1.0986
    assert difficulty[items[8:, 0]].mean() > difficulty[items[8:, 2]].mean() + 0.5


def test_elo_rates_hard_items_as_hard(growing: Growing, world: World, school: AttemptTable) -> None:
    """30 learners of 100 attempts each: some 115 answers an item. Items of the first skill, where learners differ least from each other."""
    found = elo_difficulties(school, world)[:6]
    assert np.corrcoef(found, growing.difficulty[:6])[0, 1] > 0.8


def test_cat_takes_the_most_telling_item(world: World, school: AttemptTable) -> None:
    calibration = Irt(world.catalog).fit(school).calibration()
    (first, *_), (other, *_) = practised(CatPlayer(world, 2, calibration), always(1.0, 0.0), 1).T
    place = [calibration.item_ids.index(item.item_id) for item in world.catalog.items]
    steep, hard = calibration.discrimination[place], calibration.difficulty[place]
    p_correct = 1.0 / (1.0 + np.exp(steep * hard))  # of the average learner, without guessing
    assert first == other == np.argmax(steep**2 * p_correct * (1.0 - p_correct))


def test_fsrs_brings_back_what_is_due_and_new_skills_once_what_they_stand_on_has_graduated(world: World) -> None:
    pytest.importorskip("fsrs")
    right, wrong = skills(world, practised(FsrsPlayer(world, 2), always(1.0, 0.0), 40))
    assert right[0] == wrong[0] == 0
    assert set(wrong) <= {0, 1}  # an item of both has made a card of the second
    assert {1, 2, 3} <= set(right)


@pytest.mark.parametrize("name", ["curriculum", "bkt_threshold", "zpdes", "elo", "fsrs"])
def test_peers_play_by_the_settings_that_were_found_on_development_seeds(name: str, growing: Growing) -> None:
    entrant = ENTRANTS[name]
    if entrant.needs:
        pytest.importorskip(entrant.needs)
    player = entrant.build(Schooled(Classroom.of(growing, n_learners=3, n_items=20, seed=1), 20))
    played_by = getattr(player, "settings", player)
    assert {setting: getattr(played_by, setting) for setting in entrant.settings} == entrant.settings
    kept = ",".join(f"{setting}={value:g}" for setting, value in entrant.settings.items())
    text = (Path(__file__).parents[3] / "experiments" / "laboratory" / "README.md").read_text()
    assert f"| `{name}` | {kept} |" in text
