"""A place for results is tried before the work and left as it was."""

from pathlib import Path

import pytest

from adaptive.cli.output_folder import require_writable
from adaptive.errors import InvalidInput


def test_a_folder_that_can_be_made_is_not_made_yet(tmp_path: Path) -> None:
    require_writable(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_keeps_its_files(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    require_writable(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("place", ["file", "file/below", "new/file"])
def test_a_file_in_the_way_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "file").write_text("mine")
    with pytest.raises(InvalidInput, match="results are written to a folder that can be made and written to"):
        require_writable(tmp_path / place)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "file", "new"]


def test_a_place_where_no_folder_can_be_made_is_named() -> None:
    with pytest.raises(InvalidInput, match="name another"):
        require_writable(Path("/proc/none/out"))
