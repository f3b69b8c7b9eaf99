"""True gains, oracles and the ceiling say what the family says."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from adaptive.domain import MASTERED_AT
from adaptive.evaluation.laboratory import GainFamily
from adaptive.evaluation.laboratory.ceiling import CeilingPlayer, systematic
from adaptive.evaluation.laboratory.oracles import GainOracle, MasteryOracle, true_gain
from adaptive.evaluation.laboratory.players import RandomPlayer
from adaptive.evaluation.laboratory.playing import Classroom, play
from adaptive.evaluation.laboratory.timetable import Timetable
from adaptive.evaluation.laboratory.world import World
from adaptive.models.bkt.filter import condition, learn
from tests.evaluation.laboratory.worlds import Growing, Knowing


class Untold:
    """A family that is another one, but for its gain."""

    def __init__(self, family: Growing) -> None:
        self.name, self.item_skills, self.prerequisites = family.name, family.item_skills, family.prerequisites
        self.learners, self.p_correct, self.success = family.learners, family.p_correct, family.success
        self.practise, self.rest = family.practise, family.rest


def test_a_gain_found_by_trying_is_the_one_told(growing: Growing) -> None:
    rng, untold = np.random.default_rng(0), Untold(growing)
    state = growing.learners(7, rng)
    assert isinstance(growing, GainFamily)
    assert not isinstance(untold, GainFamily)
    np.testing.assert_allclose(true_gain(untold, state, rng), growing.gain(state, 14.0), rtol=0.0, atol=1e-12)  # type: ignore[arg-type]  # a family by its parts


def test_the_gain_oracle_takes_the_greatest_gain(growing: Growing) -> None:
    rng = np.random.default_rng(0)
    state = growing.learners(50, rng)
    gain = growing.gain(state, 14.0)
    item = GainOracle(growing).choose(next(iter(Timetable(1, ()))).at, state, rng)
    np.testing.assert_array_equal(gain[np.arange(50), item], gain.max(axis=1))


def test_true_state_mastery_takes_ready_unmastered_skills_in_turn(growing: Growing, world: World) -> None:
    oracle, rng, at = MasteryOracle(growing, world, 1), np.random.default_rng(0), next(iter(Timetable(1, ()))).at
    met = []
    for _ in range(6):
        item = oracle.choose(at, {"ability": np.array([[3.0, 1.0, 0.5, 0.5]])}, rng)  # the first mastered, the others ready and not
        oracle.learn(item, np.ones(1), at)
        met.append(int(item[0]))
    assert [{1, 2, 3}.intersection(growing.item_skills[i]) for i in met[:3]] != [{1}] * 3
    for skill in (1, 2, 3):
        assert sum(skill in growing.item_skills[i] for i in met) >= 2
    assert not any(0 in growing.item_skills[i] and len(growing.item_skills[i]) == 1 for i in met)


def test_oracles_and_ceiling_beat_random(growing: Growing, world: World) -> None:
    room = Classroom.of(growing, n_learners=40, n_items=40, seed=5)
    players = {
        "random": RandomPlayer(world, 40),
        "gain": GainOracle(growing),
        "mastery": MasteryOracle(growing, world, 40),
        "ceiling": CeilingPlayer(growing, 40, seed=5, n_particles=50),
    }
    value = {name: play(player, room, name=name).success[-1].mean() for name, player in players.items()}
    assert value["random"] < min(value["gain"], value["mastery"], value["ceiling"])
    assert max(value["gain"], value["mastery"]) > MASTERED_AT


def test_particles_follow_exact_inference() -> None:
    """One skill of two states: 4,000 particles are within 4 of their standard errors, .032; the seed is fixed."""
    family = Knowing(np.random.default_rng(0))
    player, at = CeilingPlayer(family, 1, seed=3, n_particles=4000), next(iter(Timetable(1, ()))).at
    p_known = 0.5
    for score in (1.0, 0.0, 1.0, 1.0, 0.0, 1.0):
        player.choose(at, {}, np.random.default_rng(0))
        p_known = learn(condition(p_known, 0.9 if score else 0.1, 0.2 if score else 0.8), float(family.p_learn[0]))
        player.learn(np.array([0]), np.array([score]), at)
        assert player.weights()[0] @ player.particles["known"][:, 0] == pytest.approx(p_known, abs=0.032)
    player.choose(at + timedelta(days=30), {}, np.random.default_rng(0))
    rested = player.weights()[0] @ player.particles["known"][:, 0]
    assert rested == pytest.approx(p_known * 0.995**30, abs=0.032)


@pytest.mark.parametrize(("family", "by_chance"), [(Growing, False), (Knowing, True)])
def test_copies_of_a_particle_are_computed_once_until_chance_parts_them(family: type[Growing | Knowing], by_chance: bool) -> None:
    room = Classroom.of(family(np.random.default_rng(3)), n_learners=4, n_items=25, seed=5)
    player = CeilingPlayer(room.family, 4, room.seed, n_particles=30)
    play(player, room, name="ceiling")
    _, first, back = np.unique(player.copy_of, return_index=True, return_inverse=True)
    assert (len(first) == 4 * 30) == by_chance
    for values in player.particles.values():
        np.testing.assert_array_equal(values, values[first][back])


def test_systematic_draws_are_by_weight() -> None:
    weights = np.array([[0.1, 0.2, 0.7], [1.0, 0.0, 0.0]])
    drawn = systematic(weights, 1000, np.random.default_rng(0))
    counts = np.stack([np.bincount(row, minlength=3) for row in drawn])
    assert np.abs(counts - 1000 * weights).max() <= 1.0  # what systematic resampling promises
