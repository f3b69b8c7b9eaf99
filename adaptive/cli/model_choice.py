"""The model and catalogue that a command line names, the mastery rule and the policy: as served, so as evaluated."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from adaptive.catalog import Catalog
    from adaptive.mastery import AnyRule
    from adaptive.protocols import LearnerModel, Policy

__all__ = [
    "ModelChoice",
    "RewardRuleOption",
    "RewardRuleParametersOption",
    "ServedCatalogOption",
    "TrackingOption",
    "choose_model",
    "named_policy",
    "named_rule",
]

DAY_ZERO_MODEL: Final = "bkt"
_SHOWN_SKILLS: Final = 10

ServedCatalogOption = Annotated[
    Path | None,
    typer.Option("--catalog", metavar="DIR", help="A catalogue; without it the model's own, else the generated mathematics one."),
]
TrackingOption = Annotated[
    str | None, typer.Option("--tracking", metavar="URL", help="The MLflow store of registered models; without it MLFLOW_TRACKING_URI.")
]
RewardRuleOption = Annotated[
    str, typer.Option("--mastery-rule", metavar="NAME", help="The rule whose highest level reward mastery asks for.")
]
RewardRuleParametersOption = Annotated[str, typer.Option("--mastery-parameters", metavar="JSON", help="Its parameters.")]


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model with the catalogue that it stands over, and where it came from."""

    model: LearnerModel[Any]  # Any: each model has its own state
    model_version: str
    catalog: Catalog
    source: str


def choose_model(model: str, catalog: Path | None, tracking: str | None) -> ModelChoice:
    """The named model, else the prior-only one; with the named catalogue, else the model's own, else the generated one."""
    if not model:
        return _day_zero(catalog)
    from adaptive.training.models import resolve_model

    return _fitted(resolve_model(model, tracking=tracking), catalog, model)


def _fitted(folder: Path, catalog_folder: Path | None, source: str) -> ModelChoice:
    from adaptive.catalog import read_catalog
    from adaptive.cli.catalog_option import load_catalog
    from adaptive.errors import InvalidInput, Problem
    from adaptive.models import load_model
    from adaptive.training.model_folder import CATALOG_FOLDER

    fitted, manifest = load_model(folder)
    own = folder / CATALOG_FOLDER
    if catalog_folder is None and not own.is_dir():
        rule = "a model is served with a catalogue, and its folder holds none"
        raise InvalidInput("command line", [Problem("--model", rule, source, "name one with --catalog DIR")])
    catalog = load_catalog(catalog_folder) if catalog_folder else read_catalog(own)
    if catalog_folder is not None and own.is_dir():
        _tell_new_skills(catalog, read_catalog(own))
    return ModelChoice(fitted, manifest.version, catalog, source)


def _day_zero(catalog_folder: Path | None) -> ModelChoice:
    """No attempts yet: the model that the catalogue alone implies. Its version names the catalogue, as its states depend on it."""
    from adaptive.catalog.mathematics import mathematics_catalog
    from adaptive.cli.catalog_option import load_catalog
    from adaptive.models import build_model

    catalog = mathematics_catalog() if catalog_folder is None else load_catalog(catalog_folder)
    version = f"{DAY_ZERO_MODEL}-day-zero-{catalog.version}"
    return ModelChoice(build_model(DAY_ZERO_MODEL, catalog), version, catalog, "day zero: the catalogue alone, no attempts")


def _tell_new_skills(catalog: Catalog, known: Catalog) -> None:
    """Skills that only the served catalogue holds."""
    known_ids = set(known.skill_columns.skill_ids)
    new = [skill_id for skill_id in catalog.skill_columns.skill_ids if skill_id not in known_ids]
    if new:
        more = f" and {len(new) - _SHOWN_SKILLS} more" if len(new) > _SHOWN_SKILLS else ""
        typer.echo(f"note: skills that the model does not know get the prior: {', '.join(new[:_SHOWN_SKILLS])}{more}")


def named_rule(name: str, parameters: str) -> AnyRule:
    """The mastery rule of that name with parameters given as a JSON object. Raises UnknownName, InvalidInput."""
    from adaptive.mastery import build_rule

    return build_rule(name, _json_object("--mastery-parameters", parameters, """'{"in_a_row": 5}'"""))


def named_policy(name: str, parameters: str) -> Policy:
    """The policy of that name, under the rules of a session, with settings given as a JSON object. Raises UnknownName, InvalidInput."""
    from adaptive.policies import RuledPolicy, build_policy

    return RuledPolicy(build_policy(name, _json_object("--policy-parameters", parameters, """'{"target": 0.6}'""")))


def _json_object(option: str, text: str, example: str) -> dict[str, Any]:  # Any: JSON values
    from adaptive.errors import InvalidInput, Problem

    try:
        given = json.loads(text)
    except json.JSONDecodeError:
        given = None
    if not isinstance(given, dict):
        raise InvalidInput("command line", [Problem(option, "parameters are a JSON object", text, f"write it like {example}")])
    return given
