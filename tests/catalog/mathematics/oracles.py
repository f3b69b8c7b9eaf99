"""Answers worked out from the words of a question alone: by evaluating, by search, by counting."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from statistics import median
from typing import Final

Answer = Fraction | str
Oracle = Callable[[str], Answer]

UNITS = {"centimeters": ("meters", 100), "grams": ("kilograms", 1000), "milliliters": ("liters", 1000), "inches": ("feet", 12)}
OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a ** int(b),
}


def evaluate(expression: str) -> Fraction:
    """The value of an expression in which 3/4 is one number and binds before any operator."""
    literals = re.sub(r"\d+(?:[./]\d+)?", lambda found: f"'{found[0]}'", expression)
    operators = literals.replace("\u00d7", "*").replace("\u00f7", "/").replace("^", "**")
    return _value(ast.parse(operators.strip(), mode="eval").body)


def _value(node: ast.expr) -> Fraction:
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    assert isinstance(node, ast.Constant)
    assert isinstance(node.value, str)
    return Fraction(node.value)


def numbers(text: str) -> list[Fraction]:
    return [Fraction(found) for found in re.findall(r"(?<![\w.])-?\d+(?:[./]\d+)?", text)]


def whole_numbers(text: str) -> list[int]:
    return [int(number) for number in numbers(text)]


def arithmetic(text: str) -> Answer:
    return evaluate(text.rsplit("What is ", 1)[1].rstrip("?"))


def product(text: str) -> Answer:
    a, b = numbers(text)
    return a * b


def quotient(text: str) -> Answer:
    whole, part = numbers(text)
    return whole / part


def shop(text: str) -> Answer:
    pen, book, n = numbers(text)
    return sum([pen] * int(n), book)


def left_over(text: str) -> Answer:
    start, each, n = numbers(text)
    return start - sum([each] * int(n))


def factors(number: int) -> list[int]:
    return [k for k in range(1, number + 1) if number % k == 0]


def the_prime(text: str) -> Answer:
    [prime] = [number for number in whole_numbers(text) if len(factors(number)) == 2]
    return Fraction(prime)


def nth(text: str) -> Answer:
    start, step, n = (int(found) for found in re.findall(r"\d+", text))
    return Fraction(list(range(start, start + 100 * step, step))[n - 1])


def next_number(text: str) -> Answer:
    a, b, c = numbers(text)
    assert b - a == c - b
    return c + c - b


def rounded(number: Fraction, unit: str) -> Fraction:
    return Fraction(Decimal(int(number)).quantize(Decimal({"ten": "1E1", "hundred": "1E2"}[unit]), ROUND_HALF_UP))


def round_one(text: str) -> Answer:
    return rounded(numbers(text)[0], text.rstrip(".").split()[-1])


def divide_with_rest(text: str) -> Answer:
    total, divisor = whole_numbers(text)
    times = 0
    while total >= divisor:
        total, times = total - divisor, times + 1
    return f"{times} R {total}"


def part_of_bar(text: str) -> Answer:
    parts, painted = numbers(text)
    return painted / parts


def mark(text: str) -> Answer:
    steps, place = (int(found) for found in re.search(r"has (\d+) equal .* the (\d+)", text).groups())  # type: ignore[union-attr]  # None fails the test
    return sum([Fraction(1, steps)] * place, Fraction(0))


def missing_numerator(text: str) -> Answer:
    known, denominator, _ = re.split(r" = \?/|\. ", text, maxsplit=2)
    [found] = [n for n in range(1, 500) if Fraction(n, int(denominator)) == Fraction(known)]
    return Fraction(found)


def sign(text: str) -> Answer:
    left, right = numbers(text)
    return {True: ">", False: "<"}[left > right] if left != right else "="


def convert(text: str) -> Answer:
    small = text.split()[2]
    large, factor = UNITS.get(small, ("hours", 60) if "hours" in text else ("minutes", 60))
    [many] = re.findall(rf"(\d+) {large}\b", text)
    rest = re.findall(rf"and (\d+) {small}", text)
    return Fraction(int(many) * factor + sum(map(int, rest)))


def walk(text: str) -> Answer:
    x, y, right, up = whole_numbers(text)
    for _ in range(right):
        x += 1
    for _ in range(up):
        y += 1
    return f"({x}, {y})"


def distance(text: str) -> Answer:
    x, y, other_x, other_y = numbers(text)
    assert x == other_x or y == other_y
    return abs(x - other_x) + abs(y - other_y)


def parallelogram(text: str) -> Answer:
    base, _, over, height = numbers(text)
    assert base == over
    return base * height


def ratio(text: str) -> Answer:
    a, b = numbers(text)
    return f"{(a / b).numerator} : {(a / b).denominator}"


def in_proportion(text: str) -> Answer:
    """'b for a ... with c': b / a of c."""
    b, a, c = numbers(text)
    return b / a * c


def price_of_many(text: str) -> Answer:
    n, dollars, m = numbers(text)
    return dollars / n * m


def percent_of(text: str) -> Answer:
    percent, amount = numbers(text.replace("%", ""))
    return sum([amount / 100] * int(percent), Fraction(0))


def what_percent(text: str) -> Answer:
    part, whole = numbers(text)
    [percent] = [k for k in range(101) if Fraction(k, 100) * whole == part]
    return f"{percent}%"


def greatest_common_factor(text: str) -> Answer:
    a, b = whole_numbers(text)
    return Fraction(max(set(factors(a)) & set(factors(b))))


def least_common_multiple(text: str) -> Answer:
    a, b = whole_numbers(text)
    return Fraction(next(k for k in range(1, a * b + 1) if k % a == 0 and k % b == 0))


def gap(text: str) -> Answer:
    low, high = whole_numbers(text)
    return Fraction(len(range(low, high)))


def substituted(text: str) -> Answer:
    expression, assignments = text.removeprefix("What is ").rstrip("?").split(" when ")
    expression = re.sub(r"(\d)(?=[a-z(])", r"\1 * ", expression)
    for letter, value in (assignment.split(" = ") for assignment in assignments.split(" and ")):
        expression = expression.replace(letter, value)
    return evaluate(expression)


def solved(text: str) -> Answer:
    equation, letter = text.rstrip("?").split(". What is ")
    left, right = re.sub(r"(\d)(?=[a-z])", r"\1 * ", equation).split(" = ")
    [solution] = [x for x in range(500) if evaluate(left.replace(letter, str(x))) == evaluate(right)]
    return Fraction(solution)


def mean(text: str) -> Answer:
    values = numbers(text)
    return sum(values, Fraction(0)) / len(values)


ORACLES: Final[dict[str, Oracle]] = {
    "equal-groups.bags": product,
    "equal-groups.rows": product,
    "multiplication-facts.product": arithmetic,
    "multiplication-facts.derived": arithmetic,
    "division-facts.quotient": arithmetic,
    "division-facts.missing-factor": lambda text: 1 / Fraction(quotient(text)),
    "two-step-problems.shop": shop,
    "two-step-problems.left-over": left_over,
    "factors-and-primes.prime": the_prime,
    "factors-and-primes.largest-factor": lambda text: Fraction(factors(whole_numbers(text)[0])[-2]),
    "number-patterns.nth": nth,
    "number-patterns.next": next_number,
    "order-of-operations.product-first": arithmetic,
    "order-of-operations.brackets": arithmetic,
    "rounding.one-number": round_one,
    "rounding.sum": lambda text: sum((rounded(number, "hundred") for number in numbers(text)), Fraction(0)),
    "add-subtract-thousand.sum": arithmetic,
    "add-subtract-thousand.difference": arithmetic,
    "multiply-by-tens.plain": arithmetic,
    "multiply-by-tens.packs": product,
    "multi-digit-multiplication.one-digit": arithmetic,
    "multi-digit-multiplication.two-digits": arithmetic,
    "division-with-remainders.plain": divide_with_rest,
    "division-with-remainders.boxes": lambda text: Fraction(int(Fraction(quotient(text)))),
    "powers-of-ten.multiply": arithmetic,
    "powers-of-ten.divide": arithmetic,
    "decimal-sums.sum": arithmetic,
    "decimal-sums.difference": arithmetic,
    "decimal-products.plain": arithmetic,
    "decimal-products.price": product,
    "fraction-of-a-whole.bar": part_of_bar,
    "fraction-of-a-whole.line": mark,
    "equivalent-fractions.missing": missing_numerator,
    "equivalent-fractions.simplest": lambda text: numbers(text)[0],
    "compare-fractions.greatest": lambda text: max(numbers(text)),
    "compare-fractions.sign": sign,
    "add-fractions-same-denominator.sum": arithmetic,
    "add-fractions-same-denominator.difference": arithmetic,
    "fraction-times-whole.plain": arithmetic,
    "fraction-times-whole.laps": product,
    "decimal-notation.to-decimal": lambda text: numbers(text)[0],
    "decimal-notation.to-fraction": lambda text: numbers(text)[0],
    "add-fractions-unlike.sum": arithmetic,
    "add-fractions-unlike.difference": arithmetic,
    "multiply-fractions.plain": arithmetic,
    "multiply-fractions.of-amount": product,
    "divide-unit-fractions.whole-by-unit": arithmetic,
    "divide-unit-fractions.share": lambda text: 1 / Fraction(quotient(text)),
    "perimeter.rectangle": lambda text: sum(numbers(text) * 2, Fraction(0)),
    "perimeter.missing-side": lambda text: numbers(text)[0] / 2 - numbers(text)[1],
    "rectangle-area.plain": product,
    "rectangle-area.missing-side": quotient,
    "unit-conversion.mixed": convert,
    "unit-conversion.plain": convert,
    "volume.box": lambda text: numbers(text)[0] * numbers(text)[1] * numbers(text)[2],
    "volume.height": lambda text: numbers(text)[0] / numbers(text)[1] / numbers(text)[2],
    "coordinate-plane.walk": walk,
    "coordinate-plane.distance": distance,
    "triangle-area.triangle": lambda text: Fraction(product(text)) / 2,
    "triangle-area.parallelogram": parallelogram,
    "equivalent-ratios.simplest": ratio,
    "equivalent-ratios.recipe": in_proportion,
    "unit-rates.speed": quotient,
    "unit-rates.price": price_of_many,
    "percents.of-amount": percent_of,
    "percents.what-percent": what_percent,
    "divide-fractions.plain": arithmetic,
    "divide-fractions.portions": lambda text: 1 / Fraction(quotient(text)),
    "common-factors-multiples.factor": greatest_common_factor,
    "common-factors-multiples.multiple": least_common_multiple,
    "signed-numbers.least": lambda text: min(numbers(text)),
    "signed-numbers.distance": gap,
    "exponents.power": arithmetic,
    "exponents.in-expression": arithmetic,
    "evaluate-expressions.one-letter": substituted,
    "evaluate-expressions.two-letters": substituted,
    "one-step-equations.sum": solved,
    "one-step-equations.product": solved,
    "mean-and-median.mean": mean,
    "mean-and-median.median": lambda text: median(numbers(text)),
}
