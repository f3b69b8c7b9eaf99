"""A log from the database, judged on the command line: files, refusals, rejects, errors that say the way out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from typer.testing import CliRunner

from adaptive.catalog import write_catalog
from adaptive.cli.main import app
from adaptive.errors import AdaptiveError, InvalidInput, ThinLog, UnknownName
from adaptive.evaluation.off_policy import target_policy
from adaptive.storage import Store

from ..evaluation.off_policy.world import CATALOG, TENANT, engine_over, practise

BOUNDS = (
    '{"least_learners": 5, "least_decisions": 20, "least_effective_learners": 3, "least_effective_decisions": 5, "most_unsupported": 1}'
)
"""Few learners are enough to see the files; a policy with a zone shows a third of what chance would."""


@dataclass(frozen=True)
class Files:
    """A database in which 8 learners practised for three days, its catalogue, and its log."""

    db: str
    catalog: Path
    log: Path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("practice")
    found = Files(f"sqlite:///{folder / 'adaptive.db'}", folder / "catalog", folder / "decisions.ndjson")
    write_catalog(CATALOG, found.catalog)
    store = Store.open(found.db)
    practise(engine_over(store), n_learners=8, n_days=3, per_day=4)
    store.close()
    run("decisions", "--db", found.db, "--out", str(found.log))
    return found


def run(*arguments: str) -> str:
    """What the command prints on standard output and error; an error of ours is raised as it is."""
    done = CliRunner().invoke(app, list(arguments), catch_exceptions=True)
    if isinstance(done.exception, AdaptiveError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def judged(files: Files, out: Path, *more: str, policy: str = "random") -> dict[str, Any]:  # Any: JSON values
    where = ("--db", files.db, "--catalog", str(files.catalog), "--mastery-within", "4")
    run("ope", str(files.log), "--policy", policy, "--out", str(out), *where, *more)
    document: dict[str, Any] = json.loads((out / "ope.json").read_text())
    return document


@pytest.fixture(scope="module")
def out(files: Files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where chance was judged by that log."""
    folder = tmp_path_factory.mktemp("judged") / "out"
    judged(files, folder, "--bounds", BOUNDS)
    return folder


def test_a_policy_is_judged_from_the_log_of_another(out: Path) -> None:
    document = json.loads((out / "ope.json").read_text())
    assert {path.name for path in out.iterdir()} == {"ope.json", "ope.md", "ope.png", "rejected.csv"}
    assert document["log"]["n_rejected"] == 0
    for name in ("delayed_correct", "mastery"):
        told = document["rewards"][name]["estimates"]
        assert set(told) == {"ips", "snips", "dm", "dr", "logged"}
        assert told["snips"]["low_95"] <= told["snips"]["low_90"] <= told["snips"]["high_90"] <= told["snips"]["high_95"]
        assert document["rewards"][name]["overlap"]["effective_decisions"] <= document["rewards"][name]["overlap"]["n_decisions"]
    assert "the log never shows" in (out / "ope.md").read_text()
    assert (out / "ope.png").read_bytes().startswith(b"\x89PNG")


def test_the_logs_own_policy_has_next_to_no_lead(files: Files, tmp_path: Path) -> None:
    """None but for what the cold start's information made of its probabilities: a target is judged without what rules reshape."""
    document = judged(files, tmp_path / "out", "--bounds", BOUNDS, policy="expected_gain")
    told = document["rewards"]["mastery"]
    assert told["overlap"]["largest_weight"] < 2.5
    assert abs(told["estimates"]["snips"]["difference"]) < 0.05
    assert told["overlap"]["effective_decisions"] > 0.8 * told["overlap"]["n_decisions"]


def test_under_the_same_rules_the_logs_own_policy_is_the_log(files: Files, tmp_path: Path) -> None:
    """1e-9 is rounding of a softmax and of what rules make of it."""
    told = judged(files, tmp_path / "out", "--bounds", BOUNDS, "--under-rules", policy="expected_gain")["rewards"]["mastery"]
    assert told["overlap"]["largest_weight"] == pytest.approx(1.0, rel=1e-9)
    assert told["estimates"]["snips"]["difference"] == pytest.approx(0.0, abs=1e-9)


def test_a_complete_log_needs_nothing_else(files: Files, out: Path, tmp_path: Path) -> None:
    complete = tmp_path / "complete.ndjson"
    run("decisions", "--db", files.db, "--complete", "--catalog", str(files.catalog), "--mastery-within", "4", "--out", str(complete))
    run("ope", str(complete), "--policy", "random", "--out", str(tmp_path / "alone"), "--bounds", BOUNDS)
    alone, replayed = (json.loads((folder / "ope.json").read_text()) for folder in (tmp_path / "alone", out))
    for name in ("delayed_correct", "mastery"):
        assert alone["rewards"][name]["estimates"]["snips"]["value"] == pytest.approx(
            replayed["rewards"][name]["estimates"]["snips"]["value"], rel=1e-12
        )


def test_a_file_of_attempts_in_order_of_arrival_serves_as_the_database_does(files: Files, out: Path, tmp_path: Path) -> None:
    attempts = tmp_path / "attempts.ndjson"
    attempts.write_text("\n".join(map(json.dumps, arrivals(files.db))) + "\n")
    where = ("--attempts", str(attempts), "--catalog", str(files.catalog), "--mastery-within", "4", "--bounds", BOUNDS)
    run("ope", str(files.log), "--policy", "random", "--out", str(tmp_path / "out"), *where)
    found, expected = (json.loads((folder / "ope.json").read_text()) for folder in (tmp_path / "out", out))
    assert found == expected


def arrivals(db: str) -> list[dict[str, object]]:
    """The stored attempts as rows of a file, each learner's in the order in which they were recorded."""
    store, rows = Store.open(db), []
    with store.unit(TENANT, write=False) as unit:
        for learner_id in unit.learners():
            have = set[str]()
            for version in range(1, unit.version(learner_id) + 1):
                (new,) = (each for each in unit.history(learner_id, until=version) if each.attempt_id not in have)
                have.add(new.attempt_id)
                known = {"attempt_id": new.attempt_id, "learner_id": learner_id, "item_id": new.item_id, "correct": new.correct}
                at = "" if new.occurred_at is None else new.occurred_at.isoformat()
                rows.append({**known, "skill_ids": ";".join(new.skill_ids), "occurred_at": at})
    store.close()
    return rows


def test_a_thin_log_is_refused_and_leaves_the_reasons_alone(files: Files, out: Path, tmp_path: Path) -> None:
    """Estimates that an earlier run left there go."""
    copytree(out, tmp_path / "out")
    with pytest.raises(ThinLog, match="at least 30 learners are needed"):
        judged(files, tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"ope.json", "ope.md", "rejected.csv"}
    document = json.loads((tmp_path / "out" / "ope.json").read_text())
    assert document.keys() == {"refused", "policy", "reasons"}
    assert document["refused"] is True
    assert any("learners" in reason["where"] for reason in document["reasons"])


def test_broken_lines_are_rejects_and_strict_says_so(files: Files, tmp_path: Path) -> None:
    broken, out = tmp_path / "broken.ndjson", tmp_path / "out"
    broken.write_text("{nothing\n" + files.log.read_text())
    where = ("--db", files.db, "--catalog", str(files.catalog), "--bounds", BOUNDS, "--mastery-within", "4", "--strict")
    done = CliRunner().invoke(app, ["ope", str(broken), "--policy", "random", "--out", str(out), *where])
    assert done.exit_code == 1
    assert "row 1, line: each line is one JSON object. Got '{nothing'" in done.output
    assert (out / "rejected.csv").read_text().splitlines()[1].startswith("1,line,each line is one JSON object")
    assert json.loads((out / "ope.json").read_text())["log"]["n_rejected"] == 1


def test_another_model_is_said_to_be_judged_with_the_policy(files: Files, tmp_path: Path) -> None:
    other = tmp_path / "other.ndjson"
    other.write_text(files.log.read_text().replace('"model_version":"bkt', '"model_version":"former-bkt'))
    document = judged(Files(files.db, files.catalog, other), tmp_path / "out", "--bounds", BOUNDS)
    assert "model and policy are judged together" in document["notes"][0]


def test_a_policy_of_ones_own_is_a_class_in_a_file(files: Files, tmp_path: Path) -> None:
    own = tmp_path / "first.py"
    own.write_text(
        "import numpy as np\n\n\nclass First:\n    name = 'first'\n    version = 'first-1'\n\n"
        "    def probabilities(self, candidates):\n        return np.eye(1, len(candidates.items))[0]\n\n"
    )
    any_log = BOUNDS.replace("5", "0").replace("3", "0")
    assert judged(files, tmp_path / "out", "--bounds", any_log, policy=f"{own}:First")["policy_version"] == "first-1"


def test_settings_of_the_policy_are_parameters(files: Files, tmp_path: Path) -> None:
    document = judged(files, tmp_path / "out", "--bounds", BOUNDS, "--policy-parameters", '{"target": 0.6}', policy="threshold")
    assert document["policy_version"] == target_policy("threshold", {"target": 0.6}).version


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("--policy", "best"), UnknownName, "Known: diagnostic, expected_gain, random, review, thompson, threshold"),
        (("--policy", "threshold", "--policy-parameters", "[1]"), InvalidInput, "must be a JSON object"),
        (("--policy", "threshold", "--policy-parameters", '{"colour": 1}'), InvalidInput, "fields of the zone's settings"),
        (("--policy", "none.py:Own"), InvalidInput, "name one that exists"),
        (("--policy", "random", "--reward", "correct"), InvalidInput, "easiest first wins it"),
        (("--policy", "random", "--least-delay-days", "0"), InvalidInput, "at least an hour later"),
        (("--policy", "random", "--least-delay-days", "nan"), InvalidInput, "a delay is a number of days"),
        (("--policy", "random", "--bounds", '{"most": 1}'), InvalidInput, "bounds are numbers by name"),
        (("--policy", "random", "--bounds", '{"least_learners": NaN}'), InvalidInput, "bounds are numbers by name"),
        (("--policy", "random", "--attempts", "a.csv", "--db", "sqlite://"), InvalidInput, "from a file or from a database"),
        (("--policy", "random"), InvalidInput, "--attempts or --db"),
        (("--policy", "random", "--under-rules"), InvalidInput, "rest on what the learner did"),
    ],
)
def test_wrong_use_is_told_with_the_way_out(
    files: Files, tmp_path: Path, arguments: tuple[str, ...], error: type[AdaptiveError], words: str
) -> None:
    with pytest.raises(error, match=words):
        run("ope", str(files.log), "--out", str(tmp_path / "out"), *arguments)
    assert not (tmp_path / "out").exists()


def test_a_tenant_without_decisions_is_told(files: Files, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="whose decisions the database holds"):
        run("decisions", "--db", files.db, "--tenant", "nobody", "--out", str(tmp_path / "none.ndjson"))
    assert list(tmp_path.iterdir()) == []
