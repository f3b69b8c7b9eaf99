"""The laboratory: policies against families of simulated learners whose truth is known."""

from adaptive.evaluation.laboratory.family import Family, GainFamily, State

__all__ = ["Family", "GainFamily", "State"]
