"""What an interruption at each step of a swap leaves, and what is never replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from adaptive.errors import InvalidInput
from adaptive.models.whole_folder import whole_folder
from tests.models.test_artifact import write


def fill(path: Path, text: str) -> None:
    with whole_folder(path) as folder:
        (folder / "text").write_text(text)


@pytest.mark.parametrize("before", ["old", None])
@pytest.mark.parametrize("is_done", [False, True], ids=["before the rename", "after the rename"])
@pytest.mark.parametrize("n_renames", [0, 1])
def test_an_interruption_at_any_rename_leaves_the_old_folder_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_renames: int, is_done: bool, before: str | None
) -> None:
    path, renamed, replace = tmp_path / "folder", [], Path.replace
    if before:
        fill(path, before)

    def interrupt(source: Path, target: Path) -> Path:
        renamed.append(target)
        if len(renamed) != n_renames + 1:
            return replace(source, target)
        if is_done:
            replace(source, target)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    if before is None and n_renames == 1:
        fill(path, "new")  # without a folder to move away there is one rename
        assert len(renamed) == 1
        return
    with pytest.raises(KeyboardInterrupt):
        fill(path, "new")
    is_swapped = is_done and n_renames == (1 if before else 0)
    expected = "new" if is_swapped else before
    assert (path / "text").read_text() == expected if expected else not path.exists()
    assert [entry.name for entry in tmp_path.iterdir()] == (["folder"] if expected else [])


def test_a_swap_that_cannot_be_undone_keeps_the_old_folder_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C at the second rename and again while the old folder is put back."""
    path, renamed, replace = tmp_path / "folder", [], Path.replace
    fill(path, "old")

    def interrupt(source: Path, target: Path) -> Path:
        renamed.append(target)
        if len(renamed) > 1:
            raise KeyboardInterrupt
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fill(path, "new")
    assert [found.read_text() for found in tmp_path.glob(".folder-*/old/text")] == ["old"]


def test_an_error_while_the_folder_is_filled_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    fill(path, "old")
    with pytest.raises(ZeroDivisionError), whole_folder(path) as folder:
        (folder / "text").write_text(str(1 / 0))
    assert (path / "text").read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize("manifest", ['{"name": "my-chrome-extension", "manifest_version": 3}', "not json", None])
def test_a_folder_with_a_manifest_of_another_kind_is_not_replaced(tmp_path: Path, manifest: str | None) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").write_text("mine")
    if manifest:
        (tmp_path / "taken" / "manifest.json").write_text(manifest)
    with pytest.raises(InvalidInput, match=r"taken, whose manifest\.json is missing or not of a model'; name another folder"):
        write(tmp_path / "taken")
    assert (tmp_path / "taken" / "thesis.txt").read_text() == "mine"


def test_a_model_folder_with_a_strangers_file_is_not_replaced(tmp_path: Path) -> None:
    write(tmp_path / "model")
    (tmp_path / "model" / "notes").mkdir()
    (tmp_path / "model" / "notes" / "thesis.txt").write_text("mine")
    with pytest.raises(InvalidInput, match=r"which also holds notes/thesis\.txt'; name another folder"):
        write(tmp_path / "model")
    assert (tmp_path / "model" / "notes" / "thesis.txt").read_text() == "mine"


def test_a_file_is_not_replaced_and_an_empty_folder_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InvalidInput, match="file, a file'; name another folder"):
        write(tmp_path / "file")
    (tmp_path / "empty").mkdir()
    assert write(tmp_path / "empty").name == "toy"
