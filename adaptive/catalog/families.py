"""Item families: programs that write questions of one kind, as many as are wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b
from itertools import cycle, islice
from math import sqrt
from random import Random
from typing import Final, Protocol

from adaptive.domain import Item
from adaptive.errors import InvalidInput, Problem

__all__ = ["SPREAD_RIT", "ItemFamily", "Question", "QuestionFamily", "draw_items", "effort", "product_effort", "wrong_answers"]

SPREAD_RIT: Final = 4.0
"""How far the hardest and the easiest question of a family lie from the skill's typical one, in RIT (ours: .4 logits)."""

N_DRAWS: Final = 1_000
"""Draws in a row without a new question after which a family counts as exhausted."""


class ItemFamily(Protocol):
    """A source of items of one kind for one skill."""

    @property
    def family_id(self) -> str:
        """Stable name, unique within a catalogue."""

    @property
    def skill_id(self) -> str:
        """The skill that its items exercise."""

    def generate(self, rng: Random) -> Item:
        """A question with its exact answer; equal questions are equal items, whatever the generator's state."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a family asks: `wrong` are answers that common errors give (empty: the answer is free); `hint` is one worked line.

    `effort` in [-1, 1] is how demanding its numbers are within the family.
    """

    text: str
    answer: str
    hint: str
    wrong: tuple[str, ...] = ()
    effort: float = 0.0


@dataclass(frozen=True, slots=True)
class QuestionFamily:
    """A family that is one function. `difficulty` is that of the skill's typical item, on the RIT scale.

    The item's id and the order of its options depend on the question alone, so that a catalogue drawn anew knows an
    item that it held before.

    >>> family = QuestionFamily("doubles.plain", "doubles", lambda rng: Question("What is 2 + 2?", "4", "Count on from 2."), 150.0)
    >>> item = family.generate(Random(0))
    >>> item.item_id, item.text, item.answer, item.difficulty
    ('doubles.plain.9032b776', 'What is 2 + 2?', '4', 150.0)
    """

    family_id: str
    skill_id: str
    ask: Callable[[Random], Question]
    difficulty: float | None = None

    def generate(self, rng: Random) -> Item:
        """One question as an item."""
        question = self.ask(rng)
        return Item(
            item_id=f"{self.family_id}.{_digest(question.text)}",
            skill_ids=(self.skill_id,),
            family_id=self.family_id,
            difficulty=None if self.difficulty is None else round(self.difficulty + SPREAD_RIT * question.effort, 2),
            options=_shuffled(question) if question.wrong else (),
            text=question.text,
            answer=question.answer,
            hint=question.hint,
        )


def draw_items(families: Sequence[ItemFamily], n_items: int, rng: Random) -> tuple[Item, ...]:
    """That many different questions, from each family in turn. Raises InvalidInput where a family has no more.

    >>> from adaptive.catalog.mathematics import mathematics_families
    >>> facts = [family for family in mathematics_families() if family.skill_id == "multiplication-facts"]
    >>> len({item.text for item in draw_items(facts, 20, Random(0))})
    20
    """
    texts: set[str] = set()
    return tuple(_new_item(family, texts, rng) for family in islice(cycle(families), n_items))


def effort(value: float, easiest: float, hardest: float) -> float:
    """Where the value lies from easiest (-1) to hardest (1), kept within.

    >>> effort(30, 0, 40), effort(50, 0, 40)
    (0.5, 1.0)
    """
    return max(-1.0, min(1.0, 2.0 * (value - easiest) / (hardest - easiest) - 1.0))


def product_effort(value: float, easiest: float, hardest: float) -> float:
    """Effort of a product: linear in its root, which spreads products of evenly drawn factors evenly about 0.

    >>> round(product_effort(36, 4, 100), 6)
    0.0
    """
    return effort(sqrt(value), sqrt(easiest), sqrt(hardest))


def wrong_answers(answer: str, *candidates: str, n: int = 3) -> tuple[str, ...]:
    """The first n candidates that differ in value from the answer and from each other, likeliest error first.

    >>> wrong_answers("3/4", "6/8", "2/3", "4/6", "1/4", "0.5")
    ('2/3', '1/4', '0.5')
    """
    chosen = {_value(answer): answer}
    for candidate in candidates:
        chosen.setdefault(_value(candidate), candidate)
    return tuple(islice(chosen.values(), 1, n + 1))


def _new_item(family: ItemFamily, texts: set[str], rng: Random) -> Item:
    """A question whose text is not among `texts`; it is added."""
    for _ in range(N_DRAWS):
        item = family.generate(rng)
        if item.text not in texts:
            texts.add(item.text)
            return item
    rule = f"a family writes a new question within {N_DRAWS} draws"
    raise InvalidInput("catalogue", [Problem(f"family {family.family_id!r}", rule, f"{len(texts)} questions drawn", "ask for fewer items")])


def _shuffled(question: Question) -> tuple[str, ...]:
    return tuple(sorted((question.answer, *question.wrong), key=lambda option: _digest(question.text + option)))


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=4).hexdigest()


def _value(text: str) -> Fraction | str:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return text
