"""`adaptive plan`: a file of test scores becomes a plan for each learner."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adaptive.cli.output_folder import require_writable
from adaptive.errors import InvalidInput, Problem

if TYPE_CHECKING:
    from adaptive.catalog import Catalog
    from adaptive.domain import Goal, Placement, Plan, Score
    from adaptive.evaluation.progress import Progress
    from adaptive.placement import ScoreTable
    from adaptive.planning import MilpPlanner
    from adaptive.protocols import LearnerModel

__all__ = ["plan"]

DAY_ZERO_MODEL = "bkt"
_SHOWN_LEARNERS = 40

_ScoresArgument = Annotated[
    Path, typer.Argument(metavar="SCORES.csv", help="Columns learner_id, scale, score; also area, standard_error, taken_on, grade.")
]
_OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for plans.ndjson, plans.csv, rows.csv and rejected.csv.")]
_CatalogOption = Annotated[
    Path | None,
    typer.Option("--catalog", metavar="DIR", help="A catalogue; without it the model's own, else the generated mathematics one."),
]
_MinutesOption = Annotated[float, typer.Option("--minutes-per-week", metavar="M", help="Minutes of practice a week, review included.")]
_WeeksOption = Annotated[int, typer.Option("--weeks", metavar="N", help="Weeks that the plan spans.")]
_GradeOption = Annotated[str, typer.Option("--grade", metavar="G", help="K or 1 to 12, for learners whose rows have no grade.")]
_ScaleOption = Annotated[str, typer.Option("--scale", metavar="NAME", help="rit or theta, for rows without a scale.")]
_ModelOption = Annotated[
    str,
    typer.Option("--model", metavar="DIR-or-models:/NAME@champion", help="A fitted model; without it a prior-only one from the catalogue."),
]
_StartOption = Annotated[datetime | None, typer.Option("--start", formats=["%Y-%m-%d"], help="First day of the plan; without it today.")]
_StrictOption = Annotated[
    bool, typer.Option("--strict", help="Leave with code 1 where a row was rejected; the files are written all the same.")
]


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What all plans of one run share."""

    start: date
    minutes_per_week: float
    n_weeks: int


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where plans are made: a model over a catalogue, and the planner that stands on both."""

    catalog: Catalog
    model: LearnerModel[Any]  # Any: each model has its own state
    planner: MilpPlanner

    def plan(self, learner_id: str, scores: Sequence[Score], wishes: _Wishes) -> tuple[Plan, tuple[Placement, ...]]:
        """Scores to prior, prior to mastery, mastery to plan. The flags of the placement lead those of the plan."""
        from adaptive.domain import Placement
        from adaptive.placement import grade_on, prior_from_scores

        at = datetime.combine(wishes.start, time(), tzinfo=UTC)
        prior, flags = prior_from_scores(scores, self.catalog, at)
        mastery = self.model.mastery(self.model.initial_state(prior), self.catalog.skill_columns, at)
        goal = self._goal(grade_on(scores, on=wishes.start), wishes)
        made = self.planner.plan(mastery, goal, wishes.start, learner_id=learner_id)
        placement = Placement(f"scores of {learner_id}", learner_id, tuple(scores), placed_at=at, flags=flags)
        return replace(made, flags=tuple(dict.fromkeys((*flags, *made.flags)))), (placement,)

    def _goal(self, grade: str, wishes: _Wishes) -> Goal:
        """Every skill of the grade; every skill of the catalogue where the grade is unknown or has none."""
        from adaptive.domain import Goal

        of_grade = tuple(skill.skill_id for skill in self.catalog.skills if grade and skill.grade == grade)
        title = f"{self.catalog.name}, grade {grade}" if of_grade else self.catalog.name
        wanted = of_grade or self.catalog.skill_columns.skill_ids
        return Goal(title, wanted, wishes.minutes_per_week, wishes.n_weeks, grade=grade if of_grade else "")


def plan(  # noqa: PLR0917 - typer passes options by name
    scores: _ScoresArgument,
    out: _OutOption,
    catalog: _CatalogOption = None,
    minutes_per_week: _MinutesOption = 60.0,
    weeks: _WeeksOption = 12,
    grade: _GradeOption = "",
    scale: _ScaleOption = "",
    model: _ModelOption = "",
    start: _StartOption = None,
    strict: _StrictOption = False,
) -> None:
    """Turn each learner's test scores into a weekly plan: what comes first, why, how long, and when it is likely done.

    The goal is every skill of the learner's grade, or of the whole catalogue where the grade is unknown or has no skills.

    Example: [bold]adaptive plan scores.csv --minutes-per-week 60 --weeks 12 --out plans[/bold]
    """
    from adaptive.cli.progress import shown_progress
    from adaptive.placement import read_scores
    from adaptive.planning import write_plans

    require_writable(out)
    table = read_scores(scores, scale=scale, grade=grade)
    out.mkdir(parents=True, exist_ok=True)
    _write_fates(table, out)
    desk = _desk(model, catalog)
    wishes = _Wishes(start.date() if start else datetime.now(tz=UTC).date(), minutes_per_week, weeks)
    made: list[Plan] = []
    with shown_progress() as progress:
        write_plans(_plans(desk, table.by_learner(), wishes, progress, made), out)
    _show(made, table)
    typer.echo(f"wrote {out / 'plans.ndjson'} and {out / 'plans.csv'}")
    if strict and table.rejects:
        raise typer.Exit(1)


def _desk(model: str, catalog_folder: Path | None) -> _Desk:
    """The desk with the named or the prior-only model, and the named, the model's own or the generated catalogue."""
    from adaptive.catalog import read_catalog
    from adaptive.catalog.mathematics import mathematics_catalog
    from adaptive.models import build_model, load_model
    from adaptive.planning import MilpPlanner, SimulatedMinutes
    from adaptive.training.model_folder import CATALOG_FOLDER
    from adaptive.training.models import resolve_model

    folder = resolve_model(model) if model else None
    own = folder / CATALOG_FOLDER if folder and (folder / CATALOG_FOLDER).is_dir() else None
    chosen = catalog_folder or own
    catalog = read_catalog(chosen) if chosen else mathematics_catalog()
    if folder:
        fitted, manifest = load_model(folder)
        version = f"{manifest.name}-{manifest.version}"
    else:
        fitted, version = build_model(DAY_ZERO_MODEL, catalog), f"{DAY_ZERO_MODEL}-day-zero"
    return _Desk(catalog, fitted, MilpPlanner(catalog, SimulatedMinutes(fitted, catalog), model_version=version))


def _plans(
    desk: _Desk, learners: Mapping[str, Sequence[Score]], wishes: _Wishes, progress: Progress, made: list[Plan]
) -> Iterator[tuple[Plan, tuple[Placement, ...]]]:
    """Each learner's plan and placement, as they are made; the plans are also kept in `made` for the summary."""
    for done, (learner_id, scores) in enumerate(learners.items()):
        progress("planning", done, len(learners))
        planned, placements = desk.plan(learner_id, scores, wishes)
        made.append(planned)
        yield planned, placements
    progress("planning", len(learners), len(learners))


def _write_fates(table: ScoreTable, folder: Path) -> None:
    """rows.csv: what became of each row; rejected.csv and standard error: the rules that rejected rows broke."""
    broken = [(row.row, problem) for row in table.rejects for problem in row.problems]
    for number, problem in broken:
        typer.echo(f"row {number}: {problem.rule}. Got {problem.value!r}; {problem.way_out}.", err=True)
    fates = [(row.row, row.learner_id, row.status, row.reason) for row in table.rows]
    _write_csv(folder / "rows.csv", ("row", "learner_id", "status", "reason"), fates)
    rejected = [(number, problem.rule, problem.value, problem.way_out) for number, problem in broken]
    _write_csv(folder / "rejected.csv", ("row", "rule", "value", "way_out"), rejected)
    if not table.scores:
        raise InvalidInput(
            "scores", [Problem("rows", "at least one row must hold a sound score", f"{len(table.rows)} rejected", "correct them")]
        )


def _write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """The whole file or none: written beside, then given its name."""
    beside = path.with_suffix(path.suffix + ".part")
    with beside.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    beside.replace(path)


def _show(plans: Sequence[Plan], table: ScoreTable) -> None:
    """A table of the plans on standard output."""
    from rich.console import Console
    from rich.table import Table

    shown = Table("learner", "grade", "skills", "gaps", "minutes", "P(by date)", "median finish", "flags")
    for one in plans[:_SHOWN_LEARNERS]:
        shown.add_row(*_summary(one))
    console = Console(markup=False, emoji=False)  # ids may hold what looks like markup
    console.print(shown)
    if len(plans) > _SHOWN_LEARNERS:
        console.print(f"and {len(plans) - _SHOWN_LEARNERS} more learners")
    counts = Counter(row.status for row in table.rows)
    console.print(
        f"{len(table.rows)} rows: " + ", ".join(f"{counts[status]} {status}" for status in ("used", "flagged", "skipped", "rejected"))
    )
    for flag, count in Counter(flag.partition(":")[0] for one in plans for flag in one.flags).most_common():
        console.print(f"  {flag}: {count} of {len(plans)} plans")


def _summary(one: Plan) -> tuple[str, ...]:
    learning = [step for step in one.steps if step.purpose != "review"]
    gaps = sum(step.purpose == "gap" for step in learning)
    chance, middle = one.forecast.p_by_date, one.forecast.finish_quantiles[1]
    return (
        one.learner_id,
        one.goal.grade or "all",
        str(len(learning)),
        str(gaps),
        f"{sum(step.minutes[1] for step in one.steps):.0f}",
        "" if chance is None else f"{chance:.0%}",
        "out of reach" if middle is None else middle.isoformat(),
        ", ".join(dict.fromkeys(flag.partition(":")[0] for flag in one.flags)),
    )
