"""Measurement and geometry: perimeter, area, units, volume, points of the plane, triangles."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Final

from adaptive.catalog.families import Question, QuestionFamily, effort, product_effort, wrong_answers
from adaptive.catalog.mathematics.numerals import TIMES, decimal_text

__all__ = ["FAMILIES"]

UNITS: Final = (
    ("meters", "centimeters", 100),
    ("kilograms", "grams", 1000),
    ("liters", "milliliters", 1000),
    ("hours", "minutes", 60),
    ("minutes", "seconds", 60),
    ("feet", "inches", 12),
)


def perimeter(rng: Random) -> Question:
    length, width = _sides(rng, 5, 60)
    answer = 2 * (length + width)
    return Question(
        text=f"A rectangle is {length} m long and {width} m wide. How many meters is its perimeter?",
        answer=str(answer),
        hint=f"Two long sides and two short ones: {length} + {width} + {length} + {width}.",
        wrong=wrong_answers(str(answer), str(length + width), str(length * width), str(answer - width), str(answer + 2)),
        effort=effort(answer, 20, 240),
    )


def missing_side(rng: Random) -> Question:
    length, width = _sides(rng, 4, 50)
    return Question(
        text=f"A rectangle has a perimeter of {2 * (length + width)} m and is {length} m long. How many meters wide is it?",
        answer=str(width),
        hint=f"The two long sides take {2 * length} m; halve what is left.",
        effort=effort(length + width, 9, 99),
    )


def rectangle_area(rng: Random) -> Question:
    length, width = _sides(rng, 2, 12)
    answer = length * width
    return Question(
        text=f"A rectangle is {length} cm long and {width} cm wide. How many square centimeters is its area?",
        answer=str(answer),
        hint=f"{width} rows of {length} squares of one centimeter fit into it.",
        wrong=wrong_answers(str(answer), str(2 * (length + width)), str(length + width), str(answer + length), str(answer + width)),
        effort=product_effort(answer, 6, 132),
    )


def side_from_area(rng: Random) -> Question:
    length, width = _sides(rng, 2, 12)
    return Question(
        text=f"A rectangle of {length * width} square centimeters is {length} cm long. How many centimeters wide is it?",
        answer=str(width),
        hint=f"Length times width is the area: {length} {TIMES} ? = {length * width}.",
        effort=product_effort(length * width, 6, 132),
    )


def smaller_unit(rng: Random) -> Question:
    (large, small, factor), n = rng.choice(UNITS), rng.randint(2, 9)
    rest = rng.randint(1, min(99, factor - 1))
    answer = n * factor + rest
    return Question(
        text=f"How many {small} are {n} {large} and {rest} {small}?",
        answer=str(answer),
        hint=f"{n} {large} are {n} {TIMES} {factor} = {n * factor} {small}; add the rest.",
        wrong=wrong_answers(str(answer), f"{n}{rest}", str(n + rest), str(10 * n + rest), str(n * factor), str((n + rest) * factor)),
        effort=effort(factor, 12, 150),
    )


def how_many_pieces(rng: Random) -> Question:
    (large, small, factor), n = rng.choice(UNITS), rng.randint(2, 12)
    return Question(
        text=f"How many {small} are {n} {large}?",
        answer=str(n * factor),
        hint=f"Each of the {n} {large} has {factor} {small}.",
        effort=effort(n, 2, 12),
    )


def volume(rng: Random) -> Question:
    a, b, c = rng.randint(3, 12), rng.randint(2, 9), rng.randint(2, 9)
    answer = a * b * c
    return Question(
        text=f"A box is {a} cm long, {b} cm wide and {c} cm high. How many cubic centimeters is its volume?",
        answer=str(answer),
        hint=f"One layer holds {a} {TIMES} {b} = {a * b} cubes; there are {c} layers.",
        wrong=wrong_answers(
            str(answer), str(a + b + c), str(a * b), str(2 * (a * b + b * c + a * c)), str(answer + a * b), str(answer - c)
        ),
        effort=product_effort(answer, 12, 600),
    )


def height_from_volume(rng: Random) -> Question:
    a, b, c = rng.randint(3, 12), rng.randint(2, 9), rng.randint(2, 9)
    return Question(
        text=f"A box of {a * b * c} cubic centimeters is {a} cm long and {b} cm wide. How many centimeters high is it?",
        answer=str(c),
        hint=f"One layer holds {a} {TIMES} {b} = {a * b} cubes; divide {a * b * c} by that.",
        effort=product_effort(a * b * c, 12, 600),
    )


def walk(rng: Random) -> Question:
    x, y, right, up = rng.randint(0, 9), rng.randint(0, 9), rng.randint(1, 9), rng.randint(1, 9)
    answer = f"({x + right}, {y + up})"
    slips = (
        f"({x + up}, {y + right})",
        f"({y + up}, {x + right})",
        f"({right}, {up})",
        f"({x + right}, {y})",
        f"({x}, {y + up})",
        f"({x + right}, {y + up + 1})",
    )
    return Question(
        text=f"Start at the point ({x}, {y}). Go {right} to the right and {up} up. At which point are you?",
        answer=answer,
        hint="Going right changes the first number, going up the second.",
        wrong=wrong_answers(answer, *slips),
        effort=effort(x + y + right + up, 2, 36),
    )


def distance_on_a_line(rng: Random) -> Question:
    x, y, step, upright = rng.randint(0, 12), rng.randint(0, 12), rng.randint(2, 12), rng.random() < 0.5
    end = (x, y + step) if upright else (x + step, y)
    return Question(
        text=f"How many units are there from the point ({x}, {y}) to the point ({end[0]}, {end[1]})?",
        answer=str(step),
        hint=f"Only the {'second' if upright else 'first'} number changes; subtract.",
        effort=effort(x + y + step, 2, 36),
    )


def triangle_area(rng: Random) -> Question:
    base, height = rng.randint(3, 20), rng.randint(3, 15)
    answer = decimal_text(Fraction(base * height, 2))
    slips = (
        Fraction(base * height),
        Fraction(base + height),
        Fraction(base * height, 4),
        Fraction(base + height, 2),
        Fraction(2 * base * height),
    )
    return Question(
        text=f"A triangle has a base of {base} cm and a height of {height} cm. How many square centimeters is its area?",
        answer=answer,
        hint=f"It is half of a rectangle of {base} cm by {height} cm.",
        wrong=wrong_answers(answer, *map(decimal_text, slips)),
        effort=product_effort(base * height, 9, 300),
    )


def parallelogram_area(rng: Random) -> Question:
    base, height, lean = rng.randint(4, 20), rng.randint(3, 12), rng.randint(1, 4)
    return Question(
        text=f"A parallelogram has sides of {base} cm and {height + lean} cm; its height over the side of {base} cm is {height} cm. "
        "How many square centimeters is its area?",
        answer=str(base * height),
        hint=f"Cut off a corner and move it: a rectangle of {base} cm by {height} cm.",
        effort=product_effort(base * height, 12, 240),
    )


def _sides(rng: Random, low: int, high: int) -> tuple[int, int]:
    """A length and a shorter width."""
    width, length = sorted(rng.sample(range(low, high + 1), 2))
    return length, width


FAMILIES: Final = (
    QuestionFamily("perimeter.rectangle", "perimeter", perimeter),
    QuestionFamily("perimeter.missing-side", "perimeter", missing_side),
    QuestionFamily("rectangle-area.plain", "rectangle-area", rectangle_area),
    QuestionFamily("rectangle-area.missing-side", "rectangle-area", side_from_area),
    QuestionFamily("unit-conversion.mixed", "unit-conversion", smaller_unit),
    QuestionFamily("unit-conversion.plain", "unit-conversion", how_many_pieces),
    QuestionFamily("volume.box", "volume", volume),
    QuestionFamily("volume.height", "volume", height_from_volume),
    QuestionFamily("coordinate-plane.walk", "coordinate-plane", walk),
    QuestionFamily("coordinate-plane.distance", "coordinate-plane", distance_on_a_line),
    QuestionFamily("triangle-area.triangle", "triangle-area", triangle_area),
    QuestionFamily("triangle-area.parallelogram", "triangle-area", parallelogram_area),
)
