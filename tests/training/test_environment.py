"""What a run says of the machine it was made on."""

import platform
import subprocess
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
