"""Logistic regression on who the learner is so far and what the item is: BestLR (Gervet et al. 2020) with recency."""

from adaptive.models.logistic.model import Logistic

__all__ = ["Logistic"]
