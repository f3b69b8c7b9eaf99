"""Policies by name: the one place where a name becomes a policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from adaptive.errors import InvalidInput, Problem, unknown_name
from adaptive.policies.even import EvenPolicy
from adaptive.policies.expected_gain import ExpectedGainPolicy
from adaptive.policies.one_mode import DiagnosticPolicy, ReviewPolicy
from adaptive.policies.thompson import ThompsonPolicy
from adaptive.policies.threshold import ThresholdPolicy
from adaptive.policies.weighing import Weigher

__all__ = ["DEFAULT_POLICY", "POLICIES", "build_policy"]


def _zoned(policy: type[ThresholdPolicy]) -> Callable[..., Weigher]:
    """How it is made from fields of `ZoneSettings` in the place of its own."""
    return lambda **settings: policy(settings=replace(policy().settings, **settings))


_ZONED: Final = (ThresholdPolicy, ExpectedGainPolicy, ThompsonPolicy, ReviewPolicy, DiagnosticPolicy)

POLICIES: Final[Mapping[str, Callable[..., Weigher]]] = MappingProxyType(
    {**{policy.name: _zoned(policy) for policy in _ZONED}, EvenPolicy.name: EvenPolicy}
)
"""Every policy that may serve, by name: how it is made from its parameters."""

DEFAULT_POLICY: Final = ExpectedGainPolicy.name


def build_policy(name: str, parameters: Mapping[str, Any] = MappingProxyType({})) -> Weigher:  # Any: JSON values
    """The policy of that name, with these fields of `ZoneSettings` in the place of its own; `random` has none.

    Raises UnknownName, InvalidInput.

    >>> build_policy("expected_gain", {"target": 0.6}).version == build_policy("expected_gain").version
    False
    >>> build_policy("greedy")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    adaptive.errors.UnknownName: Unknown policy 'greedy'. Known: diagnostic, expected_gain, ...
    """
    if name not in POLICIES:
        raise unknown_name("policy", name, POLICIES)
    try:
        return POLICIES[name](**parameters)
    except TypeError as error:
        rule = "parameters are fields of the zone's settings, and random has none"
        raise InvalidInput(f"policy {name!r}", [Problem("parameters", rule, str(dict(parameters)), f"correct them ({error})")]) from error
