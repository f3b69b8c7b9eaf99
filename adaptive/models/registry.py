"""Models by name: the one place where a name becomes a class."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from adaptive.catalog import Catalog
from adaptive.errors import ModelUnavailable, unknown_name
from adaptive.models.artifact import Manifest, Metadata, read_folder, write_folder
from adaptive.models.baseline import Baseline
from adaptive.models.bkt import Bkt, ForgettingBkt, HierarchicalBkt
from adaptive.models.irt import Irt
from adaptive.models.logistic import Das3h, Logistic
from adaptive.models.recurrent import Recurrent
from adaptive.models.stack import Stack
from adaptive.models.state_space import StateSpaceIrt
from adaptive.protocols import LearnerModel

__all__ = ["DEFAULT", "MODELS", "build_model", "describe", "load_model", "save_model"]

AnyModel: TypeAlias = LearnerModel[Any]  # Any: each model has its own state

AnyClass: TypeAlias = (
    type[Baseline] | type[Logistic] | type[Das3h] | type[Bkt] | type[HierarchicalBkt] | type[Irt] | type[StateSpaceIrt] | type[Recurrent]
)

_CLASSES: Final[tuple[AnyClass, ...]] = (
    Baseline,
    Logistic,
    Das3h,
    Bkt,
    ForgettingBkt,
    HierarchicalBkt,
    Irt,
    StateSpaceIrt,
    Recurrent,
    Stack,
)

MODELS: Final[Mapping[str, AnyClass]] = MappingProxyType({model.name: model for model in _CLASSES})
"""Every model that ships, by its name; `checks.check_model` holds for each."""


DEFAULT: Final = "stack"
"""What `default` stands for: the model that the numbers make champion (experiments/benchmark_models)."""


def build_model(name: str, catalog: Catalog | None = None) -> AnyModel:
    """The model of that name as it stands on day zero: prior-only, ready to serve and to fit. Raises UnknownName.

    >>> build_model("baseline").name, build_model("default").name == DEFAULT
    ('baseline', True)
    """
    chosen = DEFAULT if name == "default" else name
    if chosen not in MODELS:
        raise unknown_name("model", name, (*MODELS, "default"))
    return MODELS[chosen](catalog)


def describe() -> dict[str, str]:
    """One line per model, and which one `default` is.

    >>> describe()["baseline"]
    "item mean drawn towards its skill's mean; does not learn who answers"
    """
    return {name: model.summary for name, model in MODELS.items()} | {"default": f"what the numbers make champion: {DEFAULT}"}


def save_model(model: AnyModel, path: Path, *, metadata: Metadata) -> Manifest:
    """Write the fitted model to the folder `path`, whole or not at all."""
    return write_folder(path, name=model.name, class_name=type(model).__name__, parameters=model.parameters(), metadata=metadata)


def load_model(path: Path) -> tuple[AnyModel, Manifest]:
    """The fitted model of the folder, and its manifest. Raises ModelUnavailable where it cannot be found, read or trusted."""
    manifest, parameters = read_folder(path)
    if manifest.name not in MODELS:
        known = ", ".join(sorted(MODELS))
        raise ModelUnavailable(
            f"Model {str(path)!r} must be one that is known. Got {manifest.name!r}; known are {known}. Update the package."
        )
    try:
        return MODELS[manifest.name].from_parameters(parameters), manifest
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ModelUnavailable(
            f"Model {str(path)!r} must hold the parameters of {manifest.name!r}. Got {error!r}; train it again."
        ) from error
