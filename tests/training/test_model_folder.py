"""A model with its catalogue over another: replaced whole, never lost, and nothing else deleted."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adaptive.catalog import Catalog, read_catalog
from adaptive.domain import Item, Skill
from adaptive.errors import InvalidInput
from adaptive.models import Metadata, build_model, load_model
from adaptive.training.model_folder import write_model

OLD = Catalog("old", "logit", skills=(Skill("s"),), items=(Item("q", ("s",)),))
NEW = Catalog("new", "logit", skills=(Skill("s"),), items=(Item("q", ("s",)),))


def save(catalog: Catalog, path: Path) -> None:
    write_model(build_model("baseline", catalog), catalog, path, metadata=Metadata(datetime(2026, 3, 1, tzinfo=UTC)))


def n_renames(path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    renamed, replace = [], Path.replace
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", lambda source, target: renamed.append(target) or replace(source, target))
        save(NEW, path)
    return len(renamed)


def test_an_interruption_at_every_rename_over_a_model_leaves_a_whole_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, replace = tmp_path / "model", Path.replace
    save(OLD, path)
    n_steps = n_renames(path, monkeypatch)
    assert n_steps >= 2
    for step in range(n_steps):
        save(OLD, path)
        renamed: list[Path] = []

        def interrupt(source: Path, target: Path, step: int = step, renamed: list[Path] = renamed) -> Path:
            renamed.append(target)
            if len(renamed) == step + 1:
                raise KeyboardInterrupt
            return replace(source, target)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", interrupt)
            with pytest.raises(KeyboardInterrupt):
                save(NEW, path)
        assert load_model(path)[1].name == "baseline"
        assert read_catalog(path / "catalog") == OLD
        assert [entry.name for entry in tmp_path.iterdir()] == ["model"]


def test_a_model_with_its_catalogue_is_replaced_unless_it_holds_more(tmp_path: Path) -> None:
    path = tmp_path / "model"
    save(OLD, path)
    save(NEW, path)
    assert read_catalog(path / "catalog") == NEW
    (path / "catalog" / "notes.txt").write_text("mine")
    with pytest.raises(InvalidInput, match=r"also holds catalog/notes\.txt"):
        save(OLD, path)
    assert (path / "catalog" / "notes.txt").read_text() == "mine"


def test_a_folder_that_merely_has_a_manifest_is_left_alone(tmp_path: Path) -> None:
    extension = tmp_path / "extension"
    extension.mkdir()
    (extension / "manifest.json").write_text('{"manifest_version": 3, "name": "my extension"}')
    (extension / "index.html").write_text("mine")
    with pytest.raises(InvalidInput, match="name another folder"):
        save(NEW, extension)
    assert (extension / "index.html").read_text() == "mine"
