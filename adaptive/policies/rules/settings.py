"""The constants of the rules of a session, each with its source."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RuleSettings"]


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """When each rule of a session applies and what it asks; `session_rules` makes the rules of them.

    >>> RuleSettings(reference_share=0.05).reference_share, RuleSettings().rest_items
    (0.05, 20)
    """

    rest_items: int = 20
    """An item rests until this many others were met (policy page, "The policy")."""
    rest_hours: float = 24.0
    """And this long (policy page, "The policy")."""
    n_failures: int = 2
    """Failures in a row after which an easy item comes (policy page, "The policy")."""
    easy_from: float = 0.80
    """P(correct) from which on an item is easy: after failures, first and last of a session (policy page, "The policy")."""
    minutes_per_item: float = 0.75
    """From one item to the next (45 s, as plans assume): no second item fits into less than two of them, so the next is the last."""
    varied_from: int = 4
    """Attempts on a skill from which on no third item of it comes in a row (policy page, "The policy")."""
    n_cold: int = 6
    """Answers of a learner that are chosen for what they tell as well: the policy page says 5 to 8."""
    cold_lowest: float = 0.40
    """P(correct) of those is at least this (policy page, "The policy")."""
    new_share: float = 0.10
    """Most of the probability of a choice that new items get together (policy page, "The policy")."""
    new_width: float = 0.30
    """A learner is known well enough for a new item where the 90 % interval of expected success on its skills is no wider than this: a
    standard deviation of about .09 (ours; the policy page asks for a small posterior variance)."""
    reference_share: float = 0.0
    """Share of decisions that are uniform reference items; 0 leaves them out. Where switched on, 5 % (policy page, "The policy")."""
