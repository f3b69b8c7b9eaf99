"""What a player believes, held against the truth: whether intervals cover it, and whether Z tells what is in the true zone."""

from __future__ import annotations

import numpy as np

from adaptive.evaluation.laboratory.players import Belief
from adaptive.evaluation.metrics import auc
from adaptive.policies import Links, ZoneSettings, zone_event
from adaptive.protocols import Floats

__all__ = ["coverage", "zone_auc"]


def coverage(belief: Belief, success: Floats) -> float:
    """The share of learners' skills whose true success (n, n_skills) lies in the 90 % interval.

    >>> from adaptive.protocols import Mastery
    >>> belief = Belief(Mastery(("a", "b"), *np.array([[[0.1, 0.9]], [[0.5, 0.9]], [[0.3, 0.8]], [[0.7, 0.95]]])), np.zeros((1, 2)))
    >>> coverage(belief, np.array([[0.4, 0.6]]))
    0.5
    """
    return float(((belief.mastery.low <= success) & (success <= belief.mastery.high)).mean())


def zone_auc(belief: Belief, success: Floats, gain: Floats, links: Links) -> float | None:
    """The AUC of Z over learners and items for the event that Z is the probability of, on the truth; None where it never or always holds.

    `success` (n, n_skills) and `gain` (n, n_items) are true; the event is that of the policy page (`zone_event`), by its constants.
    """
    event = zone_event(success, gain, links, np.ones(links.n_items, dtype=np.bool_), ZoneSettings())
    return auc(belief.zone_probability.ravel(), event.ravel().astype(np.float64))
