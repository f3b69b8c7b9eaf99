"""Order and cycles against slow oracles."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from adaptive.catalog.graph import cycles, topological_order

Graph = tuple[list[str], list[tuple[str, str]]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    nodes = [f"n{i}" for i in range(draw(st.integers(1, 8)))]
    pair = st.tuples(st.sampled_from(nodes), st.sampled_from(nodes))
    return draw(st.permutations(nodes)), draw(st.lists(pair, max_size=14))


def reaches(edges: list[tuple[str, str]], start: str) -> set[str]:
    found: set[str] = set()
    while True:
        grown = found | {late for early, late in edges if early in found | {start}}
        if grown == found:
            return found
        found = grown


def first_free_order(nodes: list[str], edges: list[tuple[str, str]]) -> tuple[str, ...]:
    """The slow way: again and again the first node, in the given order, all of whose predecessors are placed."""
    order: list[str] = []
    while True:
        free = [n for n in nodes if n not in order and all(early in order for early, late in edges if late == n)]
        if not free:
            return tuple(order)
        order.append(free[0])


@given(graphs())
def test_order_is_the_first_free_node_each_time(graph: Graph) -> None:
    assert topological_order(*graph) == first_free_order(*graph)


@given(graphs())
def test_cycles_are_closed_paths_of_the_graph_that_share_no_node(graph: Graph) -> None:
    nodes, edges = graph
    found = cycles(nodes, edges)
    for cycle in found:
        assert all(pair in edges for pair in pairwise([*cycle, cycle[0]]))
    named = [node for cycle in found for node in cycle]
    assert len(named) == len(set(named))


@given(graphs())
def test_every_tangle_has_a_named_cycle(graph: Graph) -> None:
    nodes, edges = graph
    named = {node for cycle in cycles(nodes, edges) for node in cycle}
    for node in nodes:
        reached = reaches(edges, node)
        tangle = {other for other in reached if node in reaches(edges, other)}
        assert not tangle or tangle & named


def test_ten_thousand_skills_in_a_ring_give_one_cycle_of_ten_thousand() -> None:
    nodes = [f"n{i:05}" for i in range(10_000)]
    ring = list(pairwise([*nodes, nodes[0]]))
    assert cycles(nodes, ring) == [tuple(nodes)]
    assert topological_order(nodes, ring[:-1]) == tuple(nodes)
