"""When a delayed reward counts, as options."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from adaptive.errors import InvalidInput, Problem

if TYPE_CHECKING:
    from adaptive.evaluation.off_policy import RewardSettings

__all__ = ["DelayOption", "WithinOption", "reward_settings"]

DelayOption = Annotated[
    float, typer.Option("--least-delay-days", metavar="D", help="For delayed_correct: how much later the answer comes.")
]
WithinOption = Annotated[int, typer.Option("--mastery-within", metavar="N", help="For mastery: within so many answers of the learner.")]


def reward_settings(least_delay_days: float, mastery_within: int) -> RewardSettings:
    """The settings that the two options name. Raises InvalidInput."""
    from adaptive.evaluation.off_policy import RewardSettings

    try:
        delay = timedelta(days=least_delay_days)
    except (OverflowError, ValueError) as error:
        problem = Problem("--least-delay-days", "a delay is a number of days", str(least_delay_days), "1 is usual")
        raise InvalidInput("command line", [problem]) from error
    return RewardSettings(delay, mastery_within)
