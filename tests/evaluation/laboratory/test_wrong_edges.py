"""Models and policies may be told wrong prerequisites; the truth, oracles and who does not read them stay as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptive.catalog.graph import cycles
from adaptive.evaluation.laboratory.cells import CellFile, Size
from adaptive.evaluation.laboratory.entrants import ENTRANTS
from adaptive.evaluation.laboratory.families import GrowthFamily
from adaptive.evaluation.laboratory.loading import family_of
from adaptive.evaluation.laboratory.playing import Classroom
from adaptive.evaluation.laboratory.run import Run, run
from adaptive.evaluation.laboratory.world import World
from adaptive.evaluation.laboratory.wrong_edges import misled, with_wrong_edges

Edges = set[tuple[str, str]]


def edges_of(world: World) -> Edges:
    return {(edge.prerequisite_id, edge.skill_id) for edge in world.catalog.prerequisites}


@settings(max_examples=15)
@given(st.integers(0, 50), st.sampled_from([0.15, 0.5, 1.0]))
def test_the_share_of_edges_is_moved_and_nothing_becomes_a_circle(seed: int, share: float) -> None:
    world = World.of(GrowthFamily(np.random.default_rng(seed)))
    told, true = edges_of(misled(world, share, np.random.default_rng(1))), edges_of(world)
    assert len(told) == len(true)
    assert len(true - told) == round(share * len(true))
    assert not cycles([skill.skill_id for skill in world.catalog.skills], list(told))


def test_where_no_other_pair_is_left_an_edge_is_left_out() -> None:
    assert with_wrong_edges([(0, 1)], 1.0, np.random.default_rng(0)) == ()
    assert with_wrong_edges([], 0.5, np.random.default_rng(0)) == ()


def test_the_truth_and_the_luck_are_those_of_the_seed(growing: Any) -> None:  # Any: a family
    plain, told = (Classroom.of(growing, n_learners=5, n_items=30, seed=7, wrong_edges=share) for share in (0.0, 0.5))
    assert plain.world is plain.own_world
    assert edges_of(told.own_world) == edges_of(plain.world) != edges_of(told.world)
    assert told.world.catalog.items == plain.world.catalog.items
    np.testing.assert_array_equal(told.luck, plain.luck)


def test_cells_of_who_reads_prerequisites_are_played_anew_beside_the_others(tmp_path: Path) -> None:
    names = ("random", "oracle_gain", "oracle_mastery", "ceiling", "fsrs", "curriculum")
    told = {share: Run(("growth",), names, (1000,), tmp_path, Size(10, 25, 5), share) for share in (0.0, 0.5)}
    plain = run(told[0.0])
    written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")}
    wrong = run(told[0.5])
    assert all(path.stat().st_mtime_ns == at for path, at in written.items())
    fresh = set(tmp_path.rglob("*.json")) - {*written}
    assert {path.relative_to(tmp_path).parts[2] for path in fresh} == {"fsrs", "curriculum"}
    same = {name for name in names if wrong[name, "growth"][0].to_json() == plain[name, "growth"][0].to_json()}
    assert same >= {"random", "oracle_gain", "oracle_mastery", "ceiling"}
    assert "fsrs" not in same


def test_the_key_knows_the_share(tmp_path: Path) -> None:
    family = family_of("growth")
    files = [CellFile.of(tmp_path, ENTRANTS["threshold"], family, 1, Size(), share) for share in (0.0, 0.1, 0.15)]
    assert len({file.key for file in files}) == len({file.path for file in files}) == 3
