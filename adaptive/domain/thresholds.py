"""The thresholds that placement, policy, planning and simulation share (formats, "One threshold")."""

from __future__ import annotations

from typing import Final

__all__ = ["ENOUGH_ATTEMPTS", "INFORMATIVE_FROM", "MASTERED_AT", "PROMOTE_AT", "READY_AT"]

MASTERED_AT: Final = 0.80
"""A skill is truly mastered when the expected success on its typical item is at least this."""

READY_AT: Final = 0.65
"""A prerequisite is ready when the expected success on its typical item is at least this."""

PROMOTE_AT: Final = 0.95
"""Mastery is declared when its posterior probability reaches this (Corbett & Anderson 1995)."""

ENOUGH_ATTEMPTS: Final = 3
"""Attempts on a skill below which its estimate is called not enough data (bkt_threshold's own minimum; policy page, label `unknown`)."""

INFORMATIVE_FROM: Final = 0.1
"""Nats of information in an answer from which on the doubt about it is the model's own (policy page, label `unknown`; decision 0011)."""
