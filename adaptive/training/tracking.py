"""Runs and registered models in MLflow, the only module that speaks to it.

Models are logged as the plain folders that they are, without an MLflow flavour, so nothing is pickled. Registering a
version moves the alias `champion` to it at once; the version that held it stays and can be given the alias back.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from logging import WARNING, getLogger
from math import isfinite
from pathlib import Path
from time import time
from typing import Self

# Before the import, which would write an id into the home folder and report runs to MLflow's makers.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

from mlflow import MlflowClient, artifacts
from mlflow.entities import Metric, Param, RunStatus, RunTag
from mlflow.exceptions import MlflowException

from adaptive.errors import ModelUnavailable, StorageUnavailable
from adaptive.training.epochs import Epoch

__all__ = ["CHAMPION", "RegisteredVersion", "Run", "Tracker", "is_missing", "tracking_uri"]

CHAMPION = "champion"
"""Alias of the version that serves."""

_SQLITE = "sqlite:///"
_DEFAULT_URI = f"{_SQLITE}mlflow.db"
_ARTIFACTS_FOLDER = "mlartifacts"
_MODEL_ARTIFACT = "model"
_EXPERIMENT = "adaptive"
_PARENT = "mlflow.parentRunId"
_UNNAMEABLE = re.compile(r"[^\w\-./ ]")
"""What MLflow refuses in the name of a metric."""


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """A version of a registered model; `replaced` is the version that was champion before, None for the first."""

    name: str
    version: str
    replaced: str | None


def tracking_uri(given: str | None = None) -> str:
    """The store to use: the given one, else MLFLOW_TRACKING_URI, else `mlflow.db` in the working folder.

    >>> tracking_uri("sqlite:///runs.db")
    'sqlite:///runs.db'
    """
    return given or os.environ.get("MLFLOW_TRACKING_URI") or _DEFAULT_URI


def is_missing(uri: str) -> bool:
    """Whether the store is a SQLite file that does not exist: opening it would create an empty one.

    >>> is_missing("sqlite:///no/such/file.db"), is_missing("http://127.0.0.1:5000")
    (True, False)
    """
    return uri.startswith(_SQLITE) and not Path(uri.removeprefix(_SQLITE)).exists()


@dataclass(frozen=True, slots=True)
class Run:
    """An MLflow run that is being written."""

    run_id: str
    artifact_uri: str
    client: MlflowClient

    def log(self, *, parameters: Mapping[str, object], metrics: Mapping[str, float | None], tags: Mapping[str, str]) -> None:
        """Write parameters, metrics (undefined ones are left out) and tags."""
        now = int(time() * 1000)
        defined = [Metric(name, value, now, 0) for name, value in metrics.items() if value is not None]
        texts = [Param(name, str(value)) for name, value in parameters.items()]
        self.client.log_batch(self.run_id, metrics=defined, params=texts, tags=[RunTag(name, text) for name, text in tags.items()])

    def log_epoch(self, epoch: Epoch) -> None:
        """Write an epoch's measures as a step of the curves `<fit>/<stage>/<measure>`; those that are not finite are left out."""
        now, curve = int(time() * 1000), _UNNAMEABLE.sub("_", f"{epoch.fit}/{epoch.stage}")
        finite = {name: value for name, value in epoch.measures.items() if isfinite(value)}
        self.client.log_batch(self.run_id, metrics=[Metric(f"{curve}/{name}", value, now, epoch.done) for name, value in finite.items()])

    def log_folder(self, folder: Path, name: str) -> None:
        """Copy a folder into the run's artefacts under `name`."""
        self.client.log_artifacts(self.run_id, str(folder), name)

    def log_file(self, path: Path) -> None:
        """Copy a file into the run's artefacts."""
        self.client.log_artifact(self.run_id, str(path))

    def log_model(self, folder: Path) -> None:
        """Copy a model folder into the run's artefacts, from where `Tracker.register` takes it."""
        self.log_folder(folder, _MODEL_ARTIFACT)


@dataclass(frozen=True, slots=True)
class Tracker:
    """A tracking store and its registry."""

    uri: str
    client: MlflowClient

    @classmethod
    def open(cls, uri: str | None = None) -> Self:
        """The store at `tracking_uri(uri)`; a SQLite file is created where it does not exist.

        Raises StorageUnavailable where the store cannot be opened.
        """
        chosen = tracking_uri(uri)
        for name in ("mlflow", "alembic"):
            getLogger(name).setLevel(WARNING)  # both tell of every table they create
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # mlflow's own use of SQLAlchemy
                return cls(chosen, MlflowClient(tracking_uri=chosen))
        except Exception as error:  # the store raises its database driver's errors, which this floor does not import
            raise _unavailable(chosen, error) from error

    @contextmanager
    def run(self, name: str, *, parent: Run | None = None) -> Iterator[Run]:
        """A new run, FINISHED at the end of the block, FAILED by an error and KILLED by an interruption.

        It is shown below its `parent`, where it has one. Raises StorageUnavailable where the store refuses to write.
        """
        nested = {_PARENT: parent.run_id} if parent else {}
        try:
            started = self.client.create_run(self._experiment_id(), run_name=name, tags=nested)
            with self._ended(started.info.run_id):
                yield Run(started.info.run_id, started.info.artifact_uri, self.client)
        except MlflowException as error:
            raise _unavailable(self.uri, error) from error

    def register(self, name: str, run: Run) -> RegisteredVersion:
        """The run's model as the next version of `name`, now its champion. Interrupted, it leaves the registry as it was."""
        replaced, is_new = self._champion(name), not self._is_registered(name)
        try:
            if is_new:
                self.client.create_registered_model(name)
            version = self.client.create_model_version(name, f"{run.artifact_uri}/{_MODEL_ARTIFACT}", run.run_id).version
            self.client.set_registered_model_alias(name, CHAMPION, str(version))
        except BaseException:
            self._unregister(name, run, replaced)
            if is_new and self._is_registered(name):
                self.client.delete_registered_model(name)
            raise
        return RegisteredVersion(name, str(version), replaced)

    def model_folder(self, name: str, selector: str) -> Path:
        """The folder of a registered version, by number ("3") or by alias; downloaded where the store is remote.

        Raises ModelUnavailable where there is no such version or its files cannot be had.
        """
        find = self.client.get_model_version if selector.isdecimal() else self.client.get_model_version_by_alias
        try:
            source = self.client.get_model_version_download_uri(name, find(name, selector).version)
            return Path(artifacts.download_artifacts(artifact_uri=source, tracking_uri=self.uri))
        except (MlflowException, OSError) as error:
            raise ModelUnavailable(
                f"A model must be registered before it is used. Got {name}, {selector} in {self.uri}: {error}; "
                f"register it with: adaptive train FILE --model MODEL --register {name}."
            ) from error

    @contextmanager
    def _ended(self, run_id: str) -> Iterator[None]:
        """Close the run with what became of the block."""
        try:
            yield
        except BaseException as error:
            status = RunStatus.FAILED if isinstance(error, Exception) else RunStatus.KILLED
            self.client.set_terminated(run_id, RunStatus.to_string(status))
            raise
        self.client.set_terminated(run_id)

    def _unregister(self, name: str, run: Run, champion: str | None) -> None:
        """Take back what was made of the run, asking the store: an interruption may fall between its work and its answer."""
        for made in self.client.search_model_versions(f"run_id = '{run.run_id}'"):
            self.client.delete_model_version(name, str(made.version))
        if champion is not None:
            self.client.set_registered_model_alias(name, CHAMPION, champion)

    def _champion(self, name: str) -> str | None:
        try:
            return str(self.client.get_model_version_by_alias(name, CHAMPION).version)
        except MlflowException:
            return None

    def _is_registered(self, name: str) -> bool:
        try:
            self.client.get_registered_model(name)
        except MlflowException:
            return False
        return True

    def _experiment_id(self) -> str:
        existing = self.client.get_experiment_by_name(_EXPERIMENT)
        if existing is not None:
            return str(existing.experiment_id)
        return str(self.client.create_experiment(_EXPERIMENT, artifact_location=self._artifact_location()))

    def _artifact_location(self) -> str | None:
        """The folder `mlartifacts` beside a SQLite file; None leaves it to a server."""
        if not self.uri.startswith(_SQLITE):
            return None
        return (Path(self.uri.removeprefix(_SQLITE)).absolute().parent / _ARTIFACTS_FOLDER).as_uri()


def _unavailable(uri: str, error: Exception) -> StorageUnavailable:
    """The store's first line of complaint, with the way out."""
    said = str(error).partition("\n")[0].strip(" .")
    return StorageUnavailable(f"Runs are kept in an MLflow store. Got {uri}: {said}; name another with --tracking or MLFLOW_TRACKING_URI.")
