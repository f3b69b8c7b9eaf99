"""Why an item was recommended and the next best one was not, as answers."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field

from adaptive.domain import ShownItem
from adaptive.serving.fields import Answer, Probability

__all__ = ["ReasonTold", "RunnerUpTold", "as_explained"]


class ReasonTold(Answer):
    """One named term of the choice."""

    code: str = Field(description="The term, such as `below_mastery`, `zone` or `prerequisite_gap`.", examples=["zone"])
    weight: float = Field(
        description="What it adds to the score over the mean item that could be drawn, in natural-logarithm units. All reasons of an item "
        "together are its score: exp(score / temperature) goes with its propensity. 0 where the reason weighs all that is left alike."
    )
    value: float = Field(description="What was measured, mostly a probability in [0, 1].")
    text: str = Field(description="The reason in plain words.")


class RunnerUpTold(Answer):
    """The best other item when this one was drawn, and why it was not chosen."""

    item_id: str = Field(description="The other item.")
    skill_ids: list[str] = Field(description="Its skills.")
    propensity: Probability = Field(description="Its probability in the same draw, in [0, 1]; 0 where it could not be chosen.")
    score: float | None = Field(description="Its score in the same draw, in natural-logarithm units; null where it could not be chosen.")
    differences: list[ReasonTold] = Field(
        description="Terms of the item shown less its own, those that spoke against it first, as many as `explain` asks for. "
        "All together are the difference of the two scores, unless its propensity is 0."
    )
    text: str = Field(description="Why it was not chosen, in plain words.")


def as_explained(shown: ShownItem, n: int | None) -> ShownItem:
    """The item with that many reasons (None: all) of each kind."""
    other = shown.runner_up and replace(shown.runner_up, differences=shown.runner_up.differences[:n])
    return replace(shown, reasons=shown.reasons[:n], runner_up=None if n == 0 else other)
