"""How numbers are written in questions and answers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

__all__ = ["DIVIDED_BY", "NAMES", "TIMES", "decimal_text", "ordinal"]

TIMES: Final = "\u00d7"
DIVIDED_BY: Final = "\u00f7"

NAMES: Final = ("Ana", "Ben", "Chloe", "Dev", "Eli", "Fatima", "Goro", "Hana")
"""Who acts in the stories."""


def decimal_text(value: Fraction) -> str:
    """A fraction with a finite decimal, written as one.

    >>> decimal_text(Fraction(7, 20)), decimal_text(Fraction(1200)), decimal_text(Fraction(-1, 8))
    ('0.35', '1200', '-0.125')
    """
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return f"{exact.normalize():f}"


def ordinal(n: int) -> str:
    """A place in a row, up to the twentieth.

    >>> ordinal(2), ordinal(11)
    ('2nd', '11th')
    """
    return f"{n}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(n, 'th') }"
