"""What the rules of a session may know of it: filled by the engine from a learner's state, and by the laboratory from its arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace

from adaptive.protocols import Floats, Ints

__all__ = ["Place", "Session"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a practice session the next item stands, as far as the caller says; None: unknown.

    >>> Place(items_done=0).is_first, Place(minutes_left=2.0).is_last(0.75), Place(minutes_left=2.0).after(1, 0.75).is_last(0.75)
    (True, False, True)
    """

    items_done: int | None = None
    minutes_left: float | None = None

    @property
    def is_first(self) -> bool:
        """Whether the next item is known to be the session's first."""
        return self.items_done == 0

    def is_last(self, minutes_per_item: float) -> bool:
        """Whether no second item fits into what is left."""
        return self.minutes_left is not None and self.minutes_left < 2.0 * minutes_per_item

    def after(self, n_items: int, minutes_per_item: float) -> Place:
        """The place that many items on."""
        done = None if self.items_done is None else self.items_done + n_items
        return Place(done, None if self.minutes_left is None else self.minutes_left - n_items * minutes_per_item)


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """One learner's, or those of learners at once who are at the same `place`.

    Of each learner, () or (n_learners, 1): `n_answered` attempts that are evidence, and `n_failures` of them in a row that scored below
    half, up to the last. Of each candidate, (n_items,) or (n_learners, n_items): `items_since` and `hours_since` it was met (1 is the last
    item; large, or infinite, where it never was), `run_attempts` on the most practised of those of its skills that both of the last two
    items exercised (0: none), and `width` of the widest 90 % interval of expected success on its skills.
    """

    place: Place
    n_answered: Ints
    n_failures: Ints
    items_since: Ints
    hours_since: Floats
    run_attempts: Ints
    width: Floats

    def take(self, index: Ints) -> Session:
        """The session as the candidates at `index` (n_taken,) see it."""
        return replace(
            self,
            items_since=self.items_since[..., index],
            hours_since=self.hours_since[..., index],
            run_attempts=self.run_attempts[..., index],
            width=self.width[..., index],
        )
