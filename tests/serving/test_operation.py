"""Health, readiness, the log, and a server process that is killed and comes back."""

from __future__ import annotations

import json
import logging
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import StringIO
from pathlib import Path

import httpx
import pytest

from adaptive.catalog import Catalog
from adaptive.errors import InvalidInput
from adaptive.serving.request_log import LOGGER, JsonLines
from adaptive.serving.server import listen

from .world import Json, TestClient, World, assert_problem, post_all, some_attempts, url_of

SERVER = """
import sys
from adaptive.catalog.mathematics import mathematics_catalog
from adaptive.engine import Engine
from adaptive.models import build_model
from adaptive.serving import create_app
from adaptive.serving.server import listen, run_server
from adaptive.storage import Store
catalog = mathematics_catalog()
store = Store.open(sys.argv[1])
listener = listen("127.0.0.1", 0)
print(listener.getsockname()[1], flush=True)
run_server(create_app(Engine(store, build_model("logistic", catalog), catalog, "logistic-test")), listener, model="logistic")
store.close()
"""


@contextmanager
def server_process(url: str, log: Path) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """A server and its client. The log goes to a file: a pipe that nobody reads fills up and stops the server."""
    with log.open("w") as lines:
        process = subprocess.Popen([sys.executable, "-c", SERVER, url], stdout=subprocess.PIPE, stderr=lines, text=True)
    assert process.stdout is not None
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{process.stdout.readline().strip()}", timeout=30) as client:
            yield process, client
    finally:
        process.kill()
        process.communicate()


def test_a_killed_server_comes_back_with_all_that_it_acknowledged(tmp_path: Path, catalog: Catalog, world: World) -> None:
    """Real processes. SIGKILL hits while attempts are being posted; the client sends again what was not acknowledged."""
    attempts = some_attempts(catalog, 40)
    steady = World(url_of(tmp_path, "steady.db"), catalog, world.model)
    with steady.serve() as client:
        post_all(client, attempts)
    acknowledged: list[int] = []
    with server_process(world.url, tmp_path / "first.log") as (process, client):
        poster = threading.Thread(target=post_until_it_breaks, args=(client, attempts, acknowledged))
        poster.start()
        while len(acknowledged) < 10 and poster.is_alive():
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        poster.join()
    n_sure = len(acknowledged)
    assert acknowledged == [201] * n_sure
    assert 10 <= n_sure < 40
    with server_process(world.url, tmp_path / "second.log") as (process, client):
        again = [client.post("/v1/attempts", json=attempt).status_code for attempt in attempts]
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
    assert again[:n_sure] == [200] * n_sure
    assert again[n_sure + 1 :] == [201] * (39 - n_sure)  # of the one in flight either is right
    assert process.returncode == 0
    assert world.state() == steady.state()
    assert_log_names_nobody((tmp_path / "second.log").read_text(), n_requests=40)


def post_until_it_breaks(client: httpx.Client, attempts: list[Json], acknowledged: list[int]) -> None:
    try:
        for attempt in attempts:
            acknowledged.append(client.post("/v1/attempts", json=attempt).status_code)  # noqa: PERF401 - counted from outside meanwhile
    except httpx.TransportError:
        return


def assert_log_names_nobody(log: str, n_requests: int) -> None:
    lines = [json.loads(line) for line in log.splitlines()]
    assert [line["event"] for line in lines] == ["serving", *["request"] * n_requests, "stopped"]
    assert lines[0]["model"] == "logistic"
    assert set(lines[1]) == {"at", "level", "event", "request_id", "method", "route", "status", "ms"}
    assert (lines[1]["method"], lines[1]["route"], lines[1]["status"]) == ("POST", "/v1/attempts", 200)
    assert "ann" not in log


def test_health_and_readiness(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    ready = client.get("/readyz").json()
    assert (ready["status"], ready["model_version"], ready["schema_version"]) == ("ready", "logistic-test", "0001")


def test_a_server_whose_database_is_gone_lives_and_is_not_ready(world: World, client: TestClient) -> None:
    with closing(sqlite3.connect(world.url.removeprefix("sqlite:///"))) as database:
        database.execute("DROP TABLE adaptive_schema")
    assert client.get("/healthz").status_code == 200
    assert assert_problem(client.get("/readyz")).slug == "storage_unavailable"


def test_the_log_has_the_route_and_not_the_path(client: TestClient) -> None:
    log = StringIO()
    handler = logging.StreamHandler(log)
    handler.setFormatter(JsonLines())
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)
    answer = client.get("/v1/learners/secret-learner/mastery?min_state_version=0")
    client.get("/nowhere")
    LOGGER.removeHandler(handler)
    known, unknown = map(json.loads, log.getvalue().splitlines())
    assert (known["route"], known["status"]) == ("/v1/learners/{learner_id}/mastery", 404)
    assert known["request_id"] == answer.headers["X-Request-ID"]
    assert unknown["route"] == "unknown"
    assert "secret-learner" not in log.getvalue()


def test_an_error_is_logged_with_its_traceback() -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", None, sys.exc_info())
    assert "ValueError: broken" in json.loads(JsonLines().format(record))["error"]


def test_an_address_that_is_taken_is_named_with_the_way_out() -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(InvalidInput, match=r"port that is free\. Got .*Address already in use") as error:
        listen("127.0.0.1", taken.getsockname()[1])
    assert "name another --host or --port" in str(error.value)
    with pytest.raises(InvalidInput, match=r"no-such-host\.invalid:8000"):
        listen("no-such-host.invalid", 8000)


def test_a_host_may_be_an_ipv6_address() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with listen("::1", 0) as listener:
        assert listener.family == socket.AF_INET6


def test_the_listening_socket_names_its_protocol() -> None:
    """Without it asyncio leaves Nagle's algorithm on, and each answer waits 40 ms for a delayed acknowledgement."""
    with listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP
