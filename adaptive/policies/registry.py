"""Policies by name: the one place where a name becomes a policy."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from adaptive.errors import InvalidInput, Problem, unknown_name
from adaptive.policies.expected_gain import ExpectedGainPolicy
from adaptive.policies.settings import ZoneSettings
from adaptive.policies.threshold import ThresholdPolicy

__all__ = ["DEFAULT_POLICY", "POLICIES", "build_policy"]

POLICIES: Final[Mapping[str, type[ThresholdPolicy]]] = MappingProxyType(
    {policy.name: policy for policy in (ThresholdPolicy, ExpectedGainPolicy)}
)
"""Every policy that may serve, by name."""

DEFAULT_POLICY: Final = ThresholdPolicy.name


def build_policy(name: str, parameters: Mapping[str, Any] = MappingProxyType({})) -> ThresholdPolicy:  # Any: JSON values
    """The policy of that name, with these fields of `ZoneSettings` in the place of its own. Raises UnknownName, InvalidInput.

    >>> build_policy("expected_gain", {"target": 0.6}).settings.target
    0.6
    >>> build_policy("greedy")
    Traceback (most recent call last):
    adaptive.errors.UnknownName: Unknown policy 'greedy'. Known: expected_gain, threshold; use one of the known names.
    """
    if name not in POLICIES:
        raise unknown_name("policy", name, POLICIES)
    try:
        return POLICIES[name](settings=ZoneSettings(**parameters))
    except TypeError as error:
        rule = "parameters are fields of the zone's settings"
        raise InvalidInput(f"policy {name!r}", [Problem("parameters", rule, str(dict(parameters)), f"correct them ({error})")]) from error
