"""A log is read as it was written; what is wrong is told line by line, and the rest is used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adaptive.errors import InvalidInput
from adaptive.evaluation.off_policy import read_decisions
from adaptive.evaluation.off_policy.decision_log import decision_line
from adaptive.protocols import Candidates, Forecast, Items, Outlook

from .conftest import Practised


def line(n: int = 0, **changed: Any) -> dict[str, Any]:  # Any: JSON values
    shown = [{"rank": 1, "item_id": "q1", "propensity": 0.25, "p_correct": 0.7}]
    known = {"decision_id": f"d{n}", "tenant_id": "local", "learner_id": "ann", "at": "2026-03-02T09:00:00Z", "zone_item_ids": ["q1", "q2"]}
    return {**known, "state_version": 0, "shown": shown, **changed}


def written(path: Path, *lines: object) -> Path:
    path.write_text("\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines) + "\n")
    return path


def test_stored_decisions_come_back_with_what_evaluation_needs(practised: Practised, log: Path) -> None:
    read = {each.decision_id: each for each in read_decisions(log).decisions}
    shown = [each for each in practised.decisions if each.shown]
    assert len(read) == len(shown)
    for decision in shown:
        found, first = read[decision.decision_id], decision.shown[0]
        assert (found.learner_id, found.at, found.mode, found.state_version) == (
            decision.learner_id,
            decision.at,
            decision.mode,
            decision.state_version,
        )
        assert (found.item_id, found.propensity, found.p_correct) == (first.item_id, first.propensity, first.p_correct)
        assert found.zone_item_ids == set(decision.zone_item_ids)


def test_lines_name_their_fields_as_the_formats_page_does(log: Path) -> None:
    first = json.loads(log.read_text().splitlines()[0])
    assert {"decision_id", "at", "policy_version", "seed", "n_candidates", "zone_item_ids", "runners_up", "outcome"} <= first.keys()
    assert {"item_id", "rank", "propensity", "p_correct", "interval", "zone_probability", "expected_gain", "terms"} <= first["shown"][
        0
    ].keys()


FORMATS_PAGE = """decision_id tenant_id learner_id at mode policy_version model_version catalog_version state_version seed
n_candidates zone_item_ids shown item_id rank propensity p_correct interval zone_probability expected_gain terms
runners_up constraints_applied outcome"""
"""Of the shared page, which is not part of the repository."""


def test_fields_beside_those_of_the_formats_page_are_on_the_page_of_off_policy_evaluation(practised: Practised, log: Path) -> None:
    text = (Path(__file__).parents[3] / "docs" / "off_policy.md").read_text()
    first = json.loads(log.read_text().splitlines()[0])
    one = np.array([0.5])
    outlook = Outlook(one, np.zeros(1, dtype=np.bool_), lesson=one)
    candidates = Candidates(Items(("q1",), (("a",),)), Forecast(one, one, one), one, one, one, one, outlook=outlook)
    columns = decision_line(practised.decisions[0], candidates)["candidates"]
    fields = {*first, *first["shown"][0], "candidates", *columns, *columns["outlook"]}
    assert [field for field in sorted(fields - {*FORMATS_PAGE.split()}) if f"`{field}`" not in text] == []


BROKEN = {
    "line": "{not json",
    "decision_id": line(decision_id=""),
    "learner_id": line(learner_id=7),
    "at": line(at="2026-03-02 09:00"),
    "mode": line(mode="fun"),
    "zone_item_ids": line(zone_item_ids=["q2"]),
    "propensity": line(shown=[{"rank": 1, "item_id": "q1", "propensity": 0.0}]),
    "item_id": line(shown=[{"rank": 1, "propensity": 0.5}]),
    "shown": line(shown=[{"rank": 2, "item_id": "q1", "propensity": 0.5}]),
    "state_version": line(state_version=-1),
    "outcome": line(outcome={"mastery": 2}),
    "candidates": line(candidates={"item_ids": ["q1"]}),
    "p_correct": line(shown=[{"rank": 1, "item_id": "q1", "propensity": 0.5, "p_correct": "high"}]),
}


@pytest.mark.parametrize("field", BROKEN)
def test_a_broken_line_is_told_and_the_others_are_used(field: str, tmp_path: Path) -> None:
    read = read_decisions(written(tmp_path / "log.ndjson", line(1), BROKEN[field], line(2)))
    assert [each.decision_id for each in read.decisions] == ["d1", "d2"]
    assert [(reject.row, reject.problem.where) for reject in read.rejects] == [(2, field)]


def test_nan_is_no_probability(tmp_path: Path) -> None:
    broken = json.dumps(line(2)).replace("0.25", "NaN")
    assert [reject.problem.where for reject in read_decisions(written(tmp_path / "log.ndjson", line(1), broken)).rejects] == ["propensity"]


def test_an_id_counts_once(tmp_path: Path) -> None:
    read = read_decisions(written(tmp_path / "log.ndjson", line(1), line(1, learner_id="ben")))
    assert [each.learner_id for each in read.decisions] == ["ann"]
    assert "row 1 has it" in str(read.rejects[0].problem)


def test_decisions_that_showed_nothing_are_counted_and_empty_lines_passed_over(tmp_path: Path) -> None:
    read = read_decisions(written(tmp_path / "log.ndjson", line(1), "", line(2, shown=[])))
    assert (len(read.decisions), read.n_nothing_shown, read.rejects) == (1, 1, ())


def test_of_a_slate_rank_one_is_taken(tmp_path: Path) -> None:
    slate = [{"rank": 2, "item_id": "q2", "propensity": 1.0}, {"rank": 1, "item_id": "q1", "propensity": 0.25}]
    (found,) = read_decisions(written(tmp_path / "log.ndjson", line(1, shown=slate))).decisions
    assert (found.item_id, found.propensity) == ("q1", 0.25)


def test_a_log_without_a_sound_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="at least one line must be a sound decision"):
        read_decisions(written(tmp_path / "log.ndjson", "nothing", line(1, shown=[])))
    with pytest.raises(InvalidInput, match="No such file"):
        read_decisions(tmp_path / "missing.ndjson")
