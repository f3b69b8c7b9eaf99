"""Logistic regressions on a learner's history: BestLR (Gervet et al. 2020) with recency, and DAS3H (Choffin et al. 2019)."""

from adaptive.models.logistic.das3h import Das3h
from adaptive.models.logistic.model import Logistic

__all__ = ["Das3h", "Logistic"]
