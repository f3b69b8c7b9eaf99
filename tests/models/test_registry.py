from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt
from adaptive.errors import ModelUnavailable, UnknownName
from adaptive.models import DEFAULT, MODELS, Metadata, build_model, describe, load_model, save_model
from adaptive.protocols import Items

METADATA = Metadata(datetime(2026, 3, 1, tzinfo=UTC))


def test_a_model_is_found_by_its_own_name() -> None:
    assert all(build_model(name).name == name for name in MODELS)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownName, match=r"Unknown model 'dkt'. Known: .*baseline.*logistic"):
        build_model("dkt")


def test_default_is_a_model_that_ships() -> None:
    assert DEFAULT in MODELS
    assert type(build_model("default")) is MODELS[DEFAULT]


def test_each_model_has_one_line() -> None:
    assert describe().keys() == {*MODELS, "default"}
    assert all(line and "\n" not in line for line in describe().values())


def test_a_folder_of_an_unknown_model_is_refused(tmp_path: Path) -> None:
    save_model(build_model("baseline"), tmp_path / "model", metadata=METADATA)
    path = tmp_path / "model" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), "name": "dkt"}), encoding="utf-8")
    with pytest.raises(ModelUnavailable, match=r"Got 'dkt'; known are baseline"):
        load_model(tmp_path / "model")


def test_a_folder_with_the_arrays_of_another_model_is_refused(tmp_path: Path) -> None:
    save_model(build_model("baseline"), tmp_path / "model", metadata=METADATA)
    path = tmp_path / "model" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), "name": "logistic"}), encoding="utf-8")
    with pytest.raises(ModelUnavailable, match="must hold the parameters of 'logistic'"):
        load_model(tmp_path / "model")


@pytest.mark.parametrize("name", MODELS)
def test_ids_that_differ_by_a_final_nul_stay_apart_in_a_folder(name: str, tmp_path: Path) -> None:
    items = Items(("q", "q\0"), (("s",), ("s\0",)))
    attempts = [Attempt(str(i), f"l{i % 9}", items.item_ids[i % 2], items.skill_ids[i % 2], float(i % 2), sequence=i) for i in range(60)]
    model = build_model(name).fit(AttemptTable.from_attempts(attempts))
    save_model(model, tmp_path / "model", metadata=METADATA)
    loaded, _ = load_model(tmp_path / "model")
    before, after = (each.predict(each.initial_state(), items, None).p_correct for each in (model, loaded))
    assert before[0] != before[1]
    np.testing.assert_array_equal(after, before)
