"""What every adapter does: read the attempts that the harness wrote, tell its forecasts and costs back. Runs in a peer's environment.

The folder holds train.csv and test.csv (learner, item, skills, correct, scored, seconds; a row an attempt, learner by learner in time
order) and meta.json (known_learners, seed, seconds). Back go forecasts.csv (p_correct, a row of test.csv each) and cost.json.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

Forecasts = tuple[np.ndarray, float, str]
"""P(correct) of each row of test.csv (what is not scored is not looked at), seconds of the fit, and a note on the protocol."""


def exchange(forecast: Callable[[pd.DataFrame, pd.DataFrame, dict], Forecasts]) -> None:
    """Call `forecast(train, test, meta)` on the folder that the command line names, and write what it gives."""
    folder = Path(sys.argv[1])
    types = {"learner": str, "item": str, "skills": str}
    train, test = (
        pd.read_csv(folder / name, dtype=types, keep_default_na=False, na_values={"correct": [""]}) for name in ("train.csv", "test.csv")
    )
    meta = json.loads((folder / "meta.json").read_text())
    begun = time.perf_counter()
    p_correct, fit_seconds, note = forecast(train, test, meta)
    pd.DataFrame({"p_correct": p_correct}).to_csv(folder / "forecasts.csv", index=False)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cost = {"fit_seconds": fit_seconds, "all_seconds": time.perf_counter() - begun, "peak_mb": peak, "note": note}
    (folder / "cost.json").write_text(json.dumps(cost))


def item_means(train: pd.DataFrame, column: str) -> tuple[dict[str, float], float]:
    """The share correct of each value of a column, drawn towards the mean of all by two attempts; and that mean."""
    mean = float(train["correct"].mean())
    groups = train.groupby(column)["correct"].agg(["sum", "count"])
    shares = (groups["sum"] + 2 * mean) / (groups["count"] + 2)
    return dict(shares), mean
