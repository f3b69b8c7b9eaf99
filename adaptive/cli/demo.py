"""`adaptive demo`: the whole path once, on generated data, with nothing to set up."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from adaptive.cli.output_folder import require_writable
from adaptive.cli.seed import LARGEST_SEED
from adaptive.errors import InvalidInput, Problem

if TYPE_CHECKING:
    from rich.console import Console

    from adaptive.catalog import Catalog
    from adaptive.datasets import AttemptTable
    from adaptive.domain import Plan
    from adaptive.engine import Engine, MasteryReport
    from adaptive.training import TrainedModel

__all__ = ["demo"]

MARKER: Final = ".adaptive-demo"
MODELS_SHOWN: Final = ("baseline", "bkt", "logistic", "state_space_irt")
TENANT: Final = "default"
N_ROUNDS: Final = 10
PRACTISED: Final = "ann"
PLACED: Final = "ben"
P_ANN_CORRECT: Final = 0.75
"""Ann, invented: right three times in four."""


def demo(
    folder: Annotated[Path, typer.Option(help="Where everything goes; made anew each time.")] = Path("demo"),
    learners: Annotated[int, typer.Option(help="Learners in the generated class.", min=10)] = 200,
    seed: Annotated[int, typer.Option(help="Seed of all that is generated and drawn.", min=0, max=LARGEST_SEED)] = 0,
) -> None:
    """Generate a class, train and compare models, then practise, recommend, place and plan.

    [bold]Example:[/bold] adaptive demo
    """
    from rich.console import Console

    # Without markup, as folders and texts of items may hold what looks like it.
    console = Console(width=None if Console().is_terminal else 140, markup=False, emoji=False)
    _prepare(folder)
    catalog, table = _generate(console, folder, learners, seed)
    champion = _train(console, folder, catalog, table, seed)
    engine = _open_engine(folder, catalog)
    _practise(console, engine, seed)
    _place_and_plan(console, engine)
    engine.store.close()
    _say_how_to_go_on(console, folder, champion)


def _prepare(folder: Path) -> None:
    """An empty folder that is ours; somebody else's is left alone."""
    require_writable(folder)
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARKER).exists():
            rule = "the demo's folder is empty or was made by the demo"
            raise InvalidInput("adaptive demo", [Problem("--folder", rule, str(folder), "name another folder")])
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).touch()


def _generate(console: Console, folder: Path, n_learners: int, seed: int) -> tuple[Catalog, AttemptTable]:
    from adaptive.catalog import write_catalog
    from adaptive.catalog.mathematics import mathematics_catalog
    from adaptive.datasets import generated_class, write_attempts

    console.rule("1  A generated class")
    catalog = mathematics_catalog(seed=seed)
    table = generated_class(catalog, n_learners=n_learners, seed=seed).table
    write_catalog(catalog, folder / "catalog")
    write_attempts(table, folder / "attempts.parquet")
    console.print(
        f"{len(catalog.skills)} skills, {len(catalog.prerequisites)} prerequisites and {len(catalog.items)} items in {folder}/catalog;\n"
        f"{len(table):,} attempts of {len(table.learner_ids)} learners in {folder}/attempts.parquet. One item:"
    )
    item = catalog.items[len(catalog.items) // 2]
    console.print(f"  {item.text}  answer {item.answer}; {item.hint}")
    return catalog, table


def _train(console: Console, folder: Path, catalog: Catalog, table: AttemptTable, seed: int) -> TrainedModel:
    from adaptive.cli.progress import shown_progress
    from adaptive.training import TrainingRequest, train

    console.rule("2  Models, judged on learners they were not fitted on")
    trained = {}
    for name in MODELS_SHOWN:
        request = TrainingRequest(
            name,
            at=datetime.now(UTC),
            register=f"demo-{name}",
            out=folder / "models" / name,
            tracking=f"sqlite:///{folder / 'mlflow.db'}",
            seed=seed,
        )
        with shown_progress() as progress:
            trained[name] = train(table, request, catalog=catalog, progress=progress)
    console.print(_metrics_table(trained))
    best = min(trained, key=lambda name: trained[name].evaluation.folds[0].metrics.summary.log_loss or float("inf"))
    (folder / "model").symlink_to(Path("models") / best)
    console.print(f"Served from here on: {best}, the lowest log loss.")
    return trained[best]


def _metrics_table(trained: dict[str, TrainedModel]) -> Any:  # Any: a rich table, imported lazily
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table("model", "AUC", "95 %", "log loss", "ECE", "accuracy", "fit, s", box=SIMPLE_HEAD)
    for name, result in trained.items():
        metrics = result.evaluation.folds[0].metrics
        figures, interval = metrics.summary, metrics.summary.auc_interval
        between = f"{interval.low:.3f}-{interval.high:.3f}" if interval else "undefined"
        values = [f"{value:.4f}" if value is not None else "undefined" for value in (figures.log_loss, figures.ece, figures.accuracy)]
        auc = f"{figures.auc:.4f}" if figures.auc is not None else "undefined"
        table.add_row(name, auc, between, *values, f"{metrics.cost.fit_seconds:.1f}")
    return table


def _open_engine(folder: Path, catalog: Catalog) -> Engine[Any]:  # Any: each model has its own state
    from adaptive.engine import Engine
    from adaptive.models import load_model
    from adaptive.storage import Store

    model, manifest = load_model(folder / "model")
    return Engine(Store.open(f"sqlite:///{folder / 'adaptive.db'}"), model, catalog, model_version=manifest.version)


def _practise(console: Console, engine: Engine[Any], seed: int) -> None:
    """A new learner asks, answers and asks again; each answer moves the next choice."""
    import numpy as np
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from adaptive.domain import Attempt
    from adaptive.engine import RecommendationRequest

    console.rule(f"3  A new learner, {PRACTISED}: recommended, answered, recorded")
    rng, start = np.random.default_rng(seed), datetime.now(UTC)
    table = Table("item", "P(correct)", "drawn with", "answer", "P(mastered)", "why", box=SIMPLE_HEAD)
    for n in range(N_ROUNDS):
        at = start + timedelta(minutes=n)
        request = RecommendationRequest(PRACTISED)
        (shown,) = engine.recommend(TENANT, request, decision_id=f"demo-{n}", at=at, seed=int(rng.integers(2**32))).shown
        correct = float(rng.random() < P_ANN_CORRECT)
        done = engine.record(TENANT, Attempt(f"demo-{n}", PRACTISED, shown.item_id, (), correct, at + timedelta(seconds=30)))
        moved = done.updates[0]
        table.add_row(
            engine.catalog.item(shown.item_id).text,
            f"{shown.p_correct:.2f}",
            f"{shown.propensity:.3f}",
            "right" if correct else "wrong",
            f"{moved.p_mastery_before:.2f} -> {moved.p_mastery_after:.2f}",
            shown.reasons[0].text,
        )
    console.print(table)


def _place_and_plan(console: Console, engine: Engine[Any]) -> None:
    from adaptive.domain import Goal, Placement, Score

    at = datetime.now(UTC)
    console.rule(f"4  {PLACED} has a MAP Growth score of 202 (grade 4): placed, then planned")
    score = Score(PLACED, "rit", 202.0, standard_error=3.2, taken_on=at.date(), grade="4")
    _print_standing(console, engine, engine.place(TENANT, Placement("demo-placement", PLACED, (score,), placed_at=at)))
    wanted = tuple(skill.skill_id for skill in engine.catalog.skills if skill.grade == "4")
    goal = Goal("grade 4", wanted, minutes_per_week=60.0, n_weeks=12, grade="4")
    _print_plan(console, engine, engine.plan(TENANT, PLACED, goal, plan_id="demo-plan", start=at.date(), at=at))


def _print_standing(console: Console, engine: Engine[Any], report: MasteryReport) -> None:
    by_grade: dict[str, list[float]] = {}
    for row in report.rows:
        by_grade.setdefault(engine.catalog.skill(row.skill_id).grade, []).append(row.p_mastery)
    means = (f"grade {grade}: {sum(values) / len(values):.2f}" for grade, values in sorted(by_grade.items()))
    console.print("Mean P(mastered) from the score alone: " + ", ".join(means))


def _print_plan(console: Console, engine: Engine[Any], plan: Plan) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table("week", "skill", "for", "minutes (10 / 50 / 90 %)", "why", box=SIMPLE_HEAD)
    for step in plan.steps:
        minutes = " / ".join(f"{value:.0f}" for value in step.minutes)
        table.add_row(str(step.start_week), engine.catalog.skill(step.skill_id).title, step.purpose, minutes, step.reason)
    console.print(table)
    if plan.forecast.p_by_date is not None:
        console.print(f"P(whole goal within {plan.goal.n_weeks} weeks): {plan.forecast.p_by_date:.2f}, if practice continues so.")
    for assumption in plan.forecast.assumptions:
        console.print(f"  it assumes: {assumption}", style="dim", markup=False)
    for flag in plan.flags:
        console.print(flag, style="dim")


def _say_how_to_go_on(console: Console, folder: Path, champion: TrainedModel) -> None:
    console.rule("Done")
    console.print(f"Everything is in {folder}/: catalogue, attempts, models, database.")
    console.print("Serve it:            make serve, then open http://127.0.0.1:8000/docs")
    console.print(f"Look at the runs:    .venv/bin/mlflow ui --backend-store-uri {champion.tracking_uri}, then open http://127.0.0.1:5000")
