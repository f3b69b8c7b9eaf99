"""Logged decisions beside what the target policy would have done, and beside what came of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from adaptive.errors import InvalidInput, Problem
from adaptive.evaluation.off_policy.choices import Choices
from adaptive.evaluation.off_policy.decision_log import DecisionLog, LoggedDecision, Reject
from adaptive.evaluation.off_policy.features import candidate_features
from adaptive.evaluation.off_policy.replaying import Choice, Replay
from adaptive.evaluation.off_policy.rewards import NOT_SEEN, REWARDS, RewardSettings
from adaptive.evaluation.progress import Progress, silent
from adaptive.protocols import Candidates, Floats, Policy

__all__ = ["Matched", "match"]

_TOLERANCE = 1e-6
"""Of a distribution's sum."""


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """The choices, their rewards by name, each (n,) with NaN where not seen, and what was left out and why.

    `policy_versions` and `model_versions` count the decisions that each made.
    """

    choices: Choices
    rewards: Mapping[str, Floats]
    rejects: tuple[Reject, ...]
    policy_versions: Mapping[str, int]
    model_versions: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    decision: LoggedDecision
    p_target: float
    unsupported: float
    features: Floats
    target_features: Floats
    rewards: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    target: Policy
    rewards: tuple[str, ...]
    settings: RewardSettings


def match(
    log: DecisionLog,
    target: Policy,
    rewards: tuple[str, ...],
    settings: RewardSettings,
    *,
    replay: Replay | None = None,
    progress: Progress = silent,
) -> Matched:
    """Each decision's row; those that cannot be matched join the log's rejects. Raises InvalidInput where none can.

    With `replay` the rewards come from the attempts, and the candidates too where a line carries none; without, from the lines alone.
    """
    wanted, rejects, rows = _Wanted(target, rewards, settings), list(log.rejects), list[_Row]()
    learners = _by_learner(log.decisions)
    for done, decisions in enumerate(learners):
        progress("matching decisions", done, len(learners))
        for found in _of_learner(decisions, wanted, replay):
            (rows if isinstance(found, _Row) else rejects).append(found)  # type: ignore[arg-type] # each into its own list
    progress("matching decisions", len(learners), len(learners))
    rejects.sort(key=lambda reject: reject.row)
    if not rows:
        raise InvalidInput("decision log", [reject.problem for reject in rejects[:_MOST_TOLD]])
    return _columns(rows, rewards, tuple(rejects))


_MOST_TOLD = 5


def _by_learner(decisions: Sequence[LoggedDecision]) -> list[list[LoggedDecision]]:
    groups: dict[tuple[str, str], list[LoggedDecision]] = {}
    for decision in decisions:
        groups.setdefault((decision.tenant_id, decision.learner_id), []).append(decision)
    return list(groups.values())


def _of_learner(decisions: Sequence[LoggedDecision], wanted: _Wanted, replay: Replay | None) -> Iterator[_Row | Reject]:
    practised = replay.practised(decisions[0].tenant_id, decisions[0].learner_id) if replay else None
    for decision, choice in _with_candidates(decisions, replay):
        if isinstance(choice, Problem):
            yield Reject(decision.row, choice)
            continue
        candidates = choice.candidates
        index = candidates.items.item_ids.index(decision.item_id)
        if practised is None:
            seen = tuple(decision.outcome.get(name, NOT_SEEN) for name in wanted.rewards)
        else:
            skills = frozenset(candidates.items.skill_ids[index])
            seen = tuple(REWARDS[name](practised, decision.at, skills, wanted.settings) for name in wanted.rewards)
        p_target = wanted.target.probabilities(candidates) if choice.p_target is None else choice.p_target  # (n_items,)
        yield _row(decision, candidates, index, _checked(p_target, len(candidates.items), decision, wanted.target), seen)


def _with_candidates(decisions: Sequence[LoggedDecision], replay: Replay | None) -> Iterator[tuple[LoggedDecision, Choice | Problem]]:
    """Candidates that lines carry, then those replayed: all, where the target's rules are asked for, which no line carries."""
    is_ruled = replay is not None and replay.ruled
    yield from ((each, Choice(each.candidates)) for each in decisions if each.candidates is not None and not is_ruled)
    bare = [each for each in decisions if each.candidates is None or is_ruled]
    if replay is not None and bare:
        yield from replay.candidates(bare)
    elif bare:
        yield from ((each, _NO_CANDIDATES) for each in bare)


_NO_CANDIDATES = Problem(
    "candidates",
    "what could have been shown is carried by the line, or found again by replay",
    "nothing",
    "name the attempts (--attempts or --db) with the model and catalogue, or export the log with candidates",
)


def _checked(p: Floats, n_items: int, decision: LoggedDecision, target: Policy) -> Floats:
    if p.shape != (n_items,) or not np.all(p >= 0.0) or abs(float(p.sum()) - 1.0) > _TOLERANCE:
        rule = "a policy's probabilities are at least 0 and sum to 1"
        found = Problem(f"decision {decision.decision_id!r}", rule, f"sum {p.sum():.6g}, least {p.min():.3g}", "correct the policy")
        raise InvalidInput(f"policy {target.version!r}", [found])
    return p


def _row(decision: LoggedDecision, candidates: Candidates, index: int, p: Floats, rewards: tuple[float, ...]) -> _Row:
    features = candidate_features(candidates)
    could_be_shown = np.array([item_id in decision.zone_item_ids for item_id in candidates.items.item_ids])
    return _Row(decision, float(p[index]), float(np.sum(p[~could_be_shown])), features[index], p @ features, rewards)


def _columns(rows: Sequence[_Row], rewards: tuple[str, ...], rejects: tuple[Reject, ...]) -> Matched:
    codes: dict[tuple[str, str], int] = {}
    learner = [codes.setdefault((row.decision.tenant_id, row.decision.learner_id), len(codes)) for row in rows]
    choices = Choices(
        learner=np.array(learner, dtype=np.int64),
        propensity=np.array([row.decision.propensity for row in rows]),
        p_target=np.array([row.p_target for row in rows]),
        unsupported=np.array([row.unsupported for row in rows]),
        features=np.array([row.features for row in rows]),
        target_features=np.array([row.target_features for row in rows]),
    )
    return Matched(
        choices=choices,
        rewards={name: np.array([row.rewards[n] for row in rows]) for n, name in enumerate(rewards)},
        rejects=rejects,
        policy_versions=Counter(row.decision.policy_version or "not told" for row in rows),
        model_versions=Counter(row.decision.model_version or "not told" for row in rows),
    )
