"""What an interrupted fit leaves for the next run to go on from: one file a fit, never half written, nothing pickled."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final, Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from adaptive.errors import ModelUnavailable
from adaptive.evaluation.crossvalidation import Model
from adaptive.protocols import AttemptTable, Parameters
from adaptive.training.epochs import Epoch

__all__ = ["Checkpoint", "CheckpointFile"]

_HEADER: Final = "checkpoint"
_ARRAY: Final = "array."
"""Begins the names of the model's own arrays in the file, so that none is taken for the header."""


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """Where a fit stood: what the model needs to go on, or (`is_fitted`) the fitted model; its epochs and seconds so far."""

    parameters: Parameters
    epochs: tuple[Epoch, ...]
    seconds: float
    is_fitted: bool


@dataclass(frozen=True, slots=True)
class CheckpointFile:
    """The place of one fit's checkpoint, named for all that decides how the fit ends: `identity`.

    The identity has the model with its settings and day-zero arrays, the attempts, the seed and this package's version, so
    a fit never goes on from the checkpoint of another.
    """

    folder: Path
    fit: str
    identity: Mapping[str, Any]  # Any: JSON values

    @classmethod
    def of(cls, folder: Path, fit: str, model: Model, attempts: AttemptTable, seed: int) -> Self:
        """The place for a fit of this model to these attempts."""
        parameters = model.parameters()
        return cls(
            folder,
            fit,
            {
                "model": model.name,
                "settings": dict(parameters.settings),
                "start": _arrays_sha256(parameters.arrays),
                "attempts": attempts.data_sha256,
                "seed": seed,
                "package": version("adaptive-practice"),
            },
        )

    @property
    def path(self) -> Path:
        """The file, there or not."""
        digits = hashlib.sha256(json.dumps(self.identity, sort_keys=True).encode()).hexdigest()[:16]
        return self.folder / f"{self._prefix}{digits}.npz"

    @property
    def _prefix(self) -> str:
        return f"{self.identity['model']}-{self.fit}-"

    def write(self, checkpoint: Checkpoint) -> None:
        """Keep this in place of what was kept: the file has the old content or the new at every moment, a power cut included."""
        header = {
            "identity": dict(self.identity),
            "settings": dict(checkpoint.parameters.settings),
            "epochs": [epoch.encode() for epoch in checkpoint.epochs],
            "seconds": checkpoint.seconds,
            "is_fitted": checkpoint.is_fitted,
        }
        arrays = {_ARRAY + name: array for name, array in checkpoint.parameters.arrays.items()}
        self.folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self.folder, prefix=f".{self.path.stem}-", suffix=".npz", delete=False) as file:
            try:
                np.savez(file, allow_pickle=False, **arrays, **{_HEADER: np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)})
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(self.path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise

    def read(self) -> Checkpoint | None:
        """What was kept, None where nothing was. Raises ModelUnavailable where the file is damaged."""
        try:
            header, arrays = _read(self.path)
            epochs = tuple(Epoch(**epoch, is_restored=True) for epoch in header["epochs"])
            return Checkpoint(Parameters(header["settings"], arrays), epochs, header["seconds"], header["is_fitted"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
            raise ModelUnavailable(f"A checkpoint must be readable. Got {error!r} from {self.path}; remove it and begin anew.") from error

    def remove(self) -> None:
        """Take the file away, what a killed write left of it too, and the folder where it is then empty."""
        for path in (self.path, *self.folder.glob(f".{self.path.stem}-*.npz")):
            path.unlink(missing_ok=True)
        with suppress(OSError):  # not empty, or never made
            self.folder.rmdir()

    def others(self) -> dict[str, tuple[str, ...]]:
        """Checkpoints of this fit of other runs of the model, each with the parts of the identity in which it differs."""
        found = {}
        for path in sorted(self.folder.glob(f"{self._prefix}*.npz")):
            with suppress(OSError, ValueError, KeyError, EOFError, BadZipFile):  # damaged: nothing can be said of it
                theirs = _read(path)[0]["identity"]
                found[path.name] = tuple(name for name, value in self.identity.items() if theirs.get(name) != value)
        return {name: different for name, different in found.items() if different}


def _read(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:  # Any: JSON values; arrays of the model's own kinds
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:  # np.load leaves a damaged file open
        header = json.loads(stored[_HEADER].tobytes())
        return header, {name.removeprefix(_ARRAY): stored[name] for name in stored.files if name != _HEADER}


def _arrays_sha256(arrays: Mapping[str, NDArray[Any]]) -> str:  # Any: numbers or strings of fixed width
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
