"""Rules of a practice session as objects around any policy: each a frozen value, taken in a stated order, the last relaxed first."""

from adaptive.policies.rules.cold_start import ColdStart
from adaptive.policies.rules.exposure import Exposure
from adaptive.policies.rules.limits import EasyAfterFailures, EasyEnds, NoRepeat, Variety
from adaptive.policies.rules.new_items import NewItems
from adaptive.policies.rules.reference import Reference
from adaptive.policies.rules.rule import Rule
from adaptive.policies.rules.ruled import Limited, RuledPolicy, in_session, session_rules
from adaptive.policies.rules.session import Place, Session
from adaptive.policies.rules.settings import RuleSettings

__all__ = [
    "ColdStart",
    "EasyAfterFailures",
    "EasyEnds",
    "Exposure",
    "Limited",
    "NewItems",
    "NoRepeat",
    "Place",
    "Reference",
    "Rule",
    "RuleSettings",
    "RuledPolicy",
    "Session",
    "Variety",
    "in_session",
    "session_rules",
]
