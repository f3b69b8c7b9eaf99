"""A run gives the same cells in one process or two, keeps what is finished, and plays again what changed."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from adaptive.errors import InvalidInput, UnknownName
from adaptive.evaluation.laboratory.cells import CellFile, Size
from adaptive.evaluation.laboratory.chance import generator
from adaptive.evaluation.laboratory.entrants import ENTRANTS as ENTRANTS_BY_NAME
from adaptive.evaluation.laboratory.entrants import entrants_of
from adaptive.evaluation.laboratory.families.deep import SHIPPED, cached_weights
from adaptive.evaluation.laboratory.loading import family_of
from adaptive.evaluation.laboratory.playing import Classroom
from adaptive.evaluation.laboratory.run import Run, run
from adaptive.evaluation.laboratory.schooling import SCHOOL_ATTEMPTS, schooling
from adaptive.evaluation.laboratory.timetable import Timetable
from adaptive.evaluation.laboratory.world import World
from tests.evaluation.laboratory.worlds import Growing

WORLDS = Path(__file__).with_name("worlds.py")
ENTRANTS = ("random", "oracle_gain", "oracle_mastery", "ceiling", "curriculum", "bkt_threshold", "zpdes")


def run_of(out: Path) -> Run:
    return Run((f"{WORLDS}:Growing", f"{WORLDS}:Knowing"), ENTRANTS, (1000, 1001), out, Size(15, 25, 5))


def test_the_number_of_processes_does_not_matter(tmp_path: Path) -> None:
    alone, together = run(run_of(tmp_path / "one")), run(run_of(tmp_path / "two"), n_jobs=2)
    assert set(alone) == {(name, family) for name in ENTRANTS for family in ("growing", "knowing")}
    assert {at: [cell.to_json() for cell in of_seeds] for at, of_seeds in alone.items()} == {
        at: [cell.to_json() for cell in of_seeds] for at, of_seeds in together.items()
    }


def test_finished_cells_stand_until_what_made_them_changes(tmp_path: Path) -> None:
    wanted = replace(run_of(tmp_path), entrants=("random", "curriculum"))
    first = run(wanted)
    written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")}
    assert len(written) == 2 * 2 * 2
    broken = next(path for path in written if "curriculum" in path.parts)
    broken.write_text("{")
    again = run(wanted)
    assert {path for path in written if path.stat().st_mtime_ns != written[path]} == {broken}
    assert {at: cells[0].end for at, cells in again.items()} == {at: cells[0].end for at, cells in first.items()}
    longer = run(replace(wanted, size=Size(15, 30, 5)))
    assert longer["random", "growing"][0].end != first["random", "growing"][0].end


def test_the_first_learners_and_their_luck_do_not_depend_on_how_many_there_are(growing: Growing) -> None:
    few, many = (Classroom.of(growing, n_learners=n, n_items=30, seed=7) for n in (5, 9))
    np.testing.assert_array_equal(many.first(5).luck, few.luck)
    assert few.timetable == many.timetable


def test_schooling_is_what_the_decision_says(growing: Growing, world: World) -> None:
    codes = schooling(growing, world, 20, generator(1, "school")).codes()
    assert np.bincount(codes.learner).tolist() == [SCHOOL_ATTEMPTS] * 20
    skill = codes.skill[codes.skill_start[:-1]]
    assert 0.6 < np.mean(skill[1:] == skill[:-1]) < 0.9  # blocks of 3 to 7, and items of two skills within them
    assert set(codes.correct) == {0.0, 1.0}


def test_sessions_are_of_twenty_items_a_minute_each_one_to_seven_days_apart() -> None:
    moments = list(Timetable.drawn(200, np.random.default_rng(0)))
    days = [moment.rested_days for moment in moments]
    assert {i for i, day in enumerate(days) if day} == set(range(20, 200, 20))
    assert {day for day in days if day} <= set(map(float, range(1, 8)))
    assert (moments[19].at - moments[0].at).total_seconds() == 19 * 60


def test_an_unknown_policy_is_named_with_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="zpdes"):
        entrants_of(("best",))
    assert [entrant.name for entrant in entrants_of(("zpdes",))] == ["random", "oracle_gain", "oracle_mastery", "zpdes"]


def test_other_settings_join_the_name_and_what_is_no_setting_is_named() -> None:
    tuned = entrants_of(("curriculum:in_a_row=5", "threshold:target=0.8,floor=0.2"))[-2:]
    assert [entrant.name for entrant in tuned] == ["curriculum:in_a_row=5", "threshold:target=0.8,floor=0.2"]
    assert tuned[0].settings == {"in_a_row": 5}
    assert (tuned[1].settings["target"], tuned[1].settings["high"]) == (0.8, 0.9)
    with pytest.raises(UnknownName, match="in_a_row"):
        entrants_of(("curriculum:streak=5",))
    with pytest.raises(InvalidInput, match="many"):
        entrants_of(("curriculum:in_a_row=many",))


def test_a_cell_rests_on_modules_that_are_there_and_on_how_its_player_is_made(tmp_path: Path) -> None:
    family = family_of(f"{WORLDS}:Growing")
    keys = {name: CellFile.of(tmp_path, entrant, family, 1, Size()).key for name, entrant in ENTRANTS_BY_NAME.items()}
    assert len(set(keys.values())) == len(keys)
    for entrant in ENTRANTS_BY_NAME.values():
        assert all(find_spec(module) is not None for module in entrant.rests_on)
    served = ENTRANTS_BY_NAME["threshold"]
    other = replace(served, make=replace(served.make, models=("bkt",)))  # type: ignore[type-var]  # it is `Served`
    assert CellFile.of(tmp_path, other, family, 1, Size()).key != keys["threshold"]


def test_a_cell_rests_on_the_weights_that_its_worlds_are_drawn_from(tmp_path: Path) -> None:
    random = ENTRANTS_BY_NAME["random"]

    def key() -> str:
        return CellFile.of(tmp_path, random, family_of("deep"), 1, Size()).key

    shipped = key()
    cached_weights().parent.mkdir(parents=True)
    cached_weights().write_bytes(SHIPPED.read_bytes())
    fitted = key()
    cached_weights().write_bytes(SHIPPED.read_bytes() + b" ")
    assert len({shipped, fitted, key()}) == 3
