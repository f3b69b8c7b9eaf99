"""The harness in its small form: a generated class as a file, with its own description of sets."""

from __future__ import annotations

from pathlib import Path

from adaptive.catalog.mathematics import mathematics_catalog
from adaptive.datasets import generated_class, write_attempts

__all__ = ["write_small"]

SETS = """
[generated]
title = "Generated class"
protocol = "two folds of learners"
file = "generated.parquet"
folds = 2
target_auc = 0.6
"""


def write_small(folder: Path) -> tuple[Path, Path]:
    """The description and the folder of data: 24 generated learners with 60 attempts each."""
    folder.mkdir(parents=True, exist_ok=True)
    classroom = generated_class(mathematics_catalog(), n_learners=24, n_sessions=3, seed=0)
    write_attempts(classroom.table, folder / "generated.parquet")
    described = folder / "sets.toml"
    described.write_text(SETS, encoding="utf-8")
    return described, folder
