"""The skills of the demonstration catalogue: grades 3 to 6, with what each stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from adaptive.domain import Prerequisite, Skill

__all__ = ["TOPICS", "Topic"]

NEEDED: Final = 1.0
"""Weight of a prerequisite that each item of the skill uses (weights are the authors' judgement)."""

USED: Final = 0.7
"""Weight of one that most items use."""

HELPS: Final = 0.4
"""Weight of one that makes the idea easier but is not used in the steps."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A skill as a row of the table: code in the style of the Common Core (grade.domain.cluster.number), our own title."""

    skill_id: str
    code: str
    title: str
    after: Mapping[str, float] = field(default_factory=dict)

    @property
    def skill(self) -> Skill:
        """The skill, without its difficulty."""
        grade, domain = self.code.split(".")[:2]
        return Skill(self.skill_id, title=self.title, grade=grade, domain=domain, code=self.code)

    @property
    def prerequisites(self) -> tuple[Prerequisite, ...]:
        """The edges that lead into the skill."""
        return tuple(Prerequisite(early, self.skill_id, weight) for early, weight in self.after.items())


TOPICS: Final = (
    Topic("equal-groups", "3.OA.A.1", "See equal groups as a product"),
    Topic("add-subtract-thousand", "3.NBT.A.2", "Add and subtract up to 1000"),
    Topic("rounding", "3.NBT.A.1", "Round to tens and hundreds"),
    Topic("fraction-of-a-whole", "3.NF.A.1", "Name parts of a whole"),
    Topic("multiplication-facts", "3.OA.C.7", "Recall products up to 10 times 10", {"equal-groups": NEEDED}),
    Topic("perimeter", "3.MD.D.8", "Find the distance around a shape", {"add-subtract-thousand": USED}),
    Topic("division-facts", "3.OA.B.6", "Divide by finding the missing factor", {"multiplication-facts": NEEDED}),
    Topic("multiply-by-tens", "3.NBT.A.3", "Multiply by a multiple of ten", {"multiplication-facts": NEEDED}),
    Topic("rectangle-area", "3.MD.C.7", "Find the area of a rectangle", {"multiplication-facts": NEEDED, "perimeter": HELPS}),
    Topic(
        "two-step-problems",
        "3.OA.D.8",
        "Solve stories in two steps",
        {"multiplication-facts": NEEDED, "add-subtract-thousand": NEEDED, "division-facts": HELPS},
    ),
    Topic("number-patterns", "4.OA.C.5", "Continue a pattern by its rule", {"multiplication-facts": USED, "add-subtract-thousand": NEEDED}),
    Topic("factors-and-primes", "4.OA.B.4", "Find factors and tell primes", {"division-facts": NEEDED}),
    Topic("unit-conversion", "4.MD.A.1", "Change to a smaller unit", {"multiply-by-tens": USED, "add-subtract-thousand": USED}),
    Topic(
        "equivalent-fractions",
        "4.NF.A.1",
        "Write one fraction in several ways",
        {"fraction-of-a-whole": NEEDED, "multiplication-facts": NEEDED},
    ),
    Topic(
        "multi-digit-multiplication",
        "4.NBT.B.5",
        "Multiply numbers of several digits",
        {"multiply-by-tens": NEEDED, "add-subtract-thousand": NEEDED},
    ),
    Topic(
        "division-with-remainders", "4.NBT.B.6", "Divide and say what is left", {"division-facts": NEEDED, "add-subtract-thousand": USED}
    ),
    Topic("add-fractions-same-denominator", "4.NF.B.3", "Add and subtract parts of one size", {"fraction-of-a-whole": NEEDED}),
    Topic("compare-fractions", "4.NF.A.2", "Order fractions by size", {"equivalent-fractions": NEEDED}),
    Topic(
        "decimal-notation",
        "4.NF.C.6",
        "Write tenths and hundredths as decimals",
        {"equivalent-fractions": USED, "fraction-of-a-whole": NEEDED},
    ),
    Topic(
        "fraction-times-whole",
        "4.NF.B.4",
        "Multiply a fraction by a whole number",
        {"add-fractions-same-denominator": USED, "multiplication-facts": NEEDED},
    ),
    Topic(
        "order-of-operations",
        "5.OA.A.1",
        "Work out expressions in the right order",
        {"two-step-problems": USED, "multiplication-facts": NEEDED},
    ),
    Topic("powers-of-ten", "5.NBT.A.2", "Multiply and divide by 10, 100 and 1000", {"decimal-notation": NEEDED, "multiply-by-tens": USED}),
    Topic("decimal-sums", "5.NBT.B.7", "Add and subtract decimals", {"decimal-notation": NEEDED, "add-subtract-thousand": NEEDED}),
    Topic(
        "add-fractions-unlike",
        "5.NF.A.1",
        "Add and subtract parts of different sizes",
        {"equivalent-fractions": NEEDED, "add-fractions-same-denominator": NEEDED},
    ),
    Topic("multiply-fractions", "5.NF.B.4", "Multiply fractions", {"fraction-times-whole": NEEDED, "equivalent-fractions": USED}),
    Topic("coordinate-plane", "5.G.A.1", "Find points by their coordinates", {"number-patterns": HELPS}),
    Topic("volume", "5.MD.C.5", "Find the volume of a box", {"rectangle-area": NEEDED, "multi-digit-multiplication": USED}),
    Topic("decimal-products", "5.NBT.B.7", "Multiply decimals", {"powers-of-ten": NEEDED, "multi-digit-multiplication": NEEDED}),
    Topic("divide-unit-fractions", "5.NF.B.7", "Divide with unit fractions", {"multiply-fractions": NEEDED, "division-facts": USED}),
    Topic("equivalent-ratios", "6.RP.A.1", "Simplify and scale ratios", {"equivalent-fractions": NEEDED}),
    Topic("common-factors-multiples", "6.NS.B.4", "Find common factors and multiples", {"factors-and-primes": NEEDED}),
    Topic("signed-numbers", "6.NS.C.7", "Order numbers below zero and measure distance", {"coordinate-plane": HELPS}),
    Topic("exponents", "6.EE.A.1", "Work out powers", {"order-of-operations": USED, "multi-digit-multiplication": USED}),
    Topic("triangle-area", "6.G.A.1", "Find areas of triangles and parallelograms", {"rectangle-area": NEEDED, "division-facts": USED}),
    Topic("mean-and-median", "6.SP.B.5", "Find the mean and the median", {"division-with-remainders": NEEDED}),
    Topic("unit-rates", "6.RP.A.2", "Find how much for one", {"equivalent-ratios": NEEDED, "division-with-remainders": USED}),
    Topic("divide-fractions", "6.NS.A.1", "Divide fractions", {"divide-unit-fractions": NEEDED, "multiply-fractions": NEEDED}),
    Topic("evaluate-expressions", "6.EE.A.2", "Put numbers into expressions", {"order-of-operations": NEEDED, "exponents": HELPS}),
    Topic("percents", "6.RP.A.3", "Find percents of amounts", {"unit-rates": USED, "decimal-products": USED, "equivalent-ratios": NEEDED}),
    Topic("one-step-equations", "6.EE.B.7", "Find the unknown in one step", {"evaluate-expressions": NEEDED, "division-facts": NEEDED}),
)
"""Forty skills in teaching order: each stands behind all that it is built on."""
