"""Run the experiments that need nothing but the package and the data: `make bench`, or by name.

python experiments/bench.py [NAME ...]
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
DEFAULT = ("speed", "leak_test", "shuffled_labels", "mastery_calibration", "served_equals_evaluated")


def main(names: list[str]) -> int:
    """The number of experiments that failed."""
    failed = 0
    for name in names or DEFAULT:
        print(f"== {name}", flush=True)
        failed += subprocess.run([sys.executable, HERE / name / "run.py"], cwd=HERE.parent, check=False).returncode != 0
    return failed


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
