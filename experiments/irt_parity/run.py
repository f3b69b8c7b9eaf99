"""Do our difficulties agree with py-irt's under the same assumptions, on the same answers?

python experiments/irt_parity/run.py [--peers DIR] [--epochs 1500]

DIR is a virtual environment with py-irt, made there from experiments/peers/requirements-torch.txt unless it exists
(default: a temporary folder, thrown away afterwards).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from adaptive.datasets import AttemptTable, format_named, read_attempts
from adaptive.models.irt import ONE_PARAMETER, TWO_PARAMETER, Irt, IrtSettings, Spreads

HERE = Path(__file__).resolve().parent
FILE = Path(os.environ.get("ADAPTIVE_DATA_DIR", "../shared/data")) / "attempts" / "eedi_csc311" / "train_data.csv"
LIKE_PY_IRT = replace(ONE_PARAMETER, n_rounds=1, spreads=Spreads(overall=1e3, skill=1e-3, item=1e3, overall_discrimination=1e3))
"""py-irt's hierarchical 1PL: spread of ability free (ours: one discrimination), no skills. Its spread of difficulties comes
out at some 15 logits, so they are as good as not pooled, and so are ours here."""
TO_REACH = 0.99


def main() -> int:
    """1 where the difficulties correlate less than .99 with py-irt's."""
    options = _options()
    if not FILE.exists():
        print(f"needs {FILE.name}: set ADAPTIVE_DATA_DIR to the folder of real data")
        return 1
    table, _ = read_attempts(FILE, format_named("eedi-csc311").column_map)
    theirs = fitted_by_py_irt(table, options.peers, options.epochs)
    print(f"py-irt 1PL      {theirs['seconds']:7.1f} s", flush=True)
    Irt().fit(AttemptTable.from_attempts(history[0] for _, history in table.histories()))  # loads torch, which takes seconds
    ours = {name: told(name, settings, table, theirs["difficulty"]) for name, settings in settings_by_name().items()}
    return int(ours["1PL like py-irt"] < TO_REACH)


def settings_by_name() -> dict[str, IrtSettings]:
    return {"1PL like py-irt": LIKE_PY_IRT, "1PL pooled": ONE_PARAMETER, "2PL pooled": TWO_PARAMETER}


def told(name: str, settings: IrtSettings, table: AttemptTable, theirs: dict[str, float]) -> float:
    """The correlation of difficulties over items that some answered right and some wrong, printed beside the seconds."""
    began = time.perf_counter()
    found = Irt(settings=settings).fit(table).calibration()
    seconds = time.perf_counter() - began
    right, n = answers_of(table, found.item_ids)
    is_finite = (right > 0) & (right < n)  # others have no maximum of the likelihood: priors alone hold them
    own, their = found.difficulty[is_finite], np.array([theirs[id_] for id_ in found.item_ids])[is_finite]
    r = float(np.corrcoef(own, their)[0, 1])
    rank = float(spearmanr(own, their).statistic)
    told_of = f"r {r:.4f}   rank {rank:.4f}"
    print(f"{name:15} {seconds:7.1f} s   {told_of}   {is_finite.sum()} of {len(n)} items", flush=True)
    return r


def answers_of(table: AttemptTable, item_ids: tuple[str, ...]) -> tuple[Any, Any]:  # Any: arrays of counts
    codes = table.codes()
    place = {id_: i for i, id_ in enumerate(item_ids)}
    item = np.array([place[id_] for id_ in codes.item_ids])[codes.item]
    return np.bincount(item, codes.correct, minlength=len(place)), np.bincount(item, minlength=len(place))


def fitted_by_py_irt(table: AttemptTable, peers: Path, epochs: int) -> dict[str, Any]:  # Any: JSON
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "answers.jsonl", Path(folder) / "fitted.json"
        rows = (
            {"subject_id": learner_id, "responses": {attempt.item_id: int(attempt.correct or 0) for attempt in history}}
            for learner_id, history in table.histories()
        )
        source.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        subprocess.run([peers / "bin" / "python", HERE / "fit_py_irt.py", source, target, str(epochs)], check=True)
        return json.loads(target.read_text(encoding="utf-8"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, default=None, help="virtual environment with py-irt")
    parser.add_argument("--epochs", type=int, default=1500, help="steps of py-irt's Adam")
    options = parser.parse_args()
    options.peers = options.peers or Path(tempfile.mkdtemp(prefix="peers-"))
    if not (options.peers / "bin" / "python").exists():
        venv.create(options.peers, with_pip=True)
        requirements = HERE.parent / "peers" / "requirements-torch.txt"
        subprocess.run([options.peers / "bin" / "python", "-m", "pip", "install", "--quiet", "-r", requirements], check=True)
    return options


if __name__ == "__main__":
    sys.exit(main())
