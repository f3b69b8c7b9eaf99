"""Run inside the peers' environment: fit pyBKT skill by skill, from starts that it draws itself and writes down.

python fit_pybkt.py ATTEMPTS.csv OUT.json N_STARTS
"""

from __future__ import annotations

import copy
import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from pyBKT.fit import EM_fit
from pyBKT.generate import random_model_uni
from pyBKT.util.data_helper import convert_data

NAMES = ("prior", "learns", "guesses", "slips")


def main(source: str, target: str, n_starts: str) -> None:
    attempts = pd.read_csv(source, dtype={"skill_name": str})
    found = {}
    for skill, data in convert_data(attempts, ".*").items():
        began, rand = time.perf_counter(), np.random.RandomState(0)
        tried = [fitted(data, random_model_uni.random_model_uni(1, 1, rand=rand)) for _ in range(int(n_starts))]
        best = max(tried, key=lambda one: one["log_likelihood"])
        seconds = time.perf_counter() - began
        found[skill] = {"starts": [one["start"] for one in tried], "values": best["values"], "seconds": seconds}
    Path(target).write_text(json.dumps(found), encoding="utf-8")


def fitted(data: dict, start: dict) -> dict:
    """One climb with pyBKT's defaults: up to 100 rounds, until a round gains .005 nats at most."""
    before = values_of(start)
    after, log_likelihoods = EM_fit.EM_fit(copy.deepcopy(start), data, parallel=False)
    log_likelihood = float(log_likelihoods[-1][0])
    return {"start": before, "values": values_of(after), "log_likelihood": log_likelihood if np.isfinite(log_likelihood) else -np.inf}


def values_of(model: dict) -> list[float]:
    return [float(np.ravel(model[name])[0]) for name in NAMES]


if __name__ == "__main__":
    main(*sys.argv[1:])
