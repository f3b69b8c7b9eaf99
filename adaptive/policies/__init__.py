"""Rules that give each candidate its probability, and the one function that draws."""

from adaptive.policies.drawing import Drawn, draw, draw_slate, take
from adaptive.policies.event import Links, zone_event
from adaptive.policies.expected_gain import ExpectedGainPolicy
from adaptive.policies.labels import LABELS, Label, label_items
from adaptive.policies.registry import DEFAULT_POLICY, POLICIES, build_policy
from adaptive.policies.settings import ZoneSettings, settings_of
from adaptive.policies.threshold import ThresholdPolicy
from adaptive.policies.zone import Zone, find_zone, zone_probability

__all__ = [
    "DEFAULT_POLICY",
    "LABELS",
    "POLICIES",
    "Drawn",
    "ExpectedGainPolicy",
    "Label",
    "Links",
    "ThresholdPolicy",
    "Zone",
    "ZoneSettings",
    "build_policy",
    "draw",
    "draw_slate",
    "find_zone",
    "label_items",
    "settings_of",
    "take",
    "zone_event",
    "zone_probability",
]
