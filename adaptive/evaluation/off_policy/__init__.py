"""What a policy that was never in use would have brought, from the log of one that was."""

from adaptive.evaluation.off_policy.choices import Choices
from adaptive.evaluation.off_policy.decision_log import DecisionLog, LoggedDecision, Reject, decision_line, read_decisions, write_decisions
from adaptive.evaluation.off_policy.estimators import ESTIMATORS, LOGGED, reward_models, values
from adaptive.evaluation.off_policy.evaluating import OffPolicySettings, RewardResult, evaluate_reward, evaluate_rewards
from adaptive.evaluation.off_policy.exporting import complete_lines, stored_lines
from adaptive.evaluation.off_policy.intervals import LEVELS, Ends, Estimate, estimate
from adaptive.evaluation.off_policy.matching import Matched, match
from adaptive.evaluation.off_policy.overlap import LogBounds, Overlap, overlap, too_thin, warnings
from adaptive.evaluation.off_policy.replaying import Replay, store_of
from adaptive.evaluation.off_policy.report import (
    OffPolicyEvaluation,
    evaluation_document,
    evaluation_words,
    number_words,
    write_off_policy,
    write_refusal,
)
from adaptive.evaluation.off_policy.rewards import REWARDS, PractisedLearner, RewardSettings, require_rewards
from adaptive.evaluation.off_policy.sums import LearnerSums, learner_sums
from adaptive.evaluation.off_policy.targets import target_policy

__all__ = [
    "ESTIMATORS",
    "LEVELS",
    "LOGGED",
    "REWARDS",
    "Choices",
    "DecisionLog",
    "Ends",
    "Estimate",
    "LearnerSums",
    "LogBounds",
    "LoggedDecision",
    "Matched",
    "OffPolicyEvaluation",
    "OffPolicySettings",
    "Overlap",
    "PractisedLearner",
    "Reject",
    "Replay",
    "RewardResult",
    "RewardSettings",
    "complete_lines",
    "decision_line",
    "estimate",
    "evaluate_reward",
    "evaluate_rewards",
    "evaluation_document",
    "evaluation_words",
    "learner_sums",
    "match",
    "number_words",
    "overlap",
    "read_decisions",
    "require_rewards",
    "reward_models",
    "store_of",
    "stored_lines",
    "target_policy",
    "too_thin",
    "values",
    "warnings",
    "write_decisions",
    "write_off_policy",
    "write_refusal",
]
