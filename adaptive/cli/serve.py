"""`adaptive serve`: the HTTP API over a model, a catalogue and a database."""

from __future__ import annotations

import json
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlsplit

import typer

if TYPE_CHECKING:
    from adaptive.catalog import Catalog
    from adaptive.mastery import AnyRule
    from adaptive.protocols import LearnerModel

__all__ = ["serve", "without_password"]

LOOPBACK: Final = "127.0.0.1"
DAY_ZERO_MODEL: Final = "bkt"
DEFAULT_DATABASE: Final = "sqlite:///adaptive.db"
DEMO: Final = Path("demo")
"""What `adaptive demo` made, with its learners, is served where nothing is named."""
_SHOWN_SKILLS: Final = 10

_HostOption = Annotated[
    str, typer.Option("--host", help="Address to listen on. There are no credentials yet: others than this machine may read and write.")
]
_PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes a free one.")]
_DatabaseOption = Annotated[
    str, typer.Option("--db", metavar="URL", help="sqlite:///file.db or postgresql://...; without it the demo's, else adaptive.db here.")
]
_ModelOption = Annotated[
    str,
    typer.Option("--model", metavar="DIR-or-models:/NAME@champion", help="A fitted model; without it the demo's, else a prior-only one."),
]
_CatalogOption = Annotated[
    Path | None,
    typer.Option("--catalog", metavar="DIR", help="A catalogue; without it the model's own, else the generated mathematics one."),
]
_TrackingOption = Annotated[
    str | None, typer.Option("--tracking", metavar="URL", help="The MLflow store of registered models; without it MLFLOW_TRACKING_URI.")
]
_RuleOption = Annotated[
    str, typer.Option("--mastery-rule", metavar="NAME", help="The rule that awards levels: docs/mastery.md lists them.", show_default=True)
]
_ParametersOption = Annotated[
    str, typer.Option("--mastery-parameters", metavar="JSON", help='Its parameters where they are not the usual ones: {"in_a_row": 5}.')
]


@dataclass(frozen=True, slots=True)
class _Choice:
    """What is to be served, and where it came from."""

    model: LearnerModel[Any]  # Any: each model has its own state
    model_version: str
    catalog: Catalog
    source: str


def serve(
    host: _HostOption = LOOPBACK,
    port: _PortOption = 8000,
    db: _DatabaseOption = "",
    model: _ModelOption = "",
    catalog: _CatalogOption = None,
    tracking: _TrackingOption = None,
    mastery_rule: _RuleOption = "bkt_threshold",
    mastery_parameters: _ParametersOption = "{}",
) -> None:
    """Serve the HTTP API until Ctrl-C; http://127.0.0.1:8000/docs describes it.

    [bold]Example:[/bold] adaptive serve --model models:/practice@champion --db sqlite:///adaptive.db
    """
    from adaptive.engine import Engine
    from adaptive.serving import create_app
    from adaptive.serving.server import listen, run_server, warm_up
    from adaptive.storage import Store

    if not model and catalog is None and (DEMO / "model").exists():
        model, db = str(DEMO / "model"), db or f"sqlite:///{DEMO / 'adaptive.db'}"
    rule = _rule(mastery_rule, mastery_parameters)
    choice, database = _choose(model, catalog, tracking), db or DEFAULT_DATABASE
    with listen(host, port) as listener:
        store = Store.open(database)
        engine = Engine(store, choice.model, choice.catalog, model_version=choice.model_version, rule=rule)
        url = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        shown = without_password(database)
        try:
            app = create_app(engine)
            warm_up_ms = warm_up(app)
            _announce(url, choice, shown, rule.version)
            if not _is_loopback(host):
                typer.echo(f"warning: there are no credentials yet, so whoever reaches {host} can read and write everything", err=True)
            versions = {"model_version": choice.model_version, "catalog_version": choice.catalog.version}
            run_server(app, listener, url=url, database=shown, **versions, warm_up_ms=warm_up_ms)
        finally:
            store.close()


def _choose(model: str, catalog: Path | None, tracking: str | None) -> _Choice:
    """The named model, else the prior-only one; with the named catalogue, else the model's own, else the generated one."""
    if not model:
        return _day_zero(catalog)
    from adaptive.training.models import resolve_model

    return _fitted(resolve_model(model, tracking=tracking), catalog, model)


def _fitted(folder: Path, catalog_folder: Path | None, source: str) -> _Choice:
    from adaptive.catalog import read_catalog
    from adaptive.cli.catalog_option import load_catalog
    from adaptive.errors import InvalidInput, Problem
    from adaptive.models import load_model
    from adaptive.training.model_folder import CATALOG_FOLDER

    fitted, manifest = load_model(folder)
    own = folder / CATALOG_FOLDER
    if catalog_folder is None and not own.is_dir():
        rule = "a model is served with a catalogue, and its folder holds none"
        raise InvalidInput("serve", [Problem("--model", rule, source, "name one with --catalog DIR")])
    catalog = load_catalog(catalog_folder) if catalog_folder else read_catalog(own)
    if catalog_folder is not None and own.is_dir():
        _tell_new_skills(catalog, read_catalog(own))
    return _Choice(fitted, manifest.version, catalog, source)


def _day_zero(catalog_folder: Path | None) -> _Choice:
    """No attempts yet: the model that the catalogue alone implies. Its version names the catalogue, as its states depend on it."""
    from adaptive.catalog.mathematics import mathematics_catalog
    from adaptive.cli.catalog_option import load_catalog
    from adaptive.models import build_model

    catalog = mathematics_catalog() if catalog_folder is None else load_catalog(catalog_folder)
    version = f"{DAY_ZERO_MODEL}-day-zero-{catalog.version}"
    return _Choice(build_model(DAY_ZERO_MODEL, catalog), version, catalog, "day zero: the catalogue alone, no attempts")


def _tell_new_skills(catalog: Catalog, known: Catalog) -> None:
    """Skills that only the served catalogue holds."""
    known_ids = set(known.skill_columns.skill_ids)
    new = [skill_id for skill_id in catalog.skill_columns.skill_ids if skill_id not in known_ids]
    if new:
        more = f" and {len(new) - _SHOWN_SKILLS} more" if len(new) > _SHOWN_SKILLS else ""
        typer.echo(f"note: skills that the model does not know get the prior: {', '.join(new[:_SHOWN_SKILLS])}{more}")


def _rule(name: str, parameters: str) -> AnyRule:
    from adaptive.errors import InvalidInput, Problem
    from adaptive.mastery import build_rule

    try:
        given = json.loads(parameters)
    except json.JSONDecodeError:
        given = None
    if not isinstance(given, dict):
        rule, way_out = "parameters are a JSON object", """write it like '{"in_a_row": 5}'"""
        raise InvalidInput("serve", [Problem("--mastery-parameters", rule, parameters, way_out)])
    return build_rule(name, given)


def _announce(url: str, choice: _Choice, database: str, rule: str) -> None:
    catalog = choice.catalog
    typer.echo(f"serving on {url} (documentation: {url}/docs)")
    typer.echo(f"  model      {choice.model.name}, version {choice.model_version} ({choice.source})")
    typer.echo(f"  catalogue  {catalog.name}, version {catalog.version}: {len(catalog.skills)} skills, {len(catalog.items)} items")
    typer.echo(f"  mastery    {rule}")
    typer.echo(f"  database   {database}")


def without_password(url: str) -> str:
    """The URL as it may be shown.

    >>> without_password("postgresql://ann:secret@db/practice")
    'postgresql://ann:***@db/practice'
    """
    password = urlsplit(url).password
    return url.replace(f":{password}@", ":***@") if password else url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
