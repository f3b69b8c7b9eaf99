"""Number and operations with fractions: naming, comparing, adding, multiplying, dividing."""

from __future__ import annotations

from fractions import Fraction
from math import gcd
from random import Random
from typing import Final

from adaptive.catalog.families import Question, QuestionFamily, effort, product_effort, wrong_answers
from adaptive.catalog.mathematics.numerals import DIVIDED_BY, TIMES, decimal_text, ordinal

__all__ = ["FAMILIES"]


def parts_of_a_bar(rng: Random) -> Question:
    part = _proper(rng, 3, 12)
    n, d = part.numerator, part.denominator
    thing = rng.choice(("A bar", "A cake", "A ribbon", "A garden"))
    return Question(
        text=f"{thing} is cut into {d} equal parts and {n} of them are painted. What fraction is painted?",
        answer=str(part),
        hint=f"All {d} parts together are one whole; count the painted ones out of {d}.",
        wrong=wrong_answers(str(part), f"{n}/{d - n}", f"{d - n}/{d}", f"{d}/{n}", f"{n}/{d + n}", f"1/{d}"),
        effort=effort(d, 3, 12),
    )


def mark_on_a_line(rng: Random) -> Question:
    mark = _proper(rng, 3, 16)
    return Question(
        text=f"From 0 to 1 a number line has {mark.denominator} equal steps. What number is at the {ordinal(mark.numerator)} mark after 0?",
        answer=str(mark),
        hint=f"Each step is 1/{mark.denominator}.",
        effort=effort(mark.denominator, 3, 16),
    )


def missing_numerator(rng: Random) -> Question:
    part, k = _proper(rng, 2, 9), rng.randint(2, 9)
    return Question(
        text=f"{part} = ?/{k * part.denominator}. What number is missing?",
        answer=str(k * part.numerator),
        hint=f"{part.denominator} {TIMES} {k} = {k * part.denominator}, so multiply {part.numerator} by {k} too.",
        effort=product_effort(k * part.denominator, 4, 81),
    )


def simplest_form(rng: Random) -> Question:
    part, k = _proper(rng, 2, 9), rng.randint(2, 9)
    n, d = part.numerator, part.denominator
    return Question(
        text=f"Which fraction equals {k * n}/{k * d}?",
        answer=str(part),
        hint=f"Divide {k * n} and {k * d} by {k}.",
        wrong=wrong_answers(str(part), f"{n}/{k * d}", f"{n + 1}/{d + 1}", f"{k * n}/{d}", f"{n}/{d + 1}"),
        effort=product_effort(k * d, 4, 81),
    )


def greatest_of_four(rng: Random) -> Question:
    parts: list[Fraction] = []
    while len(parts) < 4:
        part = _proper(rng, 2, 12)
        if part not in parts:
            parts.append(part)
    first, second = sorted(parts)[:-3:-1]
    return Question(
        text=f"Which fraction is the greatest: {', '.join(map(str, parts))}?",
        answer=str(first),
        hint="Write two of them with one denominator and keep the greater; then compare it with the next.",
        wrong=tuple(str(part) for part in parts if part != first),
        effort=effort(-float(first - second), -0.3, 0.0),
    )


def sign_between(rng: Random) -> Question:
    a, b = _proper(rng, 2, 12), _proper(rng, 2, 12)
    k = rng.randint(1, 4)
    answer = ">" if a > b else "<" if a < b else "="
    return Question(
        text=f"Which sign makes this true: {a} ? {b.numerator * k}/{b.denominator * k}",
        answer=answer,
        hint=f"Write both over {a.denominator * b.denominator * k} and compare the numerators.",
        wrong=tuple(sign for sign in "<=>" if sign != answer),
        effort=effort(-abs(float(a - b)), -0.5, 0.0),
    )


def same_size_sum(rng: Random) -> Question:
    d = rng.randint(4, 16)
    a, b = rng.randint(1, d - 2), rng.randint(1, d - 1)
    answer = str(Fraction(a + b, d))
    return Question(
        text=f"What is {a}/{d} + {b}/{d}?",
        answer=answer,
        hint=f"The parts keep their size: {a} + {b} of {d}.",
        wrong=wrong_answers(answer, f"{a + b}/{2 * d}", f"{a + b + 1}/{d}", f"{a * b}/{d}", f"{abs(a - b)}/{d}", f"{a + b}/{d + 1}"),
        effort=effort(d, 4, 16),
    )


def same_size_difference(rng: Random) -> Question:
    d = rng.randint(4, 16)
    a = rng.randint(2, d - 1)
    b = rng.randint(1, a - 1)
    return Question(
        text=f"What is {a}/{d} - {b}/{d}?",
        answer=str(Fraction(a - b, d)),
        hint=f"The parts keep their size: {a} - {b} of {d}.",
        effort=effort(d, 4, 16),
    )


def whole_times_fraction(rng: Random) -> Question:
    k, part = rng.randint(2, 9), _proper(rng, 3, 9)
    n, d = part.numerator, part.denominator
    answer = str(k * part)
    return Question(
        text=f"What is {k} {TIMES} {part}?",
        answer=answer,
        hint=f"{k} {TIMES} {n} parts of size 1/{d} are {k * n} such parts.",
        wrong=wrong_answers(answer, f"{k * n}/{k * d}", f"{k + n}/{d}", f"{n}/{k * d}", f"{k * n + 1}/{d}"),
        effort=product_effort(k * n, 2, 50),
    )


def laps(rng: Random) -> Question:
    k, part = rng.randint(3, 9), _proper(rng, 3, 8)
    return Question(
        text=f"One lap is {part} of a mile. How many miles are {k} laps?",
        answer=str(k * part),
        hint=f"Add {part} as many times as there are laps.",
        effort=product_effort(k * part.numerator, 3, 42),
    )


def fraction_to_decimal(rng: Random) -> Question:
    d = rng.choice((10, 100, 100))
    n = rng.randint(1, d - 1)
    answer = decimal_text(Fraction(n, d))
    slips = (Fraction(n, d // 10), Fraction(n, 10 * d), Fraction(n) + Fraction(1, 10), Fraction(n))
    return Question(
        text=f"Write {n}/{d} as a decimal.",
        answer=answer,
        hint=f"{'Tenths' if d == 10 else 'Hundredths'} end in the {'first' if d == 10 else 'second'} place after the point.",
        wrong=wrong_answers(answer, *map(decimal_text, slips)),
        effort=effort((d > 10) + (n < 10 < d), -0.5, 2),
    )


def decimal_to_fraction(rng: Random) -> Question:
    value = Fraction(rng.randint(1, 99), 100)
    return Question(
        text=f"Write {decimal_text(value)} as a fraction in simplest form.",
        answer=str(value),
        hint=f"Start from {100 * value}/100 and divide both numbers by what they share.",
        effort=effort(value.denominator, 2, 100),
    )


def unlike_sum(rng: Random) -> Question:
    a, b = _unlike(rng)
    answer, common = str(a + b), a.denominator * b.denominator // gcd(a.denominator, b.denominator)
    tops = a.numerator + b.numerator
    return Question(
        text=f"What is {a} + {b}?",
        answer=answer,
        hint=f"Write both over {common}: {a * common}/{common} + {b * common}/{common}.",
        wrong=wrong_answers(
            answer, f"{tops}/{a.denominator + b.denominator}", f"{tops}/{common}", str(a * b), str(a + b + Fraction(1, common))
        ),
        effort=product_effort(common, 4, 72),
    )


def unlike_difference(rng: Random) -> Question:
    low, high = sorted(_unlike(rng))
    common = low.denominator * high.denominator // gcd(low.denominator, high.denominator)
    return Question(
        text=f"What is {high} - {low}?",
        answer=str(high - low),
        hint=f"Write both over {common}: {high * common}/{common} - {low * common}/{common}.",
        effort=product_effort(common, 4, 72),
    )


def fraction_product(rng: Random) -> Question:
    a, b = _proper(rng, 2, 9), _proper(rng, 3, 9)
    answer, cross = str(a * b), f"{a.numerator * b.denominator}/{a.denominator * b.numerator}"
    added = f"{a.numerator + b.numerator}/{a.denominator + b.denominator}"
    return Question(
        text=f"What is {a} {TIMES} {b}?",
        answer=answer,
        hint=f"Numerators {a.numerator} {TIMES} {b.numerator}, denominators {a.denominator} {TIMES} {b.denominator}; then simplify.",
        wrong=wrong_answers(answer, cross, added, str(a + b), f"{a.numerator * b.numerator}/{a.denominator + b.denominator}", str(a)),
        effort=product_effort(a.denominator * b.denominator, 6, 81),
    )


def fraction_of_amount(rng: Random) -> Question:
    part, k = _proper(rng, 3, 9), rng.randint(2, 12)
    thing = rng.choice(("apples", "coins", "pages"))
    return Question(
        text=f"What is {part} of {k * part.denominator} {thing}?",
        answer=str(k * part.numerator),
        hint=f"1/{part.denominator} of {k * part.denominator} is {k}.",
        effort=product_effort(k * part.denominator, 6, 108),
    )


def whole_by_unit(rng: Random) -> Question:
    whole, d = rng.randint(2, 12), rng.randint(2, 9)
    answer = str(whole * d)
    return Question(
        text=f"What is {whole} {DIVIDED_BY} 1/{d}?",
        answer=answer,
        hint=f"How many parts of size 1/{d} fit into 1? Then into {whole}?",
        wrong=wrong_answers(answer, f"{whole}/{d}", f"1/{whole * d}", str(whole + d), str(whole * d + d)),
        effort=product_effort(whole * d, 4, 108),
    )


def unit_by_whole(rng: Random) -> Question:
    d, people = rng.randint(2, 9), rng.randint(2, 9)
    food = rng.choice(("pizza", "cake", "melon"))
    return Question(
        text=f"{people} friends share 1/{d} of a {food} equally. What fraction of the {food} does each get?",
        answer=str(Fraction(1, d * people)),
        hint=f"Cut 1/{d} into {people} equal parts: how many of those make the whole?",
        effort=product_effort(d * people, 4, 81),
    )


def _proper(rng: Random, low: int, high: int) -> Fraction:
    """A fraction between 0 and 1 in lowest terms, its denominator in [low, high]."""
    d = rng.randint(low, high)
    return Fraction(rng.choice([n for n in range(1, d) if gcd(n, d) == 1]), d)


def _unlike(rng: Random) -> tuple[Fraction, Fraction]:
    """Two proper fractions with different denominators, and so different values."""
    a, b = _proper(rng, 2, 9), _proper(rng, 2, 9)
    return (a, b) if a.denominator != b.denominator else _unlike(rng)


FAMILIES: Final = (
    QuestionFamily("fraction-of-a-whole.bar", "fraction-of-a-whole", parts_of_a_bar),
    QuestionFamily("fraction-of-a-whole.line", "fraction-of-a-whole", mark_on_a_line),
    QuestionFamily("equivalent-fractions.missing", "equivalent-fractions", missing_numerator),
    QuestionFamily("equivalent-fractions.simplest", "equivalent-fractions", simplest_form),
    QuestionFamily("compare-fractions.greatest", "compare-fractions", greatest_of_four),
    QuestionFamily("compare-fractions.sign", "compare-fractions", sign_between),
    QuestionFamily("add-fractions-same-denominator.sum", "add-fractions-same-denominator", same_size_sum),
    QuestionFamily("add-fractions-same-denominator.difference", "add-fractions-same-denominator", same_size_difference),
    QuestionFamily("fraction-times-whole.plain", "fraction-times-whole", whole_times_fraction),
    QuestionFamily("fraction-times-whole.laps", "fraction-times-whole", laps),
    QuestionFamily("decimal-notation.to-decimal", "decimal-notation", fraction_to_decimal),
    QuestionFamily("decimal-notation.to-fraction", "decimal-notation", decimal_to_fraction),
    QuestionFamily("add-fractions-unlike.sum", "add-fractions-unlike", unlike_sum),
    QuestionFamily("add-fractions-unlike.difference", "add-fractions-unlike", unlike_difference),
    QuestionFamily("multiply-fractions.plain", "multiply-fractions", fraction_product),
    QuestionFamily("multiply-fractions.of-amount", "multiply-fractions", fraction_of_amount),
    QuestionFamily("divide-unit-fractions.whole-by-unit", "divide-unit-fractions", whole_by_unit),
    QuestionFamily("divide-unit-fractions.share", "divide-unit-fractions", unit_by_whole),
)
