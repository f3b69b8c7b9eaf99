"""Ratios, percents and the number system: grade 6."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm
from random import Random
from typing import Final

from adaptive.catalog.families import Question, QuestionFamily, effort, product_effort, wrong_answers
from adaptive.catalog.mathematics.numerals import DIVIDED_BY, TIMES, decimal_text

__all__ = ["FAMILIES"]


def simplest_ratio(rng: Random) -> Question:
    a, b = _coprime(rng, 2, 9)
    k = rng.randint(2, 9)
    answer = f"{a} : {b}"
    return Question(
        text=f"Which ratio equals {k * a} : {k * b}?",
        answer=answer,
        hint=f"Divide both numbers by {k}.",
        wrong=wrong_answers(answer, f"{b} : {a}", f"{a + 1} : {b + 1}", f"{k * a - k} : {k * b - k}", f"{a} : {a + b}"),
        effort=product_effort(k * (a + b), 10, 153),
    )


def recipe(rng: Random) -> Question:
    a, b = _coprime(rng, 2, 9)
    k = rng.randint(2, 9)
    answer = str(k * b)
    return Question(
        text=f"A recipe takes {b} eggs for {a} cups of flour. How many eggs go with {k * a} cups of flour?",
        answer=answer,
        hint=f"{k * a} cups are {k} times {a} cups.",
        wrong=wrong_answers(answer, str(b + k * a - a), str(b + k), str(k * a), str(k * b + b), str(k * b - 1)),
        effort=product_effort(k * (a + b), 10, 153),
    )


def speed(rng: Random) -> Question:
    hours, rate = rng.randint(2, 9), rng.randint(12, 95)
    return Question(
        text=f"A train goes {hours * rate} kilometers in {hours} hours at one speed. How many kilometers is that in one hour?",
        answer=str(rate),
        hint=f"Divide {hours * rate} by {hours}.",
        effort=product_effort(hours * rate, 24, 855),
    )


def price_of_many(rng: Random) -> Question:
    n, each = rng.randint(2, 9), rng.randint(2, 12)
    m = rng.choice([k for k in range(2, 13) if k != n])
    answer = str(m * each)
    return Question(
        text=f"{n} pens cost {n * each} dollars. How many dollars do {m} pens cost at that price?",
        answer=answer,
        hint=f"One pen costs {n * each} {DIVIDED_BY} {n} = {each} dollars.",
        wrong=wrong_answers(answer, str(n * each + m - n), str(m * n * each), str(n * each), str(m * each + each)),
        effort=product_effort(m * each, 4, 144),
    )


def percent_of(rng: Random) -> Question:
    percent, amount = rng.choice((5, 10, 15, 20, 25, 30, 40, 60, 75, 80)), 20 * rng.randint(2, 15)
    value = Fraction(percent * amount, 100)
    answer = decimal_text(value)
    slips = (Fraction(amount, percent), Fraction(percent), amount - value, 10 * value, value / 10, amount + value)
    finite = [decimal_text(slip) for slip in slips if 10**6 % slip.denominator == 0]
    return Question(
        text=f"What is {percent}% of {amount}?",
        answer=answer,
        hint=f"1% of {amount} is {decimal_text(Fraction(amount, 100))}; take {percent} of those.",
        wrong=wrong_answers(answer, *finite),
        effort=effort(percent % 10 + percent % 25, 0, 25),
    )


def what_percent(rng: Random) -> Question:
    percent, whole = 5 * rng.randint(1, 19), 20 * rng.randint(1, 15)
    return Question(
        text=f"{percent * whole // 100} of {whole} seats are taken. What percent is that?",
        answer=f"{percent}%",
        hint=f"Write {percent * whole // 100}/{whole} with the denominator 100.",
        effort=effort(whole, 20, 300),
    )


def fraction_quotient(rng: Random) -> Question:
    a, b = Fraction(*_coprime(rng, 2, 9)), Fraction(*_coprime(rng, 2, 9))
    answer, product = str(a / b), str(a * b)
    across = f"{a.denominator * b.numerator}/{a.numerator * b.denominator}"
    return Question(
        text=f"What is {a} {DIVIDED_BY} {b}?",
        answer=answer,
        hint=f"Multiply by the reciprocal: {a} {TIMES} {b.denominator}/{b.numerator}.",
        wrong=wrong_answers(answer, product, across, str(1 / (a * b)), str(abs(a - b)), str(a + b)),
        effort=product_effort((a / b).numerator + (a / b).denominator, 2, 130),
    )


def how_many_portions(rng: Random) -> Question:
    part, n = Fraction(*sorted(_coprime(rng, 2, 9))), rng.randint(2, 12)
    return Question(
        text=f"One portion is {part} of a cup. How many portions are in {n * part} cups?",
        answer=str(n),
        hint=f"Divide: {n * part} {DIVIDED_BY} {part}.",
        effort=effort(n * part.denominator, 6, 108),
    )


def common_factor(rng: Random) -> Question:
    a, b = _coprime(rng, 2, 9)
    k = rng.randint(2, 12)
    answer = str(k)
    return Question(
        text=f"What is the greatest common factor of {k * a} and {k * b}?",
        answer=answer,
        hint=f"List the factors of {k * a} and of {k * b}; take the greatest in both lists.",
        wrong=wrong_answers(
            answer, str(_smallest_factor(k)), str(lcm(k * a, k * b)), str(k * abs(a - b)), str(abs(a - b)), str(2 * k), "1", "3"
        ),
        effort=effort(k, 2, 12),
    )


def common_multiple(rng: Random) -> Question:
    a, b = sorted(rng.sample(range(3, 21), 2))
    return Question(
        text=f"What is the least common multiple of {a} and {b}?",
        answer=str(lcm(a, b)),
        hint=f"Count up by {b} until {a} divides the number.",
        effort=product_effort(lcm(a, b), 6, 380),
    )


def least_of_four(rng: Random) -> Question:
    numbers = [-rng.randint(2, 9), -rng.randint(10, 30), rng.randint(1, 9), rng.choice((0, -1))]
    rng.shuffle(numbers)
    answer = str(min(numbers))
    return Question(
        text=f"Which number is the least: {', '.join(map(str, numbers))}?",
        answer=answer,
        hint="The least is farthest to the left on the number line.",
        wrong=tuple(str(number) for number in numbers if str(number) != answer),
        effort=effort(min(numbers), -10, -30),
    )


def distance_across_zero(rng: Random) -> Question:
    low = -rng.randint(1, 20)
    high = low + rng.randint(2, 35)
    return Question(
        text=f"How far apart are {low} and {high} on the number line?",
        answer=str(high - low),
        hint="Count the steps from one number to the other" + (", first to 0 and then on." if high > 0 else "."),
        effort=effort(high - low, 2, 35),
    )


def _coprime(rng: Random, low: int, high: int) -> tuple[int, int]:
    """Two different numbers of the range that share no factor."""
    a, b = rng.sample(range(low, high + 1), 2)
    return (a, b) if gcd(a, b) == 1 else _coprime(rng, low, high)


def _smallest_factor(number: int) -> int:
    return next(k for k in range(2, number + 1) if number % k == 0)


FAMILIES: Final = (
    QuestionFamily("equivalent-ratios.simplest", "equivalent-ratios", simplest_ratio),
    QuestionFamily("equivalent-ratios.recipe", "equivalent-ratios", recipe),
    QuestionFamily("unit-rates.speed", "unit-rates", speed),
    QuestionFamily("unit-rates.price", "unit-rates", price_of_many),
    QuestionFamily("percents.of-amount", "percents", percent_of),
    QuestionFamily("percents.what-percent", "percents", what_percent),
    QuestionFamily("divide-fractions.plain", "divide-fractions", fraction_quotient),
    QuestionFamily("divide-fractions.portions", "divide-fractions", how_many_portions),
    QuestionFamily("common-factors-multiples.factor", "common-factors-multiples", common_factor),
    QuestionFamily("common-factors-multiples.multiple", "common-factors-multiples", common_multiple),
    QuestionFamily("signed-numbers.least", "signed-numbers", least_of_four),
    QuestionFamily("signed-numbers.distance", "signed-numbers", distance_across_zero),
)
