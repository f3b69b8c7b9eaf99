from __future__ import annotations

import numpy as np
import pytest

from adaptive.catalog import Catalog, mathematics_catalog
from adaptive.domain import Prerequisite, Skill
from adaptive.models.state_space.structure import MOST_FACTORS, structure_factors


def test_nothing_said_gives_no_factor() -> None:
    assert structure_factors(None).shape == (0, 0)
    assert structure_factors(Catalog("c", skills=(Skill("a"), Skill("b")))).shape == (2, 0)


def test_parents_relate_skills() -> None:
    skills = (
        Skill("numbers"),
        Skill("halves", parent_id="numbers"),
        Skill("thirds", parent_id="numbers"),
        Skill("poems"),
        Skill("plays", parent_id="poems"),
    )
    factors = structure_factors(Catalog("c", skills=skills))
    correlation = factors @ factors.T
    assert correlation[1, 2] > correlation[1, 4] + 0.3


@pytest.mark.parametrize("n", [40, 400])
def test_rows_are_no_longer_than_1_and_domains_hang_together(n: int) -> None:
    """Small catalogues take all eigenvectors, large ones the leading alone."""
    skills = tuple(Skill(f"s{i}", domain=f"d{i * 4 // n}") for i in range(n))
    factors = structure_factors(Catalog("c", skills=skills, prerequisites=(Prerequisite("s0", "s1"),)))
    assert factors.shape == (n, MOST_FACTORS - 1)
    assert np.all((factors**2).sum(axis=1) <= 1.0 + 1e-9)
    correlation, domain = factors @ factors.T, np.arange(n) * 4 // n
    same = domain[:, None] == domain[None, :]
    assert correlation[same].mean() > correlation[~same].mean() + 0.1
    np.testing.assert_array_equal(factors, structure_factors(Catalog("c", skills=skills, prerequisites=(Prerequisite("s0", "s1"),))))


def test_the_demonstration_catalogue_has_structure() -> None:
    catalog = mathematics_catalog()
    factors = structure_factors(catalog)
    correlation, domains = factors @ factors.T, np.array([skill.domain for skill in catalog.skills])
    same = domains[:, None] == domains[None, :]
    assert correlation[same].mean() > correlation[~same].mean() + 0.1
