"""Metrics with intervals, calibration, and learner-disjoint forecasting."""
