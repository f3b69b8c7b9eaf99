"""A matrix as files: `matrix.json`, `matrix.csv` and three figures."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from adaptive.evaluation.laboratory.entrants import DEFAULT_POLICY
from adaptive.evaluation.laboratory.matrix import Matrix, Summary
from adaptive.evaluation.laboratory.plots import plot_closed_gap, plot_mastery, plot_zone_hit

__all__ = ["WRITTEN", "write_matrix"]

WRITTEN: Final = ("matrix.json", "matrix.csv", "closed_gap.png", "mastery.png", "zone_hit.png")


def write_matrix(matrix: Matrix, out: Path, *, about: Mapping[str, Any]) -> None:  # Any: JSON values
    """All of WRITTEN into the folder `out`; `about` joins `matrix.json`: what was run, and the seeds."""
    content = {**matrix.to_json(), **about}
    (out / "matrix.json").write_text(json.dumps(content, indent=1) + "\n")
    columns = [field.name for field in fields(Summary)]
    with (out / "matrix.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["policy", "family", *columns])
        for name, row in content["cells"].items():
            writer.writerows([name, family, *(cell[column] for column in columns)] for family, cell in row.items())
    plot_closed_gap(matrix, out / "closed_gap.png")
    shown = DEFAULT_POLICY if DEFAULT_POLICY in matrix.rows else "oracle"
    plot_mastery(matrix, out / "mastery.png", name=shown)
    plot_zone_hit(matrix, out / "zone_hit.png")
