"""Run inside the peers' environment: fit pyBKT on a CSV and write seconds (wall and processor, workers included) and parameters as JSON.

python fit_pybkt.py ATTEMPTS.csv OUT.json (parallel|serial)
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pandas as pd
from pyBKT.models import Model


def main(source: str, target: str, how: str) -> None:
    attempts = pd.read_csv(source)
    model = Model(seed=0, parallel=how == "parallel")  # five random starts of up to 100 rounds each: pyBKT's defaults
    start, start_cpu = time.perf_counter(), sum(os.times()[:4])
    model.fit(data=attempts)
    seconds, cpu = time.perf_counter() - start, sum(os.times()[:4]) - start_cpu
    values = model.params().reset_index()
    by_skill = {skill: dict(zip(rows["param"], rows["value"], strict=True)) for skill, rows in values.groupby("skill")}
    Path(target).write_text(json.dumps({"seconds": seconds, "cpu": cpu, "skills": by_skill}), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
