"""Number and operations in base ten: rounding, column arithmetic, division with remainders, decimals."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Final

from adaptive.catalog.families import Question, QuestionFamily, effort, product_effort, wrong_answers
from adaptive.catalog.mathematics.numerals import DIVIDED_BY, TIMES, decimal_text

__all__ = ["FAMILIES"]


def round_to(rng: Random) -> Question:
    number, unit, name = 10 * rng.randint(10, 98) + rng.randint(1, 9), *rng.choice(((10, "ten"), (100, "hundred")))
    down, answer = number // unit * unit, _rounded(number, unit)
    other = down if answer > down else down + unit
    return Question(
        text=f"Round {number} to the nearest {name}.",
        answer=str(answer),
        hint=f"{number} lies between {down} and {down + unit}; {down + unit // 2} is half way and goes up.",
        wrong=wrong_answers(
            str(answer), str(other), str(_rounded(number, 110 - unit)), str(answer + unit), str(answer - unit), str(answer + 2 * unit)
        ),
        effort=effort(-abs(number - down - unit / 2) / unit, -0.5, 0.0),
    )


def rounded_sum(rng: Random) -> Question:
    a, b = rng.randint(101, 489), rng.randint(101, 489)
    return Question(
        text=f"Round {a} and {b} to the nearest hundred. What is the sum of the rounded numbers?",
        answer=str(_rounded(a, 100) + _rounded(b, 100)),
        hint=f"{a} rounds to {_rounded(a, 100)}; round {b} too, then add.",
        effort=effort(a + b, 202, 978),
    )


def column_sum(rng: Random) -> Question:
    a, b = rng.randint(120, 599), rng.randint(105, 399)
    carries = _n_carries(a, b)
    return Question(
        text=f"What is {a} + {b}?",
        answer=str(a + b),
        hint=f"Add the ones first: {a % 10} + {b % 10} = {a % 10 + b % 10}; carry where a column reaches ten.",
        effort=effort(carries, 0, 2),
    )


def column_difference(rng: Random) -> Question:
    a, b = rng.randint(400, 999), rng.randint(105, 389)
    careless = int("".join(str(abs(int(x) - int(y))) for x, y in zip(str(a), str(b), strict=True)))
    return Question(
        text=f"What is {a} - {b}?",
        answer=str(a - b),
        hint=f"Check by adding: {b} plus your answer must give {a}.",
        wrong=wrong_answers(str(a - b), str(careless), str(a - b + 10), str(a - b + 100), str(a - b - 10)),
        effort=effort(_n_carries(b, a - b), 0, 2),
    )


def times_tens(rng: Random) -> Question:
    a, b = rng.randint(2, 9), rng.randint(2, 9)
    answer = 10 * a * b
    return Question(
        text=f"What is {a} {TIMES} {10 * b}?",
        answer=str(answer),
        hint=f"{a} {TIMES} {b} = {a * b}, and those are tens.",
        wrong=wrong_answers(str(answer), str(a * b), str(100 * a * b), str(a + 10 * b), str(answer + 10)),
        effort=product_effort(a * b, 4, 81),
    )


def packs_of_tens(rng: Random) -> Question:
    n, tens = rng.randint(3, 9), rng.randint(2, 9)
    thing = rng.choice(("pencils", "cards", "beads"))
    return Question(
        text=f"A pack holds {10 * tens} {thing}. How many {thing} are in {n} packs?",
        answer=str(10 * tens * n),
        hint=f"{n} {TIMES} {tens} tens are {n * tens} tens.",
        effort=product_effort(n * tens, 6, 81),
    )


def by_one_digit(rng: Random) -> Question:
    a, b = rng.randint(102, 899), rng.randint(3, 9)
    return Question(
        text=f"What is {a} {TIMES} {b}?",
        answer=str(a * b),
        hint=f"Multiply hundreds, tens and ones: {a // 100 * 100} {TIMES} {b}, {a // 10 % 10 * 10} {TIMES} {b} and {a % 10} {TIMES} {b}.",
        effort=product_effort(a * b, 306, 8091),
    )


def by_two_digits(rng: Random) -> Question:
    a, b = rng.randint(12, 69), rng.randint(12, 49)
    tens, ones = divmod(b, 10)
    answer = a * b
    unshifted = a * tens + a * ones
    corners = a // 10 * 10 * tens * 10 + a % 10 * ones
    return Question(
        text=f"What is {a} {TIMES} {b}?",
        answer=str(answer),
        hint=f"Split {b}: {a} {TIMES} {10 * tens} = {a * tens * 10}, then add {ones} more times {a}.",
        wrong=wrong_answers(str(answer), str(corners), str(unshifted), str(answer + 10), str(answer - 10), str(answer + 100)),
        effort=product_effort(answer, 144, 3381),
    )


def remainder(rng: Random) -> Question:
    divisor, whole = rng.randint(3, 9), rng.randint(4, 30)
    rest = rng.randint(1, divisor - 1)
    total = divisor * whole + rest
    answer = f"{whole} R {rest}"
    return Question(
        text=f"What is {total} {DIVIDED_BY} {divisor}, with its remainder?",
        answer=answer,
        hint=f"The greatest multiple of {divisor} up to {total} is {divisor * whole}.",
        wrong=wrong_answers(
            answer,
            f"{rest} R {whole}",
            f"{whole - 1} R {rest + divisor}",
            f"{whole} R {divisor - rest}",
            f"{whole + 1} R {rest}",
            f"{whole} R {rest + 1}",
        ),
        effort=product_effort(total, 13, 278),
    )


def full_boxes(rng: Random) -> Question:
    size, whole = rng.randint(4, 12), rng.randint(5, 20)
    total = size * whole + rng.randint(1, size - 1)
    return Question(
        text=f"{total} eggs are packed into boxes of {size}. How many boxes are full?",
        answer=str(whole),
        hint=f"Divide {total} by {size} and leave the remainder out.",
        effort=product_effort(total, 21, 251),
    )


def shift_up(rng: Random) -> Question:
    number, power = Fraction(rng.randint(101, 999), 100), rng.randint(1, 3)
    answer = decimal_text(number * 10**power)
    slips = (number * 10 ** (power + 1), number * 10 ** (power - 1), number / 10**power, number + 10**power)
    return Question(
        text=f"What is {decimal_text(number)} {TIMES} {10**power}?",
        answer=answer,
        hint=f"Each zero of {10**power} moves the digits one place to the left.",
        wrong=wrong_answers(answer, *map(decimal_text, slips)),
        effort=effort(power, 1, 3),
    )


def shift_down(rng: Random) -> Question:
    number, power = Fraction(rng.randint(11, 999), rng.choice((1, 10))), rng.randint(1, 3)
    return Question(
        text=f"What is {decimal_text(number)} {DIVIDED_BY} {10**power}?",
        answer=decimal_text(number / 10**power),
        hint=f"Each zero of {10**power} moves the digits one place to the right.",
        effort=effort(power, 1, 3),
    )


def decimal_sum(rng: Random) -> Question:
    tenths, hundredths = rng.randint(12, 98), rng.randint(11, 99)
    a, b = Fraction(tenths, 10), Fraction(hundredths, 100)
    answer = decimal_text(a + b)
    slips = (Fraction(tenths + hundredths, 100), Fraction(tenths + hundredths, 10), a + b + Fraction(1, 10), a + b - 1)
    return Question(
        text=f"What is {decimal_text(a)} + {decimal_text(b)}?",
        answer=answer,
        hint=f"Line up the points: {decimal_text(a)} is {10 * tenths} hundredths, {decimal_text(b)} is {hundredths} hundredths.",
        wrong=wrong_answers(answer, *map(decimal_text, slips)),
        effort=effort(_n_carries(10 * tenths, hundredths), -0.5, 1.5),
    )


def decimal_difference(rng: Random) -> Question:
    a, b = Fraction(rng.randint(41, 99), 10), Fraction(rng.randint(101, 399), 100)
    return Question(
        text=f"What is {decimal_text(a)} - {decimal_text(b)}?",
        answer=decimal_text(a - b),
        hint=f"Write both in hundredths: {100 * a} - {100 * b}.",
        effort=effort(_n_carries(int(100 * b), int(100 * (a - b))), 0, 3),
    )


def decimal_product(rng: Random) -> Question:
    m, n, scale = rng.randint(2, 19), rng.randint(2, 9), rng.choice((10, 100))
    a, b = Fraction(m, 10), Fraction(n, scale)
    answer = decimal_text(a * b)
    return Question(
        text=f"What is {decimal_text(a)} {TIMES} {decimal_text(b)}?",
        answer=answer,
        hint=f"Multiply {m} by {n}, then divide by {10 * scale}: that many parts of one are counted.",
        wrong=wrong_answers(answer, *map(decimal_text, (10 * a * b, a * b / 10, 100 * a * b, a + b))),
        effort=product_effort(float(a * b), 0, 1.2),
    )


def price(rng: Random) -> Question:
    kilograms, dollars = Fraction(rng.randint(11, 49), 10), Fraction(rng.randint(11, 49), 10)
    return Question(
        text=f"One kilogram of nuts costs {decimal_text(dollars)} dollars. How many dollars do {decimal_text(kilograms)} kilograms cost?",
        answer=decimal_text(kilograms * dollars),
        hint=f"Multiply {10 * dollars} by {10 * kilograms}; the answer has two decimal places (a last 0 may be dropped).",
        effort=product_effort(float(kilograms * dollars), 1.2, 24),
    )


def _rounded(number: int, unit: int) -> int:
    return (number + unit // 2) // unit * unit


def _n_carries(a: int, b: int) -> int:
    """Columns of a + b that reach ten."""
    return sum(a % 10**k + b % 10**k >= 10**k for k in range(1, 4))


FAMILIES: Final = (
    QuestionFamily("rounding.one-number", "rounding", round_to),
    QuestionFamily("rounding.sum", "rounding", rounded_sum),
    QuestionFamily("add-subtract-thousand.sum", "add-subtract-thousand", column_sum),
    QuestionFamily("add-subtract-thousand.difference", "add-subtract-thousand", column_difference),
    QuestionFamily("multiply-by-tens.plain", "multiply-by-tens", times_tens),
    QuestionFamily("multiply-by-tens.packs", "multiply-by-tens", packs_of_tens),
    QuestionFamily("multi-digit-multiplication.one-digit", "multi-digit-multiplication", by_one_digit),
    QuestionFamily("multi-digit-multiplication.two-digits", "multi-digit-multiplication", by_two_digits),
    QuestionFamily("division-with-remainders.plain", "division-with-remainders", remainder),
    QuestionFamily("division-with-remainders.boxes", "division-with-remainders", full_boxes),
    QuestionFamily("powers-of-ten.multiply", "powers-of-ten", shift_up),
    QuestionFamily("powers-of-ten.divide", "powers-of-ten", shift_down),
    QuestionFamily("decimal-sums.sum", "decimal-sums", decimal_sum),
    QuestionFamily("decimal-sums.difference", "decimal-sums", decimal_difference),
    QuestionFamily("decimal-products.plain", "decimal-products", decimal_product),
    QuestionFamily("decimal-products.price", "decimal-products", price),
)
