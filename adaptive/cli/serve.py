"""`adaptive serve`: the HTTP API over a model, a catalogue and a database."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import typer

from adaptive.cli.model_choice import ModelChoice, ServedCatalogOption, TrackingOption, choose_model, named_policy, named_rule

__all__ = ["serve", "without_password"]

LOOPBACK: Final = "127.0.0.1"
DEFAULT_DATABASE: Final = "sqlite:///adaptive.db"
DEMO: Final = Path("demo")
"""What `adaptive demo` made, with its learners, is served where nothing is named."""

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
_RuleOption = Annotated[
    str, typer.Option("--mastery-rule", metavar="NAME", help="The rule that awards levels: docs/mastery.md lists them.", show_default=True)
]
_ParametersOption = Annotated[
    str, typer.Option("--mastery-parameters", metavar="JSON", help='Its parameters where they are not the usual ones: {"in_a_row": 5}.')
]
_PolicyOption = Annotated[
    str,
    typer.Option(
        "--policy",
        metavar="NAME",
        help="The policy that recommends: expected_gain, threshold, thompson, review, diagnostic or random.",
        show_default=True,
    ),
]
_PolicyParametersOption = Annotated[
    str, typer.Option("--policy-parameters", metavar="JSON", help='Settings of its zone where not the usual ones: {"target": 0.6}.')
]


def serve(
    host: _HostOption = LOOPBACK,
    port: _PortOption = 8000,
    db: _DatabaseOption = "",
    model: _ModelOption = "",
    catalog: ServedCatalogOption = None,
    tracking: TrackingOption = None,
    *,
    mastery_rule: _RuleOption = "bkt_threshold",
    mastery_parameters: _ParametersOption = "{}",
    policy: _PolicyOption = "expected_gain",
    policy_parameters: _PolicyParametersOption = "{}",
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
    rule, chooses = named_rule(mastery_rule, mastery_parameters), named_policy(policy, policy_parameters)
    choice, database = choose_model(model, catalog, tracking), db or DEFAULT_DATABASE
    with listen(host, port) as listener:
        store = Store.open(database)
        engine = Engine(store, choice.model, choice.catalog, model_version=choice.model_version, policy=chooses, rule=rule)
        url = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        shown = without_password(database)
        try:
            app = create_app(engine)
            warm_up_ms = warm_up(app)
            _announce(url, choice, shown, rule.version, chooses.version)
            if not _is_loopback(host):
                typer.echo(f"warning: there are no credentials yet, so whoever reaches {host} can read and write everything", err=True)
            versions = {"model_version": choice.model_version, "catalog_version": choice.catalog.version}
            run_server(app, listener, url=url, database=shown, **versions, warm_up_ms=warm_up_ms)
        finally:
            store.close()


def _announce(url: str, choice: ModelChoice, database: str, rule: str, policy: str) -> None:
    catalog = choice.catalog
    typer.echo(f"serving on {url} (documentation: {url}/docs)")
    typer.echo(f"  model      {choice.model.name}, version {choice.model_version} ({choice.source})")
    typer.echo(f"  catalogue  {catalog.name}, version {catalog.version}: {len(catalog.skills)} skills, {len(catalog.items)} items")
    typer.echo(f"  mastery    {rule}")
    typer.echo(f"  policy     {policy}")
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
