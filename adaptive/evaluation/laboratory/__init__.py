"""The laboratory: policies against families of simulated learners whose truth is known."""

from adaptive.evaluation.laboratory.family import AnswerFamily, Family, GainFamily, State

__all__ = ["AnswerFamily", "Family", "GainFamily", "State"]
