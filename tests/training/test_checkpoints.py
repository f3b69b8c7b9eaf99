"""What an interrupted fit leaves: whole at every moment, and only for the same fit."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adaptive.datasets import AttemptTable
from adaptive.errors import ModelUnavailable
from adaptive.models import build_model
from adaptive.protocols import Parameters
from adaptive.training.checkpoints import Checkpoint, CheckpointFile
from adaptive.training.epochs import Epoch

EPOCHS = (Epoch("all", "steps", 1, 5, {"log_loss": 0.1 + 0.2}),)
KEPT = Checkpoint(Parameters({"n": 1}, {"checkpoint": np.array([0.1, np.nan]), "ids": np.array(["a", "b"])}), EPOCHS, 1.5, is_fitted=False)


@pytest.fixture
def file(tmp_path: Path, table: AttemptTable) -> CheckpointFile:
    return CheckpointFile.of(tmp_path / "checkpoints", "all", build_model("baseline"), table, 0)


def test_what_is_written_is_read_bit_for_bit(file: CheckpointFile) -> None:
    """Also an array that has the header's own name."""
    assert file.read() is None
    file.write(KEPT)
    read = file.read()
    assert (read.parameters.settings, read.seconds, read.is_fitted) == ({"n": 1}, 1.5, False)
    assert read.epochs == tuple(replace(epoch, is_restored=True) for epoch in EPOCHS)
    assert {name: array.tobytes() for name, array in read.parameters.arrays.items()} == {
        name: array.tobytes() for name, array in KEPT.parameters.arrays.items()
    }


def test_an_interrupted_write_leaves_the_checkpoint_before_and_nothing_else(file: CheckpointFile, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write(KEPT)

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", interrupt)
    with pytest.raises(KeyboardInterrupt):
        file.write(replace(KEPT, seconds=2.0))
    assert file.read().seconds == 1.5
    assert list(file.folder.iterdir()) == [file.path]


def test_removing_takes_what_a_killed_write_left_and_the_empty_folder(file: CheckpointFile) -> None:
    file.write(KEPT)
    (file.folder / f".{file.path.stem}-abc.npz").write_bytes(b"half")
    file.remove()
    assert not file.folder.exists()
    file.remove()  # nothing is there, and that is no error


def test_a_folder_with_another_checkpoint_stays(file: CheckpointFile, table: AttemptTable) -> None:
    other = CheckpointFile.of(file.folder, "all", build_model("baseline"), table, 1)
    file.write(KEPT)
    other.write(KEPT)
    file.remove()
    assert list(file.folder.iterdir()) == [other.path]


def test_another_seed_model_or_table_has_another_place_and_the_difference_is_named(file: CheckpointFile, table: AttemptTable) -> None:
    fewer, fitted = table.select_learners(table.learner_ids[:5]), build_model("baseline").fit(table)
    others = {
        ("seed",): CheckpointFile.of(file.folder, "all", build_model("baseline"), table, 1),
        ("attempts",): CheckpointFile.of(file.folder, "all", build_model("baseline"), fewer, 0),
        ("start",): CheckpointFile.of(file.folder, "all", fitted, table, 0),
    }
    for other in others.values():
        other.write(KEPT)
    assert file.read() is None
    assert file.others() == {other.path.name: different for different, other in others.items()}
    same = CheckpointFile.of(file.folder, "all", build_model("baseline"), AttemptTable(table.frame.clone()), 0)
    assert same.path == file.path


def test_a_damaged_checkpoint_is_refused_with_the_way_out(file: CheckpointFile) -> None:
    file.write(KEPT)
    file.path.write_bytes(file.path.read_bytes()[:100])
    with pytest.raises(ModelUnavailable, match="remove it and begin anew"):
        file.read()
    other = replace(file, identity={**file.identity, "seed": 7})
    assert other.others() == {}
