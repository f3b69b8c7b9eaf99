from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from adaptive.errors import ModelUnavailable
from adaptive.models.artifact import FORMAT_VERSION, Manifest, Metadata, read_folder, write_folder
from adaptive.protocols import Parameters

CREATED = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
METADATA = Metadata(CREATED, data_sha256="d" * 64, catalog_version="c" * 16, metrics={"auc": 0.75})
PARAMETERS = Parameters({"forgetting": True, "levels": [1, 2]}, {"weights": np.array([0.1, 0.2]), "ids": np.array(["q1", "ü"])})


def write(path: Path, parameters: Parameters = PARAMETERS) -> Manifest:
    return write_folder(path, name="toy", class_name="Toy", parameters=parameters, metadata=METADATA)


def test_a_folder_gives_back_what_was_written(tmp_path: Path) -> None:
    written = write(tmp_path / "model")
    manifest, parameters = read_folder(tmp_path / "model")
    assert manifest == written
    assert manifest.created == CREATED
    assert (manifest.name, manifest.class_name, manifest.data_sha256, manifest.metrics) == ("toy", "Toy", "d" * 64, {"auc": 0.75})
    assert parameters.settings == {"forgetting": True, "levels": [1, 2]}
    np.testing.assert_array_equal(parameters.arrays["weights"], [0.1, 0.2])
    assert parameters.arrays["ids"].tolist() == ["q1", "ü"]


def test_writing_again_replaces_the_folder_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    write(tmp_path / "model")
    write(tmp_path / "model", Parameters({}, {"weights": np.array([9.0])}))
    assert read_folder(tmp_path / "model")[1].arrays["weights"].tolist() == [9.0]
    assert [entry.name for entry in tmp_path.iterdir()] == ["model"]


def test_an_interrupted_write_leaves_the_old_model(tmp_path: Path) -> None:
    write(tmp_path / "model")
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        write(tmp_path / "model", Parameters({}, {"weights": np.array([object()])}))
    assert read_folder(tmp_path / "model")[1].arrays["weights"].tolist() == [0.1, 0.2]
    assert [entry.name for entry in tmp_path.iterdir()] == ["model"]


def test_the_version_follows_the_parameters_alone(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a"), write(tmp_path / "b")
    other = write(tmp_path / "c", Parameters(PARAMETERS.settings, {"weights": np.array([0.1, 0.3])}))
    assert first.version == second.version == replace(first, created=datetime(2027, 1, 1, tzinfo=UTC)).version
    assert first.version != other.version


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"nowhere.*must hold its manifest. Got no such file at manifest.json"):
        read_folder(tmp_path / "nowhere")


@pytest.mark.parametrize("n_bytes", [0, 40, 200])
def test_truncated_arrays_are_refused(tmp_path: Path, n_bytes: int) -> None:
    write(tmp_path / "model")
    arrays = tmp_path / "model" / "arrays.npz"
    arrays.write_bytes(arrays.read_bytes()[:n_bytes])
    with pytest.raises(ModelUnavailable, match="arrays must be those that the manifest names"):
        read_folder(tmp_path / "model")


def test_missing_arrays_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "model")
    (tmp_path / "model" / "arrays.npz").unlink()
    with pytest.raises(ModelUnavailable, match="arrays must be readable"):
        read_folder(tmp_path / "model")


def test_a_truncated_manifest_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "model")
    manifest = tmp_path / "model" / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8")[:50], encoding="utf-8")
    with pytest.raises(ModelUnavailable, match="manifest must be whole"):
        read_folder(tmp_path / "model")


@pytest.mark.parametrize(
    "content", ["[]", "7", *(json.dumps({"format_version": FORMAT_VERSION, **more}) for more in ({}, {"created": "2026-03-01"}))]
)
def test_a_manifest_of_another_shape_is_refused(tmp_path: Path, content: str) -> None:
    write(tmp_path / "model")
    (tmp_path / "model" / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelUnavailable, match="manifest must be whole"):
        read_folder(tmp_path / "model")


def test_another_format_version_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "model")
    path = tmp_path / "model" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), "format_version": 99}), encoding="utf-8")
    with pytest.raises(ModelUnavailable, match=rf"format version must be {FORMAT_VERSION}\. Got 99"):
        read_folder(tmp_path / "model")
