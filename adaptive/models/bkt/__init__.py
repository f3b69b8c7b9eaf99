"""Bayesian knowledge tracing (Corbett & Anderson 1995): each skill is known or not, and practice makes it known."""

from adaptive.models.bkt.hierarchical import HierarchicalBkt, HierarchicalState
from adaptive.models.bkt.model import Bkt, BktState, ForgettingBkt, Knowledge

__all__ = ["Bkt", "BktState", "ForgettingBkt", "HierarchicalBkt", "HierarchicalState", "Knowledge"]
