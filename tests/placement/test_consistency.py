"""The order along the graph: nearest values that keep it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, minimize

from adaptive.placement.consistency import isotonic

Graph = tuple[np.ndarray, list[tuple[int, int]]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    values = draw(st.lists(st.floats(-3, 3), min_size=2, max_size=7))
    pairs = [(i, j) for j in range(len(values)) for i in range(j)]
    edges = sorted(draw(st.sets(st.sampled_from(pairs))), key=lambda pair: pair[1])
    return np.array(values), edges


@given(graphs())
def test_prerequisites_are_never_below_what_stands_on_them(graph: Graph) -> None:
    values, edges = graph
    found = isotonic(values, edges)
    assert all(found[before] >= found[after] for before, after in edges)


@given(graphs())
def test_result_is_the_least_squares_projection(graph: Graph) -> None:
    """Oracle: scipy's general solver (SLSQP) on the same quadratic programme."""
    values, edges = graph
    if not edges:
        np.testing.assert_array_equal(isotonic(values, edges), values)
        return
    order = np.zeros((len(edges), len(values)))
    for row, (before, after) in enumerate(edges):
        order[row, before], order[row, after] = 1.0, -1.0
    oracle = minimize(
        lambda x: ((x - values) ** 2).sum(),
        np.full(len(values), values.mean()),
        jac=lambda x: 2 * (x - values),
        constraints=LinearConstraint(order, 0.0, np.inf),
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 500},
    )
    assert ((isotonic(values, edges) - values) ** 2).sum() == pytest.approx(oracle.fun, abs=1e-4)


@given(graphs())
def test_mirrored_evidence_gives_the_mirrored_result(graph: Graph) -> None:
    values, edges = graph
    mirrored = sorted([(after, before) for before, after in edges], key=lambda pair: -pair[1])
    np.testing.assert_allclose(isotonic(-values, mirrored), -isotonic(values, edges), atol=1e-4)


@given(graphs())
def test_consistent_values_stay_as_they_are(graph: Graph) -> None:
    values, edges = graph
    once = isotonic(values, edges)
    np.testing.assert_array_equal(isotonic(once, edges), once)


def test_one_odd_prerequisite_among_many_dependants_moves_itself() -> None:
    values = np.array([-3.0] + [0.0] * 30)
    found = isotonic(values, [(0, k) for k in range(1, 31)])
    assert found == pytest.approx(np.full(31, -3.0 / 31.0), abs=1e-4)


def pool_adjacent_violators(values: np.ndarray) -> np.ndarray:
    """Oracle on a chain: neighbours that rise are pooled into their mean, until none does."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        mean, size = float(value), 1
        while blocks and blocks[-1][0] < mean:
            before, n = blocks.pop()
            mean, size = (before * n + mean * size) / (n + size), n + size
        blocks.append((mean, size))
    return np.concatenate([np.full(size, mean) for mean, size in blocks])


@pytest.mark.parametrize("noise", [0.0, 1.0, 10.0])
@pytest.mark.parametrize("slope", [1.0, 0.0, -0.1])
def test_long_chains_are_those_of_pool_adjacent_violators(noise: float, slope: float) -> None:
    values = 3.47 + slope * np.arange(317) / 12.0 + noise * np.random.default_rng(0).normal(size=317)
    found = isotonic(values, [(k, k + 1) for k in range(316)])
    np.testing.assert_allclose(found, pool_adjacent_violators(values), atol=1e-9)
    assert (np.diff(found) <= 0.0).all()
