"""Exposure control: no item is shown far oftener than the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from adaptive.policies.rules.rule import Rule
from adaptive.policies.rules.session import Session
from adaptive.protocols import Candidates, Floats

__all__ = ["Exposure"]


@dataclass(frozen=True, slots=True)
class Exposure(Rule):
    """An item once selected is shown with probability K, else the selection is repeated: Sympson & Hetter (1985).

    So its propensity is exactly p K / sum of p K. `passes` are (item_id, K) with K in (0, 1], sorted; an item without one has 1.
    They are found beforehand, from simulated or logged decisions (`of_shares`), and are part of the version: a count that moves with each
    decision could not be had again when a decision is repeated.
    """

    name: ClassVar[str] = "exposure"
    passes: tuple[tuple[str, float], ...]

    @classmethod
    def of_shares(cls, shares: Mapping[str, float], most: float) -> Exposure:
        """K = min(1, most / share), for items whose share of decisions in a run without control is given; all in (0, 1].

        >>> Exposure.of_shares({"often": 0.4, "rarely": 0.1}, most=0.2).passes
        (('often', 0.5),)
        """
        return cls(tuple(sorted((item_id, most / share) for item_id, share in shares.items() if share > most)))

    def reshaped(self, p_choice: Floats, candidates: Candidates, session: Session) -> Floats:  # noqa: ARG002 - whatever the session
        """Less of it on what would be shown too often."""
        passes = dict(self.passes)
        k = np.array([passes.get(item_id, 1.0) for item_id in candidates.items.item_ids])  # (n_items,)
        kept = p_choice * k
        total = kept.sum(axis=-1, keepdims=True)
        return np.asarray(kept / np.where(total > 0.0, total, 1.0))

    def told(self, lift: float) -> str:
        """That it is shown often, or others are."""
        return "Items that are shown oftener were held back." if lift > 1.0 else "It is shown often, and was held back."
