"""What a rule of a session is: what it allows, and how it moves probability among what is allowed."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from adaptive.domain import Reason
from adaptive.policies.rules.session import Session
from adaptive.protocols import Candidates, Floats

__all__ = ["Mask", "Rule", "everywhere"]

Mask = NDArray[np.bool_]


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

    def allowed(self, candidates: Candidates, session: Session) -> Mask:  # noqa: ARG002 - this one allows all
        """(n_items,) or (n_learners, n_items): what may be chosen now. It may be nothing: `RuledPolicy` then relaxes it."""
        return everywhere(candidates)

    def reshaped(self, p_choice: Floats, candidates: Candidates, session: Session) -> Floats:  # noqa: ARG002 - this one leaves it
        """The distribution it makes of `p_choice`, of the same shape; each row sums to what it summed to."""
        return p_choice

    def reason(self, p_before: float, p_after: float) -> Reason | None:  # noqa: ARG002 - this one gives none
        """Why an item is chosen whose probability it moved from `p_before` to `p_after`; None where that says nothing."""
        return None


def everywhere(candidates: Candidates) -> Mask:
    """True for each candidate, of the candidates' shape."""
    return np.ones(candidates.p_mastered.shape, dtype=np.bool_)
