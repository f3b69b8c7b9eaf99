"""What the laboratory's families draw their parameters from: fits to real attempts, as means and covariances.

ADAPTIVE_DATA_DIR=... python experiments/laboratory_parameters/run.py [--out FILE] [--learners N]
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import logit
from slopes import fit_slopes

from adaptive.datasets import AttemptTable, parse_map, read_attempts
from adaptive.models import build_model
from adaptive.models.bkt.parameters import BktParameters
from adaptive.models.logistic.windows import WINDOW_FEATURES
from adaptive.models.state_space.hyperparameters import Hyperparameters
from adaptive.protocols import Floats

ATTEMPTS = Path(os.environ.get("ADAPTIVE_DATA_DIR", "../shared/data")) / "attempts"
SHIPPED = Path(__file__).resolve().parents[2] / "adaptive/evaluation/laboratory/parameters.json"
SETS = {
    "ASSISTments 2009-10 skill builder": ("assist2009_akt5_question.csv.xz", "learner_id=user,item_id=item,skill_ids=skills"),
    "Cloze (LKT, Memphis)": ("lkt_cloze_memphis.csv.xz", "learner_id=user,item_id=item,skill_ids=skills,occurred_at=t"),
}
"""Only the second has times: forgetting, windows and spacing come from it."""
AT_LEAST = 200
"""Attempts on a skill from which on its parameters count: below, they are mostly the fit's own prior."""

Part = dict[str, Any]  # Any: JSON values


def main() -> int:
    """0 where all could be fitted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--learners", type=int, help="only the first so many learners of each set")
    given = parser.parse_args()
    if missing := [name for name, _ in SETS.values() if not (ATTEMPTS / name).exists()]:
        print(f"needs {', '.join(missing)}: set ADAPTIVE_DATA_DIR to the folder of real data")
        return 1
    (assist, of_assist), (cloze, of_cloze) = (_read(title, *named, given.learners) for title, named in SETS.items())
    slopes, slope_spreads = _slopes(assist)
    parts = {
        "bkt": _bkt(assist) | of_assist,
        "bkt_learners_items": _bkt_spreads(assist) | of_assist,
        "core": _core(assist) | of_assist,
        "slopes": slopes | of_assist,
        "slopes_learners_items": slope_spreads | of_assist,
        "bkt_forgetting": _bkt_forgetting(cloze) | of_cloze,
        "core_timed": _core(cloze) | of_cloze,
        "windows": _windows(cloze) | of_cloze,
    }
    given.out.write_text(json.dumps(parts, indent=1) + "\n")
    print(f"{given.out}: {len(parts)} parts, {given.out.stat().st_size:,} bytes")
    return 0


def _read(title: str, name: str, columns: str, n_learners: int | None) -> tuple[AttemptTable, Part]:
    path = ATTEMPTS / name
    table, _ = read_attempts(path, parse_map(columns))
    if n_learners:
        chosen = set(table.learner_ids[:n_learners])
        table = AttemptTable.from_attempts(attempt for id_, history in table.histories() if id_ in chosen for attempt in history)
    return table, {"set": title, "sha256": sha256(path.read_bytes()).hexdigest()}


def _bkt(table: AttemptTable) -> Part:
    fitted = build_model("bkt").fit(table).fitted
    values = fitted.of(_practised(table))
    rows = {f"logit_{name}": logit(getattr(values, name)) for name in ("p_init", "p_learn", "guess", "slip")}
    return _over("bkt", "skills", rows)


def _bkt_forgetting(table: AttemptTable) -> Part:
    values: BktParameters = build_model("bkt_forgetting").fit(table).fitted.of(_practised(table))
    return _over("bkt_forgetting", "skills", {"log_forget_rate": np.log(values.forget_rate)})


def _bkt_spreads(table: AttemptTable) -> Part:
    fitted = build_model("bkt_hierarchical").fit(table).parameters().arrays
    return _values("bkt_hierarchical", {"learner_sd": float(fitted["learner_spread"]), "item_sd": float(np.std(fitted["item_shift"]))})


def _core(table: AttemptTable) -> Part:
    fitted = build_model("state_space_irt").fit(table).fitted
    wanted = ("ability_sd", "skill_sd", "gain_right", "gain_wrong", "skill_form_right", "skill_form_wrong", "skill_forgetting", "spacing")
    h: Hyperparameters = fitted.hyperparameters
    spreads = {"difficulty_item_sd": fitted.bank.spreads.item**0.5, "difficulty_skill_sd": fitted.bank.spreads.skill**0.5}
    return _values("state_space_irt", {name: float(getattr(h, name)) for name in wanted} | spreads)


def _slopes(table: AttemptTable) -> tuple[Part, Part]:
    """Of skills, and of learners and items. Modes are drawn together by their priors: their correlations count, with the fitted spreads."""
    found, names, model = fit_slopes(table.codes()), ("ease", "success", "failure"), "PFA, mixed (slopes.py)"
    sd = np.array([found.spreads[name] for name in names])
    covariance = np.corrcoef([found.effects[name] for name in names]) * np.outer(sd, sd)
    success, failure, share = found.means["success_shared"], found.means["failure_shared"], float(np.mean(table.codes().correct))
    mean = [found.means["overall"], success, failure]
    of_skills = {"names": list(names), "mean": _rounded(mean), "covariance": _rounded(covariance)}
    spreads = {f"{name}_sd": found.spreads[name] for name in ("ability", "difficulty", "rate")}
    others = _values(model, spreads | {"mean_slope": share * success + (1.0 - share) * failure})
    return {"model": model, "over": f"{len(found.effects['ease'])} skills"} | of_skills, others


def _windows(table: AttemptTable) -> Part:
    fitted = build_model("das3h").fit(table).parameters().arrays
    of_skills = {f"skill_{name}": row for name, row in zip(WINDOW_FEATURES, (fitted["shared"] + fitted["deviation"]).T, strict=True)}
    return _over("das3h", "skills", of_skills | {"ease": fitted["skill_effect"]})


def _practised(table: AttemptTable) -> tuple[str, ...]:
    codes = table.codes()
    counts = np.bincount(codes.skill, minlength=len(codes.skill_ids))
    return tuple(skill_id for skill_id, count in zip(codes.skill_ids, counts, strict=True) if count >= AT_LEAST)


def _over(model: str, over: str, rows: Mapping[str, Floats]) -> Part:
    values = np.stack(list(rows.values()))
    covariance = np.atleast_2d(np.cov(values))
    return {
        "model": model,
        "over": f"{values.shape[1]} {over}",
        "names": list(rows),
        "mean": _rounded(values.mean(axis=1)),
        "covariance": _rounded(covariance),
    }


def _values(model: str, values: Mapping[str, float]) -> Part:
    return {"model": model, "over": "one value each", "names": list(values), "mean": _rounded(list(values.values()))}


def _rounded(values: Any) -> Any:  # Any: nested lists of numbers
    return np.round(np.asarray(values, dtype=np.float64), 4).tolist()


if __name__ == "__main__":
    raise SystemExit(main())
