"""An off-policy evaluation as files: ope.json, ope.md, ope.png and rejected.csv, or the reasons why nothing is told."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isnan
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from adaptive.errors import ThinLog
from adaptive.evaluation.off_policy.decision_log import Reject
from adaptive.evaluation.off_policy.estimators import ESTIMATORS, LOGGED
from adaptive.evaluation.off_policy.evaluating import OffPolicySettings, RewardResult
from adaptive.evaluation.off_policy.figure import plot_evaluation
from adaptive.evaluation.off_policy.intervals import Ends, Estimate
from adaptive.evaluation.off_policy.matching import Matched

__all__ = ["OffPolicyEvaluation", "evaluation_document", "evaluation_words", "number_words", "write_off_policy", "write_refusal"]

JSON_FILE: Final = "ope.json"
WORDS_FILE: Final = "ope.md"
FIGURE_FILE: Final = "ope.png"
REJECTS_FILE: Final = "rejected.csv"


@dataclass(frozen=True, slots=True, eq=False)
class OffPolicyEvaluation:
    """One target policy judged on one log."""

    target: str
    target_version: str
    matched: Matched
    n_nothing_shown: int
    results: Mapping[str, RewardResult]
    settings: OffPolicySettings
    notes: tuple[str, ...] = ()


def evaluation_document(made: OffPolicyEvaluation) -> dict[str, Any]:  # Any: JSON values
    """The content of `ope.json`; what is undefined is null."""
    return {
        "refused": False,
        "policy": made.target,
        "policy_version": made.target_version,
        "log": {
            "n_decisions": len(made.matched.choices),
            "n_rejected": len(made.matched.rejects),
            "n_nothing_shown": made.n_nothing_shown,
            "policy_versions": dict(made.matched.policy_versions),
            "model_versions": dict(made.matched.model_versions),
        },
        "notes": list(made.notes),
        "rewards": {name: _result(result) for name, result in made.results.items()},
        "settings": {
            "least_delay_days": made.settings.rewards.least_delay.total_seconds() / _DAY,
            "mastery_within": made.settings.rewards.mastery_within,
            "bounds": asdict(made.settings.bounds),
            "n_folds": made.settings.n_folds,
            "n_replicates": made.settings.n_replicates,
            "seed": made.settings.seed,
        },
    }


def evaluation_words(made: OffPolicyEvaluation) -> str:
    """The content of `ope.md`."""
    return "\n".join(_paragraphs(made)) + "\n"


def write_off_policy(made: OffPolicyEvaluation, out: Path) -> None:
    """Write the four files into the folder `out`, `ope.json` last: where it exists, the rest is whole."""
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as made_in:
        folder = Path(made_in)
        (folder / WORDS_FILE).write_text(evaluation_words(made), encoding="utf-8")
        _write_rejects(made.matched.rejects, folder / REJECTS_FILE)
        plot_evaluation(made.matched, made.results, folder / FIGURE_FILE, title=made.target_version)
        _write_json(evaluation_document(made), folder / JSON_FILE)
        (out / JSON_FILE).unlink(missing_ok=True)
        for path in sorted(folder.iterdir(), key=lambda path: path.name == JSON_FILE):
            path.replace(out / path.name)


def write_refusal(error: ThinLog, target: str, rejects: Sequence[Reject], out: Path) -> None:
    """Write the reasons, and nothing else: estimates that an earlier run left in the folder go."""
    out.mkdir(parents=True, exist_ok=True)
    for name in (JSON_FILE, FIGURE_FILE):
        (out / name).unlink(missing_ok=True)
    _write_rejects(rejects, out / REJECTS_FILE)
    reasons = [f"- {problem}" for problem in error.problems]
    (out / WORDS_FILE).write_text("\n".join([f"# {target}: the log is too thin", "", *reasons]) + "\n", encoding="utf-8")
    _write_json({"refused": True, "policy": target, "reasons": [asdict(problem) for problem in error.problems]}, out / JSON_FILE)


def _result(result: RewardResult) -> dict[str, Any]:  # Any: JSON values
    low, high = result.if_unseen or (None, None)
    return {
        "refused": [asdict(problem) for problem in result.refused],
        "warnings": list(result.warnings),
        "n_unseen": result.n_unseen,
        "seen_difference": result.seen_difference,
        "if_unseen_low": low,
        "if_unseen_high": high,
        "overlap": asdict(result.overlap),
        "estimates": {name: _estimate(each) for name, each in result.estimates.items()},
    }


def _estimate(each: Estimate) -> dict[str, float | None]:
    value, difference = (None if isnan(number) else number for number in (each.value, each.difference))
    document = {"value": value, "standard_error": each.standard_error, "difference": difference}
    for prefix, intervals in (("", each.intervals), ("difference_", each.difference_intervals)):
        for level, ends in intervals.items():
            low, high = ends or (None, None)
            document |= {f"{prefix}low_{level * 100:.0f}": low, f"{prefix}high_{level * 100:.0f}": high}
    return document


def _paragraphs(made: OffPolicyEvaluation) -> Iterator[str]:
    versions = ", ".join(f"{version} ({n:,})" for version, n in made.matched.policy_versions.items())
    yield f"# {made.target_version}, from the log of another policy"
    yield ""
    counted = f"{len(made.matched.rejects)} lines rejected, {made.n_nothing_shown} showed nothing."
    yield f"{len(made.matched.choices):,} decisions by {versions}; {counted}"
    yield "A value is what one choice by the target, then practice as in the log, would have brought at the moments of the log."
    yield from (f"\n**Note.** {note}" for note in made.notes)
    for name, result in made.results.items():
        yield from _about_reward(name, result)


def _about_reward(name: str, result: RewardResult) -> Iterator[str]:
    found = result.overlap
    yield f"\n## {name}\n"
    if result.refused:
        yield "Nothing is told: the log is too thin.\n"
        yield from (f"- {problem}" for problem in result.refused)
        return
    yield "| | value | 95 % | lead over the log | 95 % |"
    yield "|---|---|---|---|---|"
    for estimator in (*ESTIMATORS, LOGGED):
        each = result.estimates[estimator]
        lead = ("", "") if estimator == LOGGED else (number_words(each.difference, "+"), _ends(each.difference_intervals[0.95], "+"))
        yield f"| {estimator} | {number_words(each.value)} | {_ends(each.intervals[0.95])} | {lead[0]} | {lead[1]} |"
    yield ""
    yield f"- {found.n_decisions:,} decisions of {found.n_learners:,} learners have a reward; {result.n_unseen:,} have none (yet)."
    effective = f"{found.effective_decisions:,.0f} decisions of {found.effective_learners:,.0f} learners"
    yield f"- They tell as much as {effective} of the target's own would."
    yield f"- The largest weight is {found.largest_weight:.3g}; {found.unsupported:.1%} of what the target would show, the log never shows."
    if result.if_unseen and result.n_unseen:
        yield f"- Were every reward not seen 0, SNIPS would be {result.if_unseen[0]:.4f}; were it 1, {result.if_unseen[1]:.4f}."
    yield from (f"- **Warning.** {warning}" for warning in result.warnings)


def number_words(value: float, sign: str = "") -> str:
    """Four decimals, or that there is no value.

    >>> number_words(0.5), number_words(0.5, "+"), number_words(float("nan"))
    ('0.5000', '+0.5000', 'undefined')
    """
    return "undefined" if isnan(value) else f"{value:{sign}.4f}"


def _ends(ends: Ends | None, sign: str = "") -> str:
    return "undefined" if ends is None else f"{ends[0]:{sign}.4f} to {ends[1]:{sign}.4f}"


def _write_json(document: Mapping[str, Any], path: Path) -> None:  # Any: JSON values
    path.write_text(json.dumps(document, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def _write_rejects(rejects: Sequence[Reject], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = ((each.row, each.problem.where, each.problem.rule, each.problem.value, each.problem.way_out) for each in rejects)
        csv.writer(file, lineterminator="\n").writerows([("row", "column", "rule", "value", "way_out"), *rows])


_DAY: Final = 86_400.0
