"""Rules that give each candidate its probability, and the one function that draws."""

from adaptive.policies.drawing import Drawn, draw, draw_slate, take
from adaptive.policies.event import Links, zone_event, zone_of_kinds
from adaptive.policies.expected_gain import ExpectedGainPolicy
from adaptive.policies.labels import LABELS, Label, label_items
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
from adaptive.policies.settings import ZoneSettings, settings_of
from adaptive.policies.shortlist import Shortlist
from adaptive.policies.threshold import ThresholdPolicy
from adaptive.policies.zone import Zone, find_zone, zone_probability

__all__ = [
    "DEFAULT_POLICY",
    "LABELS",
    "POLICIES",
    "ColdStart",
    "Drawn",
    "EasyAfterFailures",
    "EasyEnds",
    "ExpectedGainPolicy",
    "Exposure",
    "Label",
    "Links",
    "NewItems",
    "NoRepeat",
    "Place",
    "Reference",
    "Rule",
    "RuleSettings",
    "RuledPolicy",
    "Session",
    "Shortlist",
    "ThresholdPolicy",
    "Variety",
    "Zone",
    "ZoneSettings",
    "build_policy",
    "draw",
    "draw_slate",
    "find_zone",
    "in_session",
    "label_items",
    "session_rules",
    "settings_of",
    "take",
    "with_draws",
    "zone_event",
    "zone_of_kinds",
    "zone_probability",
]
