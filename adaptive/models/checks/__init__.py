"""Contract checks that every learner model passes, ours and a stranger's: call `check_model` with a way to build it."""

from adaptive.models.checks.contract import CHECKS, ContractBroken, Subject, check_model

__all__ = ["CHECKS", "ContractBroken", "Subject", "check_model"]
