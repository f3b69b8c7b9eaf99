"""Expressions, equations and statistics: grade 6."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from statistics import median
from typing import Final

from adaptive.catalog.families import Question, QuestionFamily, effort, product_effort, wrong_answers
from adaptive.catalog.mathematics.numerals import DIVIDED_BY, TIMES, decimal_text

__all__ = ["FAMILIES"]

LETTERS: Final = "abkmnpx"
POWERS: Final = ((2, 3), (2, 4), (2, 5), (2, 6), (3, 2), (3, 3), (3, 4), (4, 2), (4, 3), (5, 2), (5, 3), (6, 2), (6, 3))


def power(rng: Random) -> Question:
    base, exponent = rng.choice(POWERS)
    extra = rng.randint(0, 9)
    value = base**exponent + extra
    slips = (base * exponent, base + exponent, exponent**base, base ** (exponent - 1), base**exponent + base)
    return Question(
        text=f"What is {base}^{exponent}{f' + {extra}' if extra else ''}?",
        answer=str(value),
        hint=f"{base}^{exponent} = {f' {TIMES} '.join([str(base)] * exponent)}.",
        wrong=wrong_answers(str(value), *(str(slip + extra) for slip in slips)),
        effort=product_effort(base**exponent, 8, 125),
    )


def power_in_expression(rng: Random) -> Question:
    factor, base, exponent = rng.randint(2, 9), rng.randint(2, 5), rng.randint(2, 3)
    return Question(
        text=f"What is {factor} {TIMES} {base}^{exponent}?",
        answer=str(factor * base**exponent),
        hint=f"The power first: {base}^{exponent} = {base**exponent}.",
        effort=product_effort(factor * base**exponent, 8, 500),
    )


def substitute(rng: Random) -> Question:
    letter, factor, value, extra = rng.choice(LETTERS), rng.randint(2, 9), rng.randint(2, 9), rng.randint(1, 12)
    answer = factor * value + extra
    slips = (10 * factor + value + extra, factor + value + extra, factor * (value + extra), factor * value, answer + 1)
    return Question(
        text=f"What is {factor}{letter} + {extra} when {letter} = {value}?",
        answer=str(answer),
        hint=f"{factor}{letter} means {factor} {TIMES} {letter}: {factor} {TIMES} {value} + {extra}.",
        wrong=wrong_answers(str(answer), *map(str, slips)),
        effort=product_effort(factor * value, 4, 81),
    )


def substitute_two(rng: Random) -> Question:
    first, second = sorted(rng.sample(LETTERS, 2))
    a, b = rng.randint(2, 9), rng.randint(2, 9)
    factor = rng.randint(2, 6)
    return Question(
        text=f"What is {factor}({first} + {second}) when {first} = {a} and {second} = {b}?",
        answer=str(factor * (a + b)),
        hint=f"Brackets first: {a} + {b} = {a + b}.",
        effort=product_effort(factor * (a + b), 8, 108),
    )


def sum_equation(rng: Random) -> Question:
    letter, a, b, is_sum = rng.choice(LETTERS), rng.randint(3, 40), rng.randint(3, 40), rng.random() < 0.5
    return Question(
        text=f"{letter} + {a} = {a + b}. What is {letter}?" if is_sum else f"{letter} - {a} = {b}. What is {letter}?",
        answer=str(b if is_sum else a + b),
        hint=f"{'Subtract' if is_sum else 'Add'} {a} on both sides.",
        effort=effort(a + b, 6, 80),
    )


def product_equation(rng: Random) -> Question:
    letter, factor, value = rng.choice(LETTERS), rng.randint(3, 12), rng.randint(3, 15)
    answer, total = str(value), factor * value
    return Question(
        text=f"{factor}{letter} = {total}. What is {letter}?",
        answer=answer,
        hint=f"Divide both sides by {factor}: {total} {DIVIDED_BY} {factor}.",
        wrong=wrong_answers(answer, str(total - factor), str(total * factor), str(value + 1), str(value - 1)),
        effort=product_effort(total, 9, 180),
    )


def mean(rng: Random) -> Question:
    numbers = [rng.randint(2, 20) for _ in range(rng.choice((4, 5)))]
    total, n = sum(numbers), len(numbers)
    answer = decimal_text(Fraction(total, n))
    slips = (
        Fraction(median(numbers)),
        Fraction(total),
        Fraction(max(numbers) + min(numbers), 2),
        Fraction(max(numbers)),
        Fraction(total, n) + 1,
        Fraction(total, n) + 2,
    )
    return Question(
        text=f"What is the mean of {_listed(numbers)}?",
        answer=answer,
        hint=f"The numbers add up to {total}; share that among {n}.",
        wrong=wrong_answers(answer, *map(decimal_text, slips)),
        effort=effort(total + 20 * (total % n > 0), 20, 100),
    )


def middle(rng: Random) -> Question:
    numbers = rng.sample(range(2, 40), rng.choice((5, 7)))
    return Question(
        text=f"What is the median of {_listed(numbers)}?",
        answer=str(sorted(numbers)[len(numbers) // 2]),
        hint=f"Put the numbers in order and take number {len(numbers) // 2 + 1} from the left.",
        effort=effort(len(numbers), 4, 8),
    )


def _listed(numbers: list[int]) -> str:
    return f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


FAMILIES: Final = (
    QuestionFamily("exponents.power", "exponents", power),
    QuestionFamily("exponents.in-expression", "exponents", power_in_expression),
    QuestionFamily("evaluate-expressions.one-letter", "evaluate-expressions", substitute),
    QuestionFamily("evaluate-expressions.two-letters", "evaluate-expressions", substitute_two),
    QuestionFamily("one-step-equations.sum", "one-step-equations", sum_equation),
    QuestionFamily("one-step-equations.product", "one-step-equations", product_equation),
    QuestionFamily("mean-and-median.mean", "mean-and-median", mean),
    QuestionFamily("mean-and-median.median", "mean-and-median", middle),
)
