"""What a rule of a session is: what it allows, and how it moves probability among what is allowed."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from adaptive.policies.rules.session import Session
from adaptive.policies.weighing import Mask, Term
from adaptive.protocols import Candidates, Floats

__all__ = ["Mask", "Rule", "everywhere"]


class Rule:
    """A frozen value with a name; its fields are its constants. A rule overrides what it needs; arrays end with the item axis.

    All methods are pure. A rule with nothing to say of a moment allows everything and gives the distribution back.
    """

    __slots__ = ()
    name: ClassVar[str]
    needs_all: ClassVar[bool] = False
    """Whether it asks for all open items, where the policy could do with those of the best kinds."""
    text: ClassVar[str] = ""
    """What it did, in plain words, where it left something out."""
    takes_mastered: ClassVar[bool] = False
    """Whether a mastered item will do rather than one that breaks the rule, where no open item keeps it."""
    code: ClassVar[str] = "variety"
    """Of the term that says what it made of a distribution."""

    def allowed(self, candidates: Candidates, session: Session) -> Mask:  # noqa: ARG002 - this one allows all
        """(n_items,) or (n_learners, n_items): what may be chosen now. It may be nothing: `RuledPolicy` then relaxes it."""
        return everywhere(candidates)

    def reshaped(self, p_choice: Floats, candidates: Candidates, session: Session) -> Floats:  # noqa: ARG002 - this one leaves it
        """The distribution it makes of `p_choice`, of the same shape; each row sums to what it summed to."""
        return p_choice

    def term(self, before: Floats, after: Floats, temperature: float) -> Term | None:
        """What `reshaped` added to the score of each item, (n_items,), in making `after` of `before`; None where that is chance."""
        moved = (before > 0.0) & (after > 0.0)
        lift = np.divide(after, before, out=np.ones_like(after), where=moved)
        return Term(self.code, temperature * np.log(lift), moved, lift, self.told)

    def chance(self, before: Floats, after: Floats, p_chance: Floats) -> Floats:  # noqa: ARG002 - this one leaves it
        """The share of `after` that comes from even draws, where `p_chance` of `before` did; all (n_items,)."""
        return p_chance

    def told(self, lift: float) -> str:
        """In plain words, that it multiplied an item's probability by `lift`."""
        return f"Others come {'less' if lift > 1.0 else 'more'} often in its place, by the rule {self.name}."


def everywhere(candidates: Candidates) -> Mask:
    """True for each candidate, of the candidates' shape."""
    return np.ones(candidates.p_mastered.shape, dtype=np.bool_)
