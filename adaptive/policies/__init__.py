"""Rules that give each candidate its probability, and the one function that draws."""

from adaptive.policies.drawing import Drawn, draw, draw_slate, take
from adaptive.policies.even import EvenPolicy
from adaptive.policies.event import Links, p_gain, worth_of_kinds, zone_event, zone_of_kinds
from adaptive.policies.expected_gain import ExpectedGainPolicy
from adaptive.policies.explaining import reasons_for, runner_up_to
from adaptive.policies.labels import LABELS, Label, label_items
from adaptive.policies.one_mode import DiagnosticPolicy, ReviewPolicy, mode_for
from adaptive.policies.outlook import with_draws
from adaptive.policies.registry import DEFAULT_POLICY, POLICIES, build_policy
from adaptive.policies.rules import (
    ColdStart,
    EasyAfterFailures,
    EasyEnds,
    Exposure,
    NewItems,
    NoRepeat,
    Place,
    Reference,
    Rule,
    RuledPolicy,
    RuleSettings,
    Session,
    Variety,
    in_session,
    session_rules,
)
from adaptive.policies.settings import GAIN_SETTINGS, ZoneSettings, settings_of
from adaptive.policies.shortlist import Shortlist
from adaptive.policies.thompson import ThompsonPolicy, needs_draws
from adaptive.policies.threshold import ThresholdPolicy
from adaptive.policies.weighing import Term, Weigher, Weighing, weigh
from adaptive.policies.zone import Zone, find_zone, zone_probability

__all__ = [
    "DEFAULT_POLICY",
    "GAIN_SETTINGS",
    "LABELS",
    "POLICIES",
    "ColdStart",
    "DiagnosticPolicy",
    "Drawn",
    "EasyAfterFailures",
    "EasyEnds",
    "EvenPolicy",
    "ExpectedGainPolicy",
    "Exposure",
    "Label",
    "Links",
    "NewItems",
    "NoRepeat",
    "Place",
    "Reference",
    "ReviewPolicy",
    "Rule",
    "RuleSettings",
    "RuledPolicy",
    "Session",
    "Shortlist",
    "Term",
    "ThompsonPolicy",
    "ThresholdPolicy",
    "Variety",
    "Weigher",
    "Weighing",
    "Zone",
    "ZoneSettings",
    "build_policy",
    "draw",
    "draw_slate",
    "find_zone",
    "in_session",
    "label_items",
    "mode_for",
    "needs_draws",
    "p_gain",
    "reasons_for",
    "runner_up_to",
    "session_rules",
    "settings_of",
    "take",
    "weigh",
    "with_draws",
    "worth_of_kinds",
    "zone_event",
    "zone_of_kinds",
    "zone_probability",
]
