"""From what names a model, a folder or a registered version, to its folder."""

from __future__ import annotations

import re
from pathlib import Path

from adaptive.errors import ModelUnavailable
from adaptive.models.artifact import MANIFEST_FILE

__all__ = ["resolve_model"]

_REGISTERED = re.compile(r"models:/([^@/]+)(?:@|/(?=\d+$))([^@/]+)")


def resolve_model(uri: str, *, tracking: str | None = None) -> Path:
    """The local folder of a model: a folder as it is, `models:/NAME@champion` or `models:/NAME/3` from the registry.

    `tracking` names the MLflow store (default MLFLOW_TRACKING_URI, then `mlflow.db` in the working folder). Raises
    ModelUnavailable.

    >>> resolve_model("no/such/folder")
    Traceback (most recent call last):
        ...
    adaptive.errors.ModelUnavailable: A model is a folder with a manifest.json. Got no/such/folder; name one, or models:/NAME@champion.
    """
    if uri.startswith("models:"):
        return _registered(uri, tracking)
    folder = Path(uri)
    if not (folder / MANIFEST_FILE).is_file():
        raise ModelUnavailable(f"A model is a folder with a {MANIFEST_FILE}. Got {uri}; name one, or models:/NAME@champion.")
    return folder


def _registered(uri: str, tracking: str | None) -> Path:
    from adaptive.training.tracking import Tracker, is_missing, tracking_uri  # noqa: PLC0415 - a folder needs no MLflow, which takes 1 s to import

    named = _REGISTERED.fullmatch(uri)
    if named is None:
        raise ModelUnavailable(f"A registered model is named by alias or number. Got {uri}; write models:/NAME@champion or models:/NAME/3.")
    if is_missing(store := tracking_uri(tracking)):
        raise ModelUnavailable(
            f"Registered models are kept in an MLflow store. Got {store}, which does not exist; "
            f"train and register a model, or name the store in MLFLOW_TRACKING_URI."
        )
    return Tracker.open(store).model_folder(*named.groups())
