"""`adaptive decisions`: stored decisions as a log for `adaptive ope`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adaptive.cli.model_choice import (
    RewardRuleOption,
    RewardRuleParametersOption,
    ServedCatalogOption,
    TrackingOption,
    choose_model,
    named_rule,
)
from adaptive.cli.output_folder import require_writable
from adaptive.cli.reward_options import DelayOption, WithinOption, reward_settings
from adaptive.cli.serve import without_password
from adaptive.errors import InvalidInput, Problem

__all__ = ["decisions"]

_DatabaseOption = Annotated[str, typer.Option("--db", metavar="URL", help="The database.")]
_FileOption = Annotated[Path, typer.Option("--out", metavar="FILE.ndjson", help="The file to write.")]
_CompleteOption = Annotated[
    bool,
    typer.Option("--complete", help="Add to each line what could have been shown and what came of it: evaluated by itself, but large."),
]
_TenantOption = Annotated[str, typer.Option("--tenant", metavar="ID", help="Whose decisions; without it those of the served tenant.")]
_ModelOption = Annotated[
    str,
    typer.Option("--model", metavar="DIR-or-models:/NAME@champion", help="For --complete: the model served. Without it a prior-only one."),
]


def decisions(  # noqa: PLR0917 - typer passes options by name
    db: _DatabaseOption,
    out: _FileOption,
    complete: _CompleteOption = False,
    model: _ModelOption = "",
    catalog: ServedCatalogOption = None,
    tracking: TrackingOption = None,
    mastery_rule: RewardRuleOption = "bkt_threshold",
    mastery_parameters: RewardRuleParametersOption = "{}",
    least_delay_days: DelayOption = 1.0,
    mastery_within: WithinOption = 20,
    tenant: _TenantOption = "",
) -> None:
    """Write the stored decisions as a log, a line each, for `adaptive ope`.

    Example: [bold]adaptive decisions --db sqlite:///adaptive.db --complete --model models:/core@champion --out decisions.ndjson[/bold]
    """
    from adaptive.engine import Engine
    from adaptive.evaluation.off_policy import complete_lines, stored_lines, write_decisions
    from adaptive.serving.call import TENANT
    from adaptive.storage import Store

    require_writable(out.parent)
    choice = choose_model(model, catalog, tracking) if complete else None
    rule = named_rule(mastery_rule, mastery_parameters)
    whose, store = tenant or TENANT, Store.open(db)
    try:
        if choice is None:
            lines = stored_lines(store, whose)
        else:
            engine = Engine(store, choice.model, choice.catalog, model_version=choice.model_version, rule=rule)
            lines = complete_lines(engine, whose, reward_settings(least_delay_days, mastery_within))
        out.parent.mkdir(parents=True, exist_ok=True)
        n_lines = write_decisions(lines, out)
    finally:
        store.close()
    if not n_lines:
        out.unlink()
        problem = Problem("--tenant", "there is a decision to write", whose, "name whose decisions the database holds")
        raise InvalidInput(without_password(db), [problem])
    typer.echo(f"wrote {n_lines:,} decisions to {out}")
