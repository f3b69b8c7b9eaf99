"""Operations and algebraic thinking: groups, facts, stories, factors, patterns, order of operations."""

from __future__ import annotations

from random import Random
from typing import Final

from adaptive.catalog.families import Question, QuestionFamily, effort, product_effort, wrong_answers
from adaptive.catalog.mathematics.numerals import DIVIDED_BY, NAMES, TIMES, ordinal

__all__ = ["FAMILIES"]

PRIMES: Final = (11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97)
PRIME_LOOKING: Final = (9, 15, 21, 27, 33, 39, 49, 51, 57, 63, 69, 77, 81, 87, 91, 93)
"""Odd composites, which are taken for primes because they are odd."""


def bags(rng: Random) -> Question:
    name, n, size = rng.choice(NAMES), rng.randint(2, 9), rng.randint(2, 9)
    return Question(
        text=f"{name} has {n} bags with {size} marbles in each bag. How many marbles is that?",
        answer=str(n * size),
        hint=f"Add {size} as many times as there are bags: {' + '.join([str(size)] * n)}.",
        wrong=wrong_answers(str(n * size), str(n + size), str(n * size + size), str(n * size - n), str(n * size + 1)),
        effort=product_effort(n * size, 4, 81),
    )


def rows(rng: Random) -> Question:
    n, size = rng.randint(2, 10), rng.randint(2, 10)
    thing = rng.choice(("chairs", "trees", "stamps", "tiles"))
    return Question(
        text=f"There are {n} rows of {size} {thing}. How many {thing} are there?",
        answer=str(n * size),
        hint=f"{n} rows of {size} make {n} {TIMES} {size}.",
        effort=product_effort(n * size, 4, 100),
    )


def fact(rng: Random) -> Question:
    a, b = rng.randint(2, 10), rng.randint(2, 10)
    return Question(
        text=f"What is {a} {TIMES} {b}?",
        answer=str(a * b),
        hint=f"{a} {TIMES} {b} is {b} more than {a - 1} {TIMES} {b} = {(a - 1) * b}.",
        effort=product_effort(a * b, 4, 100),
    )


def derived_fact(rng: Random) -> Question:
    a, b = rng.randint(3, 9), rng.randint(3, 12)
    return Question(
        text=f"{a} {TIMES} {b} = {a * b}. What is {a + 1} {TIMES} {b}?",
        answer=str((a + 1) * b),
        hint=f"Add one more group of {b} to {a * b}.",
        wrong=wrong_answers(str((a + 1) * b), str(a * b + 1), str(a * b + a), str((a + 1) * b + 1), str(a * b + 10), str((a + 1) * b - 1)),
        effort=product_effort(a * b, 9, 108),
    )


def quotient(rng: Random) -> Question:
    divisor, answer = rng.randint(2, 10), rng.randint(2, 10)
    total = divisor * answer
    return Question(
        text=f"What is {total} {DIVIDED_BY} {divisor}?",
        answer=str(answer),
        hint=f"Find the number that gives {total} when it is multiplied by {divisor}.",
        wrong=wrong_answers(str(answer), str(total - divisor), str(answer + 1), str(answer - 1), str(total * divisor)),
        effort=product_effort(total, 4, 100),
    )


def missing_factor(rng: Random) -> Question:
    known, answer = rng.randint(2, 10), rng.randint(2, 10)
    return Question(
        text=f"{known} {TIMES} ? = {known * answer}. What number is missing?",
        answer=str(answer),
        hint=f"Divide: {known * answer} {DIVIDED_BY} {known}.",
        effort=product_effort(known * answer, 4, 100),
    )


def shop(rng: Random) -> Question:
    name, n, pen, book = rng.choice(NAMES), rng.randint(2, 8), rng.randint(2, 9), rng.randint(5, 30)
    total = n * pen + book
    return Question(
        text=f"A pen costs {pen} dollars and a book costs {book} dollars. {name} buys {n} pens and one book. How many dollars is that?",
        answer=str(total),
        hint=f"The pens cost {n} {TIMES} {pen} = {n * pen} dollars; then add the book.",
        wrong=wrong_answers(str(total), str(n * (pen + book)), str(n + pen + book), str(n * pen), str(pen + book)),
        effort=product_effort(total, 9, 102),
    )


def left_over(rng: Random) -> Question:
    name, n, each, rest = rng.choice(NAMES), rng.randint(3, 9), rng.randint(3, 9), rng.randint(1, 20)
    start = n * each + rest
    return Question(
        text=f"{name} has {start} stickers and gives {each} to each of {n} friends. How many stickers are left?",
        answer=str(rest),
        hint=f"{n} {TIMES} {each} = {n * each} stickers are given away; take them from {start}.",
        effort=effort(start, 10, 101),
    )


def prime(rng: Random) -> Question:
    answer, others = rng.choice(PRIMES), rng.sample(PRIME_LOOKING, 3)
    shown = ", ".join(map(str, sorted([answer, *others])))
    return Question(
        text=f"Which of these numbers is prime: {shown}?",
        answer=str(answer),
        hint="Try to divide each number by 2, 3, 5 and 7; a prime allows none but itself.",
        wrong=tuple(map(str, others)),
        effort=effort(answer, 11, 97),
    )


def largest_factor(rng: Random) -> Question:
    factor, number = _largest_factor(rng.randint(12, 100))
    return Question(
        text=f"What is the greatest factor of {number} that is less than {number}?",
        answer=str(factor),
        hint=f"Divide {number} by the smallest number from 2 on that divides it.",
        effort=effort(factor, 4, 60),
    )


def pattern(rng: Random) -> Question:
    start, step, n = rng.randint(1, 20), rng.randint(3, 12), rng.randint(5, 9)
    answer = start + (n - 1) * step
    return Question(
        text=f"A pattern starts at {start} and adds {step} each time. What is the {ordinal(n)} number?",
        answer=str(answer),
        hint=f"From the 1st to the {ordinal(n)} number you add {step} {n - 1} times.",
        wrong=wrong_answers(str(answer), str(start + n * step), str(n * step), str(start + (n - 2) * step), str(start + step)),
        effort=effort(n * step, 15, 108),
    )


def next_number(rng: Random) -> Question:
    start, step = rng.randint(40, 120), rng.choice([-11, -9, -8, -7, -6, 6, 7, 8, 9, 11, 12, 15])
    terms = [start + k * step for k in range(4)]
    return Question(
        text=f"What comes next: {', '.join(map(str, terms[:3]))}, ...?",
        answer=str(terms[3]),
        hint=f"From {terms[0]} to {terms[1]} the change is {step:+}; do the same to {terms[2]}.",
        effort=effort(abs(step) + 4 * (step < 0), 6, 15),
    )


def product_first(rng: Random) -> Question:
    a, b, c = rng.randint(2, 12), rng.randint(2, 9), rng.randint(2, 9)
    answer = a + b * c
    return Question(
        text=f"What is {a} + {b} {TIMES} {c}?",
        answer=str(answer),
        hint=f"Multiply first: {b} {TIMES} {c} = {b * c}.",
        wrong=wrong_answers(str(answer), str((a + b) * c), str(a + b + c), str(a * b + c), str(answer + 1), str(answer - 1)),
        effort=product_effort(answer, 6, 93),
    )


def brackets(rng: Random) -> Question:
    a, b, c, d = rng.randint(2, 6), rng.randint(6, 12), rng.randint(2, 5), rng.randint(1, 9)
    return Question(
        text=f"What is {a} {TIMES} ({b} - {c}) + {d}?",
        answer=str(a * (b - c) + d),
        hint=f"Brackets first: {b} - {c} = {b - c}; then multiply by {a}.",
        effort=product_effort(a * (b - c), 2, 60),
    )


def _largest_factor(number: int) -> tuple[int, int]:
    """The greatest proper factor and the number; a prime is replaced by its double, whose factor is the prime."""
    smallest = next(k for k in range(2, number + 1) if number % k == 0)
    return (number // smallest, number) if smallest < number else (number, 2 * number)


FAMILIES: Final = (
    QuestionFamily("equal-groups.bags", "equal-groups", bags),
    QuestionFamily("equal-groups.rows", "equal-groups", rows),
    QuestionFamily("multiplication-facts.product", "multiplication-facts", fact),
    QuestionFamily("multiplication-facts.derived", "multiplication-facts", derived_fact),
    QuestionFamily("division-facts.quotient", "division-facts", quotient),
    QuestionFamily("division-facts.missing-factor", "division-facts", missing_factor),
    QuestionFamily("two-step-problems.shop", "two-step-problems", shop),
    QuestionFamily("two-step-problems.left-over", "two-step-problems", left_over),
    QuestionFamily("factors-and-primes.prime", "factors-and-primes", prime),
    QuestionFamily("factors-and-primes.largest-factor", "factors-and-primes", largest_factor),
    QuestionFamily("number-patterns.nth", "number-patterns", pattern),
    QuestionFamily("number-patterns.next", "number-patterns", next_number),
    QuestionFamily("order-of-operations.product-first", "order-of-operations", product_first),
    QuestionFamily("order-of-operations.brackets", "order-of-operations", brackets),
)
