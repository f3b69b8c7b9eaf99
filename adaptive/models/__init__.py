"""Learner models behind one protocol: replay, artifact, checks; then baseline, logistic, bkt."""
