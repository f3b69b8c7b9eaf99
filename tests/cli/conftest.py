"""A file of attempts, and a model whose fit takes as long as a test needs."""

import csv
from pathlib import Path

import pytest

SMALL_MODEL = Path(__file__).parent.parent / "training" / "small_model.py"


@pytest.fixture(scope="session")
def attempts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 learners with 8 attempts each, in 3 folds."""
    path = tmp_path_factory.mktemp("data") / "log.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["learner_id", "item_id", "skill_ids", "correct", "split"])
        writer.writerows(
            [f"u{row % 12}", f"q{row % 7}", f"k{row % 7 % 3}", int((row * 7) % 11 > row % 12), row % 12 % 3] for row in range(96)
        )
    return path


@pytest.fixture(scope="session")
def small_model_script() -> Path:
    """The command line with the model `small`: `python SCRIPT PAUSE train FILE --model small`."""
    return SMALL_MODEL
