"""What a run says of the machine it was made on."""

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from adaptive.training.environment import _commit, environment


def test_versions_are_those_installed() -> None:
    found = environment()
    assert found["python"] == platform.python_version()
    assert found["numpy"] == version("numpy")


def test_the_commit_is_that_of_the_folder_and_changes_are_told(tmp_path: Path) -> None:
    assert _commit(tmp_path) is None
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    (tmp_path / "file").write_text("one")
    for command in (["init", "-q"], ["add", "file"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *command], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    assert _commit(tmp_path) == head
    (tmp_path / "file").write_text("two")
    assert _commit(tmp_path) == f"{head}+changes"


def test_a_folder_that_is_gone_has_no_commit(tmp_path: Path) -> None:
    assert _commit(tmp_path / "gone") is None


def run_python(code: str, home: Path) -> None:
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("MLFLOW", "PYTEST", "CI"))}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment | {"HOME": str(home), "XDG_CONFIG_HOME": str(home)})


def test_mlflow_is_imported_only_where_it_is_needed(tmp_path: Path) -> None:
    run_python("import sys, adaptive.training; assert 'mlflow' not in sys.modules", tmp_path)


def test_mlflow_writes_nothing_into_the_home_folder(tmp_path: Path) -> None:
    """Its telemetry would leave an installation id there and send what is run."""
    run_python("import adaptive.training.tracking", tmp_path)
    assert not list(tmp_path.rglob("*"))
