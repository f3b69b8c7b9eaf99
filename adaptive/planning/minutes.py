"""Minutes to mastery: what a planner must know of practice, and the settings under which practice is simulated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from adaptive.domain import PROMOTE_AT
from adaptive.protocols import Floats, Ints, Mastery

__all__ = ["MinutesFunction", "MinutesToMastery", "PracticeSettings", "minutes_to_mastery"]


@dataclass(frozen=True, slots=True)
class PracticeSettings:
    """How practice is simulated.

    >>> PracticeSettings().seconds_per_item
    45.0
    """

    seconds_per_item: float = 45.0
    """From seeing an item to seeing the next: an assumption, printed with each forecast."""
    min_attempts: int = 3
    """Mastery is not declared on fewer (mastery page, `bkt_threshold`)."""
    max_attempts: int = 60
    """A simulated learner who is not there by then counts as one who does not reach mastery."""
    n_learners: int = 50
    """Simulated from each starting point of each skill."""
    seed: int = 0

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What a forecast that rests on these settings must say."""
        return (
            f"An item takes {self.seconds_per_item:g} seconds.",
            f"A skill counts as mastered at P(mastered) >= {PROMOTE_AT:g} after at least {self.min_attempts} attempts.",
            f"Whoever would need more than {self.max_attempts} attempts is counted as not reaching it.",
        )


@dataclass(frozen=True, slots=True, eq=False)
class MinutesToMastery:
    """Per skill: equally likely minutes, sorted, (n_skills, n); and P(reaching mastery at all), (n_skills,).

    The last (1 - p_reached) of a row stand for those who do not reach it, at the cap.
    """

    minutes: Floats
    p_reached: Floats
    assumptions: tuple[str, ...] = ()

    def quantiles(self, *levels: float) -> Floats:
        """Minutes at those levels, (n_skills, n_levels)."""
        found: Floats = np.quantile(self.minutes, levels, axis=1).T
        return found

    def and_never(self, n_skills: int) -> MinutesToMastery:
        """These, and so many skills more that nobody reaches.

        >>> MinutesToMastery(np.ones((1, 4)), np.ones(1)).and_never(1).p_reached.tolist()
        [1.0, 0.0]
        """
        never = np.zeros((n_skills, self.minutes.shape[1]))
        return replace(self, minutes=np.vstack([self.minutes, never]), p_reached=np.append(self.p_reached, np.zeros(n_skills)))


MinutesFunction = Callable[[Mastery], MinutesToMastery]
"""What a planner asks of the learner model: minutes to mastery from what is known of each skill."""


def minutes_to_mastery(attempts: Ints, settings: PracticeSettings) -> MinutesToMastery:
    """Sorted attempts of simulated learners, (n_skills, n), as minutes.

    >>> found = minutes_to_mastery(np.array([[1, 4, 8, -1]]), PracticeSettings(seconds_per_item=60.0, max_attempts=20))
    >>> found.minutes.tolist(), found.p_reached.tolist()
    ([[3.0, 4.0, 8.0, 20.0]], [0.75])
    """
    reached = attempts >= 0
    needed = np.where(reached, np.maximum(attempts, settings.min_attempts), settings.max_attempts)
    return MinutesToMastery(needed * settings.seconds_per_item / 60.0, reached.mean(axis=1), settings.assumptions)
