"""A log of decisions as a file, a line each (formats page, "Decision"): written, and read with what is wrong told line by line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NoReturn, get_args

from adaptive.domain import Decision, Mode, ShownItem
from adaptive.errors import InvalidInput, Problem
from adaptive.evaluation.off_policy.candidate_columns import candidates_document, candidates_of
from adaptive.protocols import Candidates

__all__ = ["DecisionLog", "LoggedDecision", "Reject", "decision_line", "read_decisions", "write_decisions"]


@dataclass(frozen=True, slots=True, eq=False)
class LoggedDecision:
    """What of a decision off-policy evaluation rests on: who was asked, rank 1 and its propensity, and what could have been shown.

    `row` is the line, from 1. `outcome` has rewards that the log itself tells, by name. `candidates` is None where replay must find them.
    """

    row: int
    decision_id: str
    tenant_id: str
    learner_id: str
    at: datetime
    mode: Mode
    policy_version: str
    model_version: str
    state_version: int | None
    goal_skill_ids: tuple[str, ...]
    exclude_item_ids: tuple[str, ...]
    items_done: int | None
    minutes_left: float | None
    plan_skill_ids: tuple[str, ...]
    pinned_skill_ids: tuple[str, ...]
    zone_item_ids: frozenset[str]
    item_id: str
    propensity: float
    p_correct: float | None
    outcome: Mapping[str, float]
    candidates: Candidates | None


@dataclass(frozen=True, slots=True)
class Reject:
    """A line that is left out, and the rule that it broke."""

    row: int
    problem: Problem


@dataclass(frozen=True, slots=True, eq=False)
class DecisionLog:
    """The sound lines of a file, those rejected, and how many decisions showed nothing."""

    decisions: tuple[LoggedDecision, ...]
    rejects: tuple[Reject, ...]
    n_nothing_shown: int


def decision_line(decision: Decision, candidates: Candidates | None = None) -> dict[str, Any]:  # Any: JSON values
    """The decision under the names of the formats page; with `candidates`, as what the policy saw."""
    line = asdict(decision) | {"at": decision.at.isoformat().replace("+00:00", "Z"), "shown": [_shown(item) for item in decision.shown]}
    return line if candidates is None else line | {"candidates": candidates_document(candidates)}


def write_decisions(lines: Iterable[Mapping[str, Any]], path: Path) -> int:  # Any: JSON values
    """Write a line of JSON each, the whole file or none; how many there were."""
    beside, n_lines = path.with_name(path.name + ".part"), 0
    with beside.open("w", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":"), allow_nan=False) + "\n")
            n_lines += 1
    beside.replace(path)
    return n_lines


def read_decisions(path: Path) -> DecisionLog:
    """The decisions of a file, in its order. Raises InvalidInput where it cannot be read or no line is sound.

    Decisions that showed nothing are counted; lines that break a rule are listed; of an id that comes again the first counts.
    """
    decisions: dict[str, LoggedDecision] = {}
    rejects: list[Reject] = []
    n_nothing_shown = 0
    for row, text in _lines(path):
        try:
            found = _decision(row, text)
            if found is None:
                n_nothing_shown += 1
            elif found.decision_id in decisions:
                _refuse("decision_id", f"an id names one decision, and row {decisions[found.decision_id].row} has it", found.decision_id)
            else:
                decisions[found.decision_id] = found
        except _BrokenRule as broken:
            rejects.append(Reject(row, broken.problem))
    if not decisions:
        counted = f"{len(rejects)} rejected, {n_nothing_shown} that showed nothing"
        first = [reject.problem for reject in rejects[:_MOST_TOLD]]
        lacking = Problem("rows", "at least one line must be a sound decision that showed an item", counted, "export the log again")
        raise InvalidInput(str(path), [lacking, *first])
    return DecisionLog(tuple(decisions.values()), tuple(rejects), n_nothing_shown)


_MOST_TOLD: Final = 5
_WAY_OUT: Final = "correct the line, or export the log again"


class _BrokenRule(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def _refuse(where: str, rule: str, value: object, way_out: str = _WAY_OUT) -> NoReturn:
    raise _BrokenRule(Problem(where, rule, str(value)[:_LONGEST_VALUE], way_out))


_LONGEST_VALUE: Final = 80


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that hold anything, counted from 1."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from ((row, line) for row, line in enumerate(file, start=1) if line.strip())
    except OSError as error:
        rule = "a decision log is a file of one JSON object per line"
        raise InvalidInput(str(path), [Problem("file", rule, error.strerror or str(error), "name an NDJSON file")]) from error


def _decision(row: int, text: str) -> LoggedDecision | None:
    """The decision of a line, None where it showed nothing."""
    try:
        raw = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        raw = None
    if not isinstance(raw, dict):
        _refuse("line", "each line is one JSON object", text.strip())
    shown = _take(raw, "shown", lambda value: value if isinstance(value, list) else None, "a list of shown items by rank")
    if not shown:
        return None
    first = next((item for item in shown if isinstance(item, dict) and item.get("rank", 1) == 1), None)
    if first is None:
        _refuse("shown", "one of the shown items has rank 1", shown)
    mode = _take(raw, "mode", lambda value: value if value in get_args(Mode) else None, f"one of {', '.join(get_args(Mode))}", "learn")
    item_id = _take(first, "item_id", _text, "an id that is not empty")
    zone = _take(raw, "zone_item_ids", _texts, "a list of the items with a probability above 0")
    if item_id not in zone:
        _refuse("zone_item_ids", "the item shown is among those with a probability above 0", item_id)
    return LoggedDecision(
        row=row,
        decision_id=_take(raw, "decision_id", _text, "an id that is not empty"),
        tenant_id=_take(raw, "tenant_id", _text, "an id that is not empty", ""),
        learner_id=_take(raw, "learner_id", _text, "an id that is not empty"),
        at=_take(raw, "at", _instant, "an RFC 3339 time with an offset"),
        mode=mode,
        policy_version=_take(raw, "policy_version", _text, "a version that is not empty", ""),
        model_version=_take(raw, "model_version", _text, "a version that is not empty", ""),
        state_version=_take(raw, "state_version", _count, "a whole number, at least 0", None),
        goal_skill_ids=_take(raw, "goal_skill_ids", _texts, "a list of ids", ()),
        exclude_item_ids=_take(raw, "exclude_item_ids", _texts, "a list of ids", ()),
        items_done=_take(raw, "items_done", _count, "a whole number, at least 0", None),
        minutes_left=_take(raw, "minutes_left", _minutes, "a number of minutes, at least 0", None),
        plan_skill_ids=_take(raw, "plan_skill_ids", _texts, "a list of ids", ()),
        pinned_skill_ids=_take(raw, "pinned_skill_ids", _texts, "a list of ids", ()),
        zone_item_ids=frozenset(zone),
        item_id=item_id,
        propensity=_take(first, "propensity", _chance, "a probability above 0, at most 1"),
        p_correct=_take(first, "p_correct", _chance, "a probability above 0, at most 1", None),
        outcome=_take(raw, "outcome", _outcome, "rewards in [0, 1] by name", {}),
        candidates=_candidates(raw.get("candidates"), mode, item_id),
    )


_REQUIRED: Final = object()


def _take(raw: Mapping[str, Any], name: str, convert: Callable[[Any], Any], rule: str, default: Any = _REQUIRED) -> Any:  # Any: JSON values
    """The converted value of a field; the default where it is absent or null."""
    value = raw.get(name)
    if value is None and default is not _REQUIRED:
        return default
    converted = convert(value)
    if converted is None:
        _refuse(name, f"must be {rule}", "nothing" if value is None else value)
    return converted


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _texts(value: object) -> tuple[str, ...] | None:
    return tuple(value) if isinstance(value, list) and all(isinstance(each, str) for each in value) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _minutes(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None


def _chance(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0.0 < value <= 1.0 else None


def _instant(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def _outcome(value: object) -> dict[str, float] | None:
    """Rewards by name; a null is a reward that was not seen, and words tell none."""
    if isinstance(value, str):
        return {}
    if not isinstance(value, dict):
        return None
    seen = {name: number for name, number in value.items() if number is not None}
    sound = all(isinstance(n, int | float) and not isinstance(n, bool) and 0.0 <= n <= 1.0 for n in seen.values())
    return {name: float(number) for name, number in seen.items()} if sound else None


def _candidates(document: object, mode: Mode, item_id: str) -> Candidates | None:
    if document is None:
        return None
    try:
        candidates = candidates_of(document, mode)  # type: ignore[arg-type] # what is no mapping raises TypeError
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _BrokenRule(Problem("candidates", "must be columns over the candidate items", repr(error), _WAY_OUT)) from error
    if item_id not in candidates.items.item_ids:
        _refuse("candidates", "the item shown is one of the candidates", item_id)
    return candidates


def _shown(item: ShownItem) -> dict[str, Any]:  # Any: JSON values
    """`interval` and `terms`, as the formats page has them."""
    line = asdict(item)
    return line | {"interval": line.pop("p_correct_interval"), "terms": line.pop("reasons")}
