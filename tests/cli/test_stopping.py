"""A long fit in a process of its own, killed in the middle, and gone on with by the same command."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import typer
from mlflow import MlflowClient

from adaptive.cli.stopping import going_on_later
from adaptive.models.artifact import read_folder


def train(script: Path, attempts: Path, folder: Path, *options: object, pause: float = 0.0) -> subprocess.Popen[str]:
    """`adaptive train --model small` with everything in the folder."""
    fixed = ["--model", "small", "--seed", 1, "--set", "n_epochs=8", "--tracking", f"sqlite:///{folder}/mlflow.db"]
    kept = ["--checkpoints", folder / "kept", "--out", folder / "model"]
    arguments = [sys.executable, "-u", script, pause, "train", attempts, *fixed, *kept, *options]
    with signalling():
        return subprocess.Popen([*map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@contextmanager
def signalling() -> Iterator[None]:
    """Ctrl-C is heard inside, by children too, where a shell started these tests in the background and so had it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def said_at_the_end(process: subprocess.Popen[str]) -> str:
    with process:
        said = process.communicate(timeout=120)[1]
    assert process.returncode == 0, said
    return said


def said_until(process: subprocess.Popen[str], text: str) -> str:
    """What the process says on standard error, up to the first line that has the text."""
    said = ""
    for line in process.stderr:
        said += line
        if text in line:
            return said
    raise AssertionError(f"{text!r} was never said: {said}")


@pytest.fixture(scope="module")
def never_killed(attempts: Path, small_model_script: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    assert "from the checkpoint" not in said_at_the_end(train(small_model_script, attempts, folder))
    return folder / "model"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # mlflow's own use of SQLAlchemy
@pytest.mark.parametrize(
    ("stop", "exit_code", "status", "after"),
    [
        pytest.param(signal.SIGINT, 130, "KILLED", "fitting on all learners", id="Ctrl-C in the second fit"),
        pytest.param(signal.SIGKILL, -9, "RUNNING", "steps, epoch 2 of", id="SIGKILL in the first", marks=pytest.mark.slow),
    ],
)
def test_a_killed_training_goes_on_and_ends_with_the_parameters_of_one_never_killed(
    attempts: Path,
    small_model_script: Path,
    never_killed: Path,
    tmp_path: Path,
    stop: signal.Signals,
    exit_code: int,
    status: str,
    after: str,
) -> None:
    with train(small_model_script, attempts, tmp_path, pause=0.2) as begun:
        said_until(begun, after)
        begun.send_signal(stop)
        said = begun.communicate(timeout=60)[1]
    assert begun.returncode == exit_code, said
    kept = sorted((tmp_path / "kept").glob("[!.]*.npz"))
    assert kept
    assert stop == signal.SIGKILL or f"interrupted; the same command goes on from {tmp_path / 'kept'}" in said
    assert not (tmp_path / "model").exists()
    again = said_at_the_end(train(small_model_script, attempts, tmp_path, "--resume"))
    assert again.count("from the checkpoint") >= (8 if after.startswith("fitting") else 1)  # a fit that ended is not repeated
    resumed, whole = (read_folder(folder)[1] for folder in (tmp_path / "model", never_killed))
    assert resumed.settings == whole.settings
    assert {name: array.tobytes() for name, array in resumed.arrays.items()} == {n: array.tobytes() for n, array in whole.arrays.items()}
    assert np.isfinite(whole.arrays["item_logit"]).all()
    assert not (tmp_path / "kept").exists()
    runs = MlflowClient(f"sqlite:///{tmp_path}/mlflow.db").search_runs(["1"])
    assert sorted(run.info.status for run in runs) == sorted([status, "FINISHED"])


def work_until(number: signal.Signals) -> None:
    """Something long that gets the signal and, as `train` does, explains its interruption."""
    with going_on_later(str):
        try:
            signal.raise_signal(number)
        except KeyboardInterrupt as stop:
            raise KeyboardInterrupt("go on so") from stop


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_either_signal_interrupts_says_how_to_go_on_and_leaves_with_its_code(
    number: signal.Signals, exit_code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with signalling(), pytest.raises(typer.Exit) as left:
        work_until(number)
    assert left.value.exit_code == exit_code
    assert capsys.readouterr().err == "interrupted; go on so\n"
    assert signal.getsignal(signal.SIGTERM) is before
