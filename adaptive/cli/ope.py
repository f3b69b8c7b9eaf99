"""`adaptive ope`: what a policy would have brought, from the log of another."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adaptive.cli.model_choice import (
    ModelChoice,
    RewardRuleOption,
    RewardRuleParametersOption,
    ServedCatalogOption,
    TrackingOption,
    choose_model,
    named_rule,
)
from adaptive.cli.output_folder import require_writable
from adaptive.cli.progress import shown_progress
from adaptive.cli.reward_options import DelayOption, WithinOption, reward_settings
from adaptive.cli.seed import LARGEST_SEED
from adaptive.cli.table_options import FormatOption, MapOption, load_table
from adaptive.errors import InvalidInput, Problem, ThinLog

if TYPE_CHECKING:
    from adaptive.evaluation.off_policy import DecisionLog, LogBounds, OffPolicyEvaluation, OffPolicySettings, Reject, Replay
    from adaptive.protocols import Policy

__all__ = ["ope"]

_LogArgument = Annotated[
    Path, typer.Argument(metavar="DECISIONS.ndjson", help="Decisions, a line each: docs/off_policy.md says what it must carry.")
]
_PolicyOption = Annotated[
    str,
    typer.Option(
        "--policy",
        metavar="NAME",
        help="The policy to judge: threshold, expected_gain, thompson, review, diagnostic, random, or path/to/file.py:ClassName.",
    ),
]
_OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for ope.json, ope.md, ope.png and rejected.csv.")]
_ParametersOption = Annotated[
    str, typer.Option("--policy-parameters", metavar="JSON", help='Its settings where they are not the usual ones: {"target": 0.6}.')
]
_RewardOption = Annotated[
    list[str] | None, typer.Option("--reward", metavar="NAME", help="delayed_correct or mastery; again for more. Without it both.")
]
_AttemptsOption = Annotated[
    Path | None,
    typer.Option("--attempts", metavar="FILE", help="The learners' attempts in order of arrival: rewards, and what could be shown."),
]
_DatabaseOption = Annotated[
    str, typer.Option("--db", metavar="URL", help="The database that the decisions come from, instead of --attempts.")
]
_ModelOption = Annotated[
    str,
    typer.Option(
        "--model", metavar="DIR-or-models:/NAME@champion", help="For --attempts and --db: the model served. Without it a prior-only one."
    ),
]
_BoundsOption = Annotated[
    str,
    typer.Option("--bounds", metavar="JSON", help='When a log is too thin, where not as usual: {"least_learners": 50}. Kept in ope.json.'),
]
_RuledOption = Annotated[
    bool,
    typer.Option(
        "--under-rules", help="With --attempts or --db: the target under the rules of a session whole, as `adaptive serve` has them."
    ),
]
_SeedOption = Annotated[int, typer.Option("--seed", min=0, max=LARGEST_SEED, help="Decides folds and resamples.")]
_StrictOption = Annotated[
    bool, typer.Option("--strict", help="Leave with code 1 where a line was rejected; the files are written all the same.")
]


def ope(  # noqa: PLR0917 - typer passes options by name
    log: _LogArgument,
    policy: _PolicyOption,
    out: _OutOption,
    policy_parameters: _ParametersOption = "{}",
    reward: _RewardOption = None,
    attempts: _AttemptsOption = None,
    format_name: FormatOption = None,
    map_text: MapOption = None,
    db: _DatabaseOption = "",
    model: _ModelOption = "",
    catalog: ServedCatalogOption = None,
    tracking: TrackingOption = None,
    mastery_rule: RewardRuleOption = "bkt_threshold",
    mastery_parameters: RewardRuleParametersOption = "{}",
    least_delay_days: DelayOption = 1.0,
    mastery_within: WithinOption = 20,
    bounds: _BoundsOption = "{}",
    ruled: _RuledOption = False,
    seed: _SeedOption = 0,
    strict: _StrictOption = False,
) -> None:
    """Estimate what a policy would have brought, from decisions that another made and logged with their propensities.

    Rewards come later than the answer: the next unaided answer on the skill a day on, and mastery within 20 answers. A log that is too
    thin is refused with the reasons, and code 1.

    Example: [bold]adaptive ope decisions.ndjson --policy random --db sqlite:///adaptive.db --model out/core --out out/ope[/bold]
    """
    from adaptive.evaluation.off_policy import REWARDS, OffPolicySettings, read_decisions, require_rewards, target_policy

    target = target_policy(policy, _json_object("--policy-parameters", policy_parameters))
    rewards = require_rewards(reward or REWARDS)
    settings = OffPolicySettings(reward_settings(least_delay_days, mastery_within), _bounds(bounds), seed=seed)
    if attempts is not None and db:
        raise _wrong("--attempts", "attempts come from a file or from a database", f"{attempts} and {db}", "name one of them")
    if ruled and attempts is None and not db:
        raise _wrong("--under-rules", "rules of a session rest on what the learner did", "neither --attempts nor --db", "name one of them")
    require_writable(out)
    read = read_decisions(log)
    replay: Replay | None = None
    notes: list[str] = []
    if attempts is not None or db:
        choice = choose_model(model, catalog, tracking)
        rule = named_rule(mastery_rule, mastery_parameters)
        store, notes = _store(read, attempts, db, choice, format_name, map_text)
        replay = _replay(store, choice, target, rule, ruled=ruled)
        notes = [*notes, *_about_models(read, choice)]
    try:
        evaluation = _evaluate(read, target, rewards, settings, replay, policy, tuple(notes), out)
    finally:
        if replay is not None:
            replay.engine.store.close()
    _tell(evaluation, out)
    if strict and evaluation.matched.rejects:
        raise typer.Exit(1)


def _evaluate(
    read: DecisionLog,
    target: Policy,
    rewards: tuple[str, ...],
    settings: OffPolicySettings,
    replay: Replay | None,
    name: str,
    notes: tuple[str, ...],
    out: Path,
) -> OffPolicyEvaluation:
    """The evaluation, written; where the log is too thin only the reasons are, and ThinLog is raised."""
    from adaptive.evaluation.off_policy import OffPolicyEvaluation, evaluate_rewards, match, write_off_policy, write_refusal

    with shown_progress() as progress:
        matched = match(read, target, rewards, settings.rewards, replay=replay, progress=progress)
        _tell_rejects(matched.rejects)
        try:
            results = evaluate_rewards(matched, settings, progress=progress)
        except ThinLog as error:
            write_refusal(error, name, matched.rejects, out)
            raise
    evaluation = OffPolicyEvaluation(name, target.version, matched, read.n_nothing_shown, results, settings, notes)
    write_off_policy(evaluation, out)
    return evaluation


def _store(
    read: DecisionLog, attempts: Path | None, db: str, choice: ModelChoice, format_name: str | None, map_text: str | None
) -> tuple[Any, list[str]]:  # Any: the store; naming it would load SQL with the command line
    from adaptive.evaluation.off_policy import store_of
    from adaptive.storage import Store

    if attempts is None:
        return Store.open(db), []
    tenants = sorted({each.tenant_id for each in read.decisions})
    if len(tenants) > 1:
        raise _wrong("tenant_id", "a file of attempts is of one tenant", ", ".join(tenants), "split the log, or use --db")
    table = load_table(attempts, format_name, map_text)
    store, n_unknown = store_of(table, {each.learner_id for each in read.decisions}, choice.catalog, tenants[0])
    return store, [f"{n_unknown:,} attempts on items that the catalogue does not hold were left out."] if n_unknown else []


def _replay(
    store: Any, choice: ModelChoice, target: Policy, rule: Any, *, ruled: bool
) -> Replay:  # Any: the store, and what a rule remembers
    from adaptive.engine import Engine
    from adaptive.evaluation.off_policy import Replay
    from adaptive.policies import RuledPolicy

    policy = RuledPolicy(target)  # what rules of the session left is what either policy could choose from
    return Replay(Engine(store, choice.model, choice.catalog, model_version=choice.model_version, policy=policy, rule=rule), ruled)


def _about_models(read: DecisionLog, choice: ModelChoice) -> list[str]:
    others = sorted({each.model_version for each in read.decisions} - {choice.model_version})
    if not others:
        return []
    made_by = ", ".join(map(repr, others))
    consequence = "so model and policy are judged together, and the replay is checked by the number of attempts alone"
    return [f"The target chooses by model {choice.model_version!r}; the log was made by {made_by}: {consequence}."]


def _tell(evaluation: OffPolicyEvaluation, out: Path) -> None:
    """A table of the estimates, then what stands against them."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    from adaptive.evaluation.off_policy import ESTIMATORS, LOGGED, number_words

    console = Console(markup=False, emoji=False)
    table = Table("reward", "estimator", "value", "95 %", "lead over the log", box=SIMPLE_HEAD)
    for name, result in evaluation.results.items():
        for estimator in (*ESTIMATORS, LOGGED) if result.estimates else ():
            each = result.estimates[estimator]
            ends = each.intervals[0.95]
            between = "undefined" if ends is None else f"{ends[0]:.4f}-{ends[1]:.4f}"
            lead = number_words(each.difference, "+") if estimator != LOGGED else ""
            table.add_row(name, estimator, number_words(each.value), between, lead)
    console.print(table)
    for note in evaluation.notes:
        typer.echo(f"note: {note}", err=True)
    for name, result in evaluation.results.items():
        for problem in result.refused:
            typer.echo(f"{name} is not told: {problem}", err=True)
        for warning in result.warnings:
            typer.echo(f"warning, {name}: {warning}", err=True)
    typer.echo(f"wrote {out}/ope.json, ope.md, ope.png and rejected.csv")


def _tell_rejects(rejects: Sequence[Reject]) -> None:
    for reject in rejects[:_MOST_TOLD]:
        typer.echo(f"row {reject.row}, {reject.problem}", err=True)
    if len(rejects) > _MOST_TOLD:
        typer.echo(f"and {len(rejects) - _MOST_TOLD} more rejected lines, in rejected.csv", err=True)


_MOST_TOLD = 20


def _bounds(text: str) -> LogBounds:
    from adaptive.evaluation.off_policy import LogBounds

    given = _json_object("--bounds", text)
    try:
        if not all(isfinite(value) for value in given.values()):
            raise ValueError("a bound is finite")
        return LogBounds(**given)
    except (TypeError, ValueError) as error:
        raise _wrong("--bounds", "bounds are numbers by name", text, f"see LogBounds in docs/off_policy.md ({error})") from error


def _json_object(option: str, text: str) -> dict[str, Any]:  # Any: JSON values
    try:
        given = json.loads(text)
    except json.JSONDecodeError:
        given = None
    if not isinstance(given, dict):
        raise _wrong(option, "must be a JSON object", text, """write it like '{"target": 0.6}'""")
    return given


def _wrong(where: str, rule: str, value: str, way_out: str) -> InvalidInput:
    return InvalidInput("command line", [Problem(where, rule, value, way_out)])
