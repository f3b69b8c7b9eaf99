"""Rules that give each candidate its probability, and the one function that draws."""

from adaptive.policies.drawing import Drawn, draw_slate, take
from adaptive.policies.settings import ZoneSettings
from adaptive.policies.threshold import ThresholdPolicy
from adaptive.policies.zone import Zone, find_zone, zone_probability

__all__ = ["Drawn", "ThresholdPolicy", "Zone", "ZoneSettings", "draw_slate", "find_zone", "take", "zone_probability"]
