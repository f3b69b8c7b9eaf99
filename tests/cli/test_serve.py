"""`adaptive serve` serves what it was told, says what that is, ends in order, and names what is wrong."""

from __future__ import annotations

import os
import re
import signal
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from inspect import signature
from pathlib import Path
from typing import Any

import httpx
import pytest

from adaptive.catalog import write_catalog
from adaptive.catalog.mathematics import mathematics_catalog
from adaptive.cli.serve import serve
from adaptive.errors import InvalidInput, ModelUnavailable, StorageUnavailable, UnknownName
from adaptive.models import Metadata, build_model, save_model
from adaptive.policies import DEFAULT_POLICY
from adaptive.storage import Store

ITEM = "add-fractions-unlike.sum.d7ee6891"


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command runs in an empty folder."""
    monkeypatch.chdir(tmp_path)


def write_fitted(folder: Path, *, with_catalog: bool = True, items_per_skill: int = 2) -> str:
    """A small model folder; its version."""
    catalog = mathematics_catalog(items_per_skill=items_per_skill)
    manifest = save_model(build_model("logistic", catalog), folder, metadata=Metadata(datetime(2026, 3, 1, tzinfo=UTC)))
    if with_catalog:
        write_catalog(catalog, folder / "catalog")
    return manifest.version


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def while_serving(ask: Callable[[httpx.Client], Any], *, stops_itself: bool = False, **options: Any) -> Any:
    """What `ask` found out from the server that this process runs; the server is then told to end, unless `ask` did."""
    port, answers, ended = free_port(), [], threading.Event()

    def visit() -> None:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=httpx.HTTPTransport(retries=5), timeout=30) as client:
                answers.append(ask(client))
        finally:
            if not (stops_itself or ended.is_set()):
                tell_to_end()

    visitor = threading.Thread(target=visit)
    visitor.start()
    try:
        serve(port=port, **options)
    finally:
        ended.set()
        visitor.join()
    (answer,) = answers
    return answer


def tell_to_end() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def get_ready(client: httpx.Client) -> Any:
    return client.get("/readyz").json()


def test_an_empty_folder_serves_the_generated_catalogue_before_any_attempt(capsys: pytest.CaptureFixture[str]) -> None:
    def ask(client: httpx.Client) -> Any:
        return client.post("/v1/predictions", json={"learner_id": "ann", "item_ids": [ITEM]}).json()

    answer = while_serving(ask)
    said = capsys.readouterr()
    assert 0.0 < answer["predictions"][0]["p_correct"] < 1.0
    assert answer["model_version"] == f"bkt-day-zero-{mathematics_catalog().version}"
    assert re.search(r"serving on http://127\.0\.0\.1:\d+ \(documentation: http://127\.0\.0\.1:\d+/docs\)", said.out)
    assert "40 skills, 480 items" in said.out
    assert "database   sqlite:///adaptive.db" in said.out
    assert Path("adaptive.db").exists()
    assert [line.split('"event": "')[1].split('"')[0] for line in said.err.splitlines()] == ["serving", "request", "stopped"]
    assert re.search(r'"warm_up_ms": \d+', said.err.splitlines()[0])


def test_a_fitted_model_is_served_with_its_own_catalogue(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    version = write_fitted(tmp_path / "fitted")
    ready = while_serving(get_ready, model="fitted", db="sqlite:///mine.db")
    assert (ready["model_version"], ready["catalog_version"]) == (version, mathematics_catalog(items_per_skill=2).version)
    assert "(fitted)" in capsys.readouterr().out
    assert Path("mine.db").exists()


def test_rule_and_policy_are_named_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_fitted(tmp_path / "fitted")

    def recommend(client: httpx.Client) -> Any:
        return client.post("/v1/recommendations", json={"learner_id": "ann"}).json()

    options = {"mastery_rule": "streak", "mastery_parameters": '{"in_a_row": 5}', "policy": "threshold"}
    answer = while_serving(recommend, model="fitted", **options)
    assert answer["policy_version"].startswith("threshold-")
    said = capsys.readouterr().out
    assert "mastery    streak(in_a_row=5" in said
    assert f"policy     {answer['policy_version']}" in said
    with pytest.raises(InvalidInput, match="parameters are a JSON object"):
        serve(model="fitted", policy_parameters="0.6")
    with pytest.raises(UnknownName, match=r"Known: .*expected_gain, .*threshold"):
        serve(model="fitted", policy="greedy")


def test_the_default_policy_is_served_where_none_is_named() -> None:
    assert signature(serve).parameters["policy"].default == DEFAULT_POLICY == "expected_gain"


def test_the_demos_model_and_database_are_served_where_nothing_is_named(tmp_path: Path) -> None:
    version = write_fitted(tmp_path / "demo" / "model")
    assert while_serving(get_ready)["model_version"] == version
    assert Path("demo/adaptive.db").exists()
    assert not Path("adaptive.db").exists()


def test_a_named_catalogue_is_served_and_what_the_model_does_not_know_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_fitted(tmp_path / "fitted")
    whole = mathematics_catalog(items_per_skill=2)
    known = {skill.skill_id for skill in whole.skills[:25]}
    write_catalog(whole, tmp_path / "whole")
    small = type(whole)(
        "small",
        "rit",
        skills=whole.skills[:25],
        items=tuple(item for item in whole.items if set(item.skill_ids) <= known),
        prerequisites=tuple(edge for edge in whole.prerequisites if {edge.skill_id, edge.prerequisite_id} <= known),
    )
    save_model(build_model("logistic", small), tmp_path / "small", metadata=Metadata(datetime(2026, 3, 1, tzinfo=UTC)))
    write_catalog(small, tmp_path / "small" / "catalog")
    ready = while_serving(get_ready, model="small", catalog=Path("whole"))
    assert ready["catalog_version"] == whole.version
    new = [skill.skill_id for skill in whole.skills[25:35]]
    assert f"note: skills that the model does not know get the prior: {', '.join(new)} and 5 more" in capsys.readouterr().out


def test_a_catalogue_alone_is_served_before_any_attempt(tmp_path: Path) -> None:
    write_catalog(mathematics_catalog(items_per_skill=2), tmp_path / "mine")
    write_fitted(tmp_path / "demo" / "model")
    assert while_serving(get_ready, catalog=Path("mine"))["model_version"].startswith("bkt-day-zero-")


def test_opening_to_others_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    while_serving(get_ready, host="0.0.0.0")  # noqa: S104 - what is warned of
    assert "warning: there are no credentials yet, so whoever reaches 0.0.0.0" in capsys.readouterr().err
    while_serving(get_ready, host="localhost")
    assert "warning" not in capsys.readouterr().err


def test_a_request_under_way_is_answered_before_the_server_ends() -> None:
    """A plan takes about a second; the signal comes while it is made."""

    def ask(client: httpx.Client) -> Any:
        get_ready(client)
        threading.Timer(0.2, tell_to_end).start()
        return client.post("/v1/plans", json={"learner_id": "ann", "skill_ids": ["add-fractions-unlike"]}).status_code

    assert while_serving(ask, stops_itself=True) == 201


def test_a_port_that_is_taken_is_named_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(InvalidInput, match="a port that is free"):
        serve(port=taken.getsockname()[1])


def test_a_missing_model_and_a_model_without_catalogue_are_told(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="Got nowhere"):
        serve(model="nowhere", port=0)
    write_fitted(tmp_path / "bare", with_catalog=False)
    with pytest.raises(InvalidInput, match=r"its folder holds none. Got 'bare'; name one with --catalog DIR"):
        serve(model="bare", port=0)


def test_a_read_only_database_is_told_at_the_start(tmp_path: Path) -> None:
    Store.open("sqlite:///sealed.db").close()
    (tmp_path / "sealed.db").chmod(0o444)
    with pytest.raises(StorageUnavailable, match=r"sealed\.db is read-only; make it writable"):
        serve(db="sqlite:///sealed.db", port=0)
