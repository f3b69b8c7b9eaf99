"""How do the costs of a model grow with attempts and with skills?

    python experiments/cost_growth/run.py [--models a,b] [--attempts 100000,1000000] [--skills 150,1000] [--out DIR]

Each cell is a process of its own, so that peak memory is its own. `--attempts 100000,1000000,10000000` goes to ten million. Cells that are
there are not run again (`--again` runs them); a model that is not done within --limit-minutes is not asked for more attempts.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise, product
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from world import attempts_of, long_history

from adaptive.evaluation import serving_cost
from adaptive.evaluation.memory import peak_mb
from adaptive.models import MODELS, build_model, replay

Cell = tuple[str, int, int]
"""Model, attempts, skills."""

COSTS = {
    "fit_seconds": "fit, s",
    "peak_mb": "peak, MB",
    "data_mb": "of it before the fit, MB",
    "update_us": "update, us",
    "late_update_us": "update after 4,000 attempts, us",
    "predict_10k_ms": "predict 10,000, ms",
    "state_bytes": "state, bytes",
    "model_bytes": "folder, bytes",
}
PLOTTED = ("fit_seconds", "peak_mb", "late_update_us", "predict_10k_ms", "state_bytes")
TIMED = 1_000
"""Updates whose mean is told, at the start of a history and at its end."""


def measured(model: str, n_attempts: int, n_skills: int) -> dict[str, float | None]:
    """The costs of one cell, in this process."""
    table = attempts_of(n_attempts, n_skills)
    data_mb = peak_mb()
    begun = time.perf_counter()
    fitted = build_model(model).fit(table)
    fit_seconds, fitted_mb = time.perf_counter() - begun, peak_mb()
    one = long_history(n_skills)
    _, history = next(one.histories())
    late = replay(fitted, history[:-TIMED])
    starts = {"update_us": (fitted.initial_state(), history[:TIMED]), "late_update_us": (late, history[-TIMED:])}
    updates = {}
    for name, (state, attempts) in starts.items():
        replay(fitted, attempts, state)  # once for the caches
        begun = time.perf_counter()
        replay(fitted, attempts, state)
        updates[name] = 1e6 * (time.perf_counter() - begun) / TIMED
    served = serving_cost(fitted, one)
    return {
        "fit_seconds": fit_seconds,
        "peak_mb": fitted_mb,
        "data_mb": data_mb,
        **updates,
        "predict_10k_ms": served.predict_10k_ms,
        "state_bytes": served.state_bytes,
        "model_bytes": served.model_bytes,
    }


def main() -> int:
    options = _options()
    if options.cell:
        model, n_attempts, n_skills, path = options.cell
        costs = json.dumps(measured(model, int(n_attempts), int(n_skills)))
        Path(path).write_text(costs, encoding="utf-8")  # a file, for a fit may print
        return 0
    found, failed = run_all(options)
    text = table_of(found)
    (options.out / "results.md").write_text(text, encoding="utf-8")
    plot(found, options.out / "cost_growth.png")
    print(f"{text}\nwrote results.md and cost_growth.png to {options.out}; {failed} cells failed")
    return int(failed > 0)


def run_all(options: argparse.Namespace) -> tuple[dict[Cell, dict[str, float]], int]:
    """The cells that are there, and how many failed; fewer attempts first, so that a slow model is given up early."""
    found: dict[Cell, dict[str, float]] = {}
    given_up: set[tuple[str, int]] = set()
    failed = 0
    for n_attempts, n_skills, model in product(sorted(options.attempts), options.skills, options.models):
        if (model, n_skills) in given_up:
            continue
        path = options.out / "cells" / f"{model}-{n_attempts}-{n_skills}.json"
        if options.again or not path.exists():
            error = _run(path, (model, n_attempts, n_skills), options.limit_minutes)
            if error:
                failed += 1
                given_up.add((model, n_skills))
            print(f"{model}, {n_attempts:,} attempts, {n_skills:,} skills: {error or 'done'}", flush=True)
        if path.exists():
            found[model, n_attempts, n_skills] = json.loads(path.read_text(encoding="utf-8"))
    return found, failed


def _run(path: Path, cell: Cell, limit_minutes: float) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    command = [sys.executable, Path(__file__), "--cell", *map(str, cell), path]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60 * limit_minutes)
    except subprocess.TimeoutExpired:
        return f"not done after {limit_minutes:g} minutes"
    return "FAILED: " + done.stderr[-1000:] if done.returncode else ""


def table_of(found: Mapping[Cell, Mapping[str, float]]) -> str:
    """Markdown: a line a cell, and under it the power with which the fit and the memory beyond the data grow with attempts."""
    lines = ["| model | skills | attempts | " + " | ".join(COSTS.values()) + " |", "|---" * (len(COSTS) + 3) + "|"]
    for model, n_attempts, n_skills in sorted(found, key=lambda cell: (cell[0], cell[2], cell[1])):
        values = found[model, n_attempts, n_skills]
        lines.append(f"| {model} | {n_skills:,} | {n_attempts:,} | " + " | ".join(_shown(values[name]) for name in COSTS) + " |")
    return "\n".join([*lines, "", *_powers(found)]) + "\n"


def _powers(found: Mapping[Cell, Mapping[str, float]]) -> list[str]:
    lines = []
    for model, n_skills in dict.fromkeys((cell[0], cell[2]) for cell in found):
        sizes = sorted(n for name, n, skills in found if (name, skills) == (model, n_skills))
        for fewer, more in pairwise(sizes):
            ratio = found[model, more, n_skills]["fit_seconds"] / found[model, fewer, n_skills]["fit_seconds"]
            power = math.log(ratio) / math.log(more / fewer)
            where = f"- {model}, {n_skills:,} skills: the fit of {more:,} after {fewer:,} attempts takes"
            lines.append(f"{where} {ratio:.1f} times as long (power {power:.2f})")
    return lines


def _shown(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def plot(found: Mapping[Cell, Mapping[str, float]], path: Path) -> None:
    """Each cost against attempts, a line a model; dashed for the larger number of skills."""
    figure = Figure(figsize=(3.6 * len(PLOTTED), 3.8), layout="constrained")
    models, skills = (list(dict.fromkeys(cell[place] for cell in found)) for place in (0, 2))
    for axes, name in zip(figure.subplots(1, len(PLOTTED)), PLOTTED, strict=True):
        for (place, model), n_skills in product(enumerate(models), skills):
            points = sorted((n, values[name]) for (each, n, k), values in found.items() if (each, k) == (model, n_skills) and values[name])
            if points:
                style = "--" if n_skills == max(skills) and len(skills) > 1 else "-"
                axes.plot(*zip(*points, strict=True), style, marker="o", markersize=3, color=f"C{place}", label=f"{model}, {n_skills:,}")
        axes.set(xscale="log", yscale="log", xlabel="attempts")
        axes.set_title(COSTS[name], fontsize=9)
        axes.xaxis.set_minor_formatter(NullFormatter())
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=6, fontsize=8, frameon=False)
    figure.savefig(path, dpi=150)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    numbers = {"type": _numbers}
    parser.add_argument("--models", type=lambda text: text.split(","), default=list(MODELS), help=f"of {', '.join(MODELS)} (default: all)")
    parser.add_argument("--attempts", **numbers, default=[100_000, 1_000_000])
    parser.add_argument("--skills", **numbers, default=[150, 1_000])
    parser.add_argument("--out", type=Path, default=Path("out/cost_growth"))
    parser.add_argument("--limit-minutes", type=float, default=20.0, help="a cell is ended after this long")
    parser.add_argument("--again", action="store_true", help="also run the cells that are there")
    parser.add_argument("--cell", nargs=4, metavar=("MODEL", "ATTEMPTS", "SKILLS", "FILE"), help="measure one cell in this process")
    return parser.parse_args()


def _numbers(text: str) -> Sequence[int]:
    return [int(part) for part in text.split(",")]


if __name__ == "__main__":
    sys.exit(main())
