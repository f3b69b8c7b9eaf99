"""A cell's numbers are those of its definitions, written out by hand; a gap is a ratio of means over seeds."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adaptive.evaluation.laboratory.entrants import DEFAULT_POLICY, ORACLES
from adaptive.evaluation.laboratory.gaps import Gap, difference, end, holm, weakest
from adaptive.evaluation.laboratory.matrix import Matrix
from adaptive.evaluation.laboratory.metrics import Cell, measure
from adaptive.evaluation.laboratory.playing import Played
from adaptive.evaluation.laboratory.reporting import WRITTEN, write_matrix
from adaptive.evaluation.laboratory.run import Cells
from adaptive.evaluation.laboratory.world import World


def test_a_cell_by_hand(world: World) -> None:
    """Two learners, four steps; items 0, 6 and 24 exercise skills 0, 1, and both."""
    item = np.array([[0, 0], [24, 6], [24, 6], [0, 6]])
    correct = np.array([[1.0, 0], [1, 0], [0, 0], [1, 1]])
    success = np.full((5, 2, 4), 0.5)
    success[:, 0, 0], success[2:, 0, 1] = 0.85, 0.80  # learner 0 has mastered skill 0 from the start, skill 1 from step 2
    success[4, 1] = 0.9
    declared = np.zeros((4, 2, 4), dtype=np.bool_)
    declared[0, 0, 0] = declared[1, 0, 1] = declared[3, 1, 2] = True  # not premature, premature, premature
    declared[1, 0, 0] = True  # once more
    played = Played(
        world, item, correct, success, success[4] - 0.1, declared, np.array([[1.0, np.nan], [0.0, 1.0]]), np.array([0.8, 1.0]), np.zeros(0)
    )
    cell = measure(played)
    assert cell.over_practice == pytest.approx(3 / 8)  # learner 0 at steps 0, 2 and 3
    assert (cell.n_declared, cell.n_premature) == (3, 2)
    assert cell.failure_runs == pytest.approx(100 / 8)
    assert cell.zone_hit == pytest.approx(2 / 3)
    assert cell.exposure == pytest.approx(3 / 8)
    assert (cell.coverage, cell.zone_auc) == (pytest.approx(0.9), None)
    assert cell.attempts_until_most is None
    assert cell.start == pytest.approx([0.5875, 0.5], abs=1e-6)
    assert cell.end == pytest.approx([0.6625, 0.9], abs=1e-6)
    assert cell.later == pytest.approx([0.5625, 0.8], abs=1e-6)
    assert cell.mastered == [[0.0], [0.25]]


def cell_of(start: list[float], end_values: list[float]) -> Cell:
    return Cell(
        start,
        end_values,
        [v - 0.1 for v in end_values],
        0.2,
        10,
        1,
        4.0,
        0.5,
        30.0,
        0.1,
        [[0.1, v] for v in end_values[:1]] * 5,
        None,
        None,
    )


def test_a_gap_is_a_ratio_of_means_over_seeds_on_the_learners_that_the_policy_had() -> None:
    ours = [cell_of([0.1, 0.2], [0.4, 0.5]), cell_of([0.1, 0.2], [0.5, 0.6])]
    random = [cell_of([0.1, 0.2, 0.3], [0.2, 0.3, 0.9]), cell_of([0.1, 0.2, 0.3], [0.3, 0.3, 0.9])]
    oracle = [cell_of([0.1, 0.2, 0.3], [0.8, 0.7, 0.1]), cell_of([0.1, 0.2, 0.3], [0.7, 0.7, 0.1])]
    gap = Gap.of(ours, random, oracle, end)
    assert gap.closed() == pytest.approx((0.50 - 0.275) / (0.725 - 0.275))
    value = gap.interval()
    assert value.low is not None
    assert value.high is not None
    assert value.low <= gap.closed() <= value.high  # type: ignore[operator]  # there is a gap
    assert Gap.of(random, random, random, end).closed() is None
    assert Gap.of(ours[:1], random[:1], oracle[:1], end).interval().low is None


def test_the_weakest_fifth_is_by_the_start() -> None:
    start = [0.9, 0.1, 0.5, 0.4, 0.3, 0.8, 0.2, 0.6, 0.7, 0.75]
    assert weakest(cell_of(start, list(range(10)))).tolist() == [1.0, 6.0]  # type: ignore[arg-type]  # whole numbers tell them apart


def test_holm_is_the_step_down_of_the_paper() -> None:
    assert holm([0.04, None, 0.01, 0.03]) == [pytest.approx(0.06), None, pytest.approx(0.03), pytest.approx(0.06)]
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_differences_are_paired_by_seed() -> None:
    random, oracle = np.array([0.1, 0.5, 0.3]), np.array([0.5, 0.9, 0.7])
    ours, theirs = Gap(random + 0.31, random, oracle), Gap(random + np.array([0.1, 0.11, 0.09]), random, oracle)
    more, p = difference(ours, theirs)
    assert more.value == pytest.approx(0.21 / 0.4)
    assert p is not None
    assert p < 0.001  # the spread between seeds is .2, that of the differences .01


def cells() -> Cells:
    start = [0.1, 0.2, 0.3, 0.4, 0.5]
    level = {"random": 0.3, "oracle_gain": 0.6, "oracle_mastery": 0.7, DEFAULT_POLICY: 0.6, "zpdes": 0.5}
    return {(name, f): [cell_of(start, [v + 0.01 * s] * 5) for s in (0, 1, 3)] for f in ("a", "b") for name, v in level.items()}


def test_the_oracle_of_a_family_is_the_better_one_and_every_row_has_its_cell() -> None:
    found = cells()
    found["oracle_gain", "b"] = [replace(cell, end=[0.8] * 5) for cell in found["oracle_gain", "b"]]
    matrix = Matrix(found)
    assert matrix.oracle_is == {"a": "oracle_mastery", "b": "oracle_gain"}
    assert matrix.summary(DEFAULT_POLICY, "a").closed_gap == pytest.approx(0.75)
    assert matrix.summary("oracle", "b").closed_gap == pytest.approx(1.0)
    assert not set(ORACLES).intersection(matrix.rows)
    assert {c.peer for c in matrix.comparisons()} == {"zpdes"}


def test_files_of_a_matrix(tmp_path: Path) -> None:
    write_matrix(Matrix(cells()), tmp_path, about={"seeds": [1000, 1001, 1002]})
    assert all((tmp_path / name).stat().st_size for name in WRITTEN)
    content = json.loads((tmp_path / "matrix.json").read_text())
    assert content["default_policy"] == DEFAULT_POLICY == "expected_gain"
    assert (content["peers"], content["references"]) == (["zpdes"], ["oracle", "ceiling", "random"])
    named = {
        "closed_gap",
        "low",
        "high",
        "retention_gap",
        "weakest_fifth",
        "over_practice",
        "premature_promotion",
        "failure_runs",
        "zone_hit",
    }
    assert named <= set(content["cells"][DEFAULT_POLICY]["a"])
    with (tmp_path / "matrix.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 4
    assert float(rows[0]["closed_gap"]) == content["cells"][rows[0]["policy"]][rows[0]["family"]]["closed_gap"]
