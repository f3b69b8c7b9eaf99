"""Rules of mastery: what a learner has earned and when to look again, kept apart from what is estimated."""

from adaptive.mastery.ability_cut import AbilityCut
from adaptive.mastery.bkt_threshold import BktThreshold
from adaptive.mastery.bounded_score import BoundedScore
from adaptive.mastery.competency import Competency
from adaptive.mastery.delayed_check import DelayedCheck
from adaptive.mastery.estimates import Ability, Estimate, Recall, TwoStateFit
from adaptive.mastery.evidence import Evidence, Occasion, occasion_of
from adaptive.mastery.goal import GoalMastery, GoalStatus
from adaptive.mastery.khan_levels import KhanLevels, course_percentage
from adaptive.mastery.points import Points
from adaptive.mastery.registry import RULES, AnyRule, build_rule, describe
from adaptive.mastery.retention import Retention
from adaptive.mastery.rule import MasteryRule, level_changes, stand
from adaptive.mastery.standing import Level, Review, Standing
from adaptive.mastery.streak import SKILL_BUILDER, Streak

__all__ = [
    "RULES",
    "SKILL_BUILDER",
    "Ability",
    "AbilityCut",
    "AnyRule",
    "BktThreshold",
    "BoundedScore",
    "Competency",
    "DelayedCheck",
    "Estimate",
    "Evidence",
    "GoalMastery",
    "GoalStatus",
    "KhanLevels",
    "Level",
    "MasteryRule",
    "Occasion",
    "Points",
    "Recall",
    "Retention",
    "Review",
    "Standing",
    "Streak",
    "TwoStateFit",
    "build_rule",
    "course_percentage",
    "describe",
    "level_changes",
    "occasion_of",
    "stand",
]
