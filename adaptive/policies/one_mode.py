"""Policies of one purpose, whatever mode is asked for: to keep what is mastered, and to find out where the learner stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from adaptive.domain import Mode
from adaptive.policies.expected_gain import ExpectedGainPolicy
from adaptive.protocols import Policy

__all__ = ["DiagnosticPolicy", "ReviewPolicy", "mode_for"]


@dataclass(frozen=True, slots=True)
class ReviewPolicy(ExpectedGainPolicy):
    """What is mastered and nearest to being forgotten: softmax of the log of what a review adds at the horizon, by the model.

    As spaced repetition has it, with the model's own forgetting in the place of a schedule. Where the model cannot tell gain, the
    mastered item whose P(correct) is nearest the target; where nothing is mastered, an item to learn from.
    """

    name: ClassVar[str] = "review"
    mode: ClassVar[Mode | None] = "review"


@dataclass(frozen=True, slots=True)
class DiagnosticPolicy(ExpectedGainPolicy):
    """What tells most: softmax of the log of the information in the answer, in nats, over items of at least `lowest_p_correct`.

    Where the model has no posterior, of (high - low) p (1 - p).
    """

    name: ClassVar[str] = "diagnostic"
    mode: ClassVar[Mode | None] = "diagnostic"


def mode_for(policy: Policy, asked: Mode) -> Mode:
    """The mode that the policy decides in where that one is asked: its own, if it has one."""
    own: Mode | None = getattr(policy, "mode", None)
    return own or asked
