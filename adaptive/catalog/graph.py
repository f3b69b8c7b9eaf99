"""Order and cycles of a directed graph of ids; nothing here recurses, so ten thousand skills in a chain are fine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush

__all__ = ["Edges", "cycles", "topological_order"]

Edges = Sequence[tuple[str, str]]
"""(before, after) pairs; both ends are nodes of the graph, and a pair may be repeated."""


def topological_order(nodes: Sequence[str], edges: Edges) -> tuple[str, ...]:
    """Nodes with every `before` ahead of its `after`; among the free ones, the first of `nodes` comes first.

    Nodes on a cycle, or behind one, are left out: the order is complete where it is as long as `nodes`.

    >>> topological_order(["c", "b", "a"], [("a", "b")])
    ('c', 'a', 'b')
    """
    rank = {node: position for position, node in enumerate(nodes)}
    after, n_before = _successors(nodes, edges)
    free = [rank[node] for node in nodes if n_before[node] == 0]
    heapify(free)
    order: list[str] = []
    while free:
        node = nodes[heappop(free)]
        order.append(node)
        for successor in after[node]:
            n_before[successor] -= 1
            if n_before[successor] == 0:
                heappush(free, rank[successor])
    return tuple(order)


def cycles(nodes: Sequence[str], edges: Edges) -> list[tuple[str, ...]]:
    """Cycles that share no node, at least one in each tangle, each as its path without the return to the first node.

    Time is linear in nodes and edges for each cycle found, and linear altogether where there is none.

    >>> cycles(["a", "b", "c", "d"], [("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")])
    [('a', 'b', 'c')]
    """
    after, n_before = _successors(nodes, edges)
    before, _ = _successors(nodes, [(late, early) for early, late in edges])
    left = dict.fromkeys(nodes)
    found: list[tuple[str, ...]] = []
    _peel(left, after, n_before, [node for node in nodes if n_before[node] == 0])
    while left:
        cycle = _cycle_behind(next(iter(left)), before, left)
        found.append(cycle)
        _peel(left, after, n_before, cycle)
    return found


def _successors(nodes: Iterable[str], edges: Edges) -> tuple[dict[str, list[str]], dict[str, int]]:
    after: dict[str, list[str]] = {node: [] for node in nodes}
    n_before = dict.fromkeys(after, 0)
    for early, late in edges:
        after[early].append(late)
        n_before[late] += 1
    return after, n_before


def _peel(left: dict[str, None], after: dict[str, list[str]], n_before: dict[str, int], removable: Iterable[str]) -> None:
    """Take these nodes out of `left`, and then each node that waits for nothing that is left."""
    waiting = list(removable)
    for node in waiting:
        del left[node]
    while waiting:
        for successor in after[waiting.pop()]:
            n_before[successor] -= 1
            if n_before[successor] == 0 and successor in left:
                del left[successor]
                waiting.append(successor)


def _cycle_behind(start: str, before: dict[str, list[str]], left: dict[str, None]) -> tuple[str, ...]:
    """The cycle met when walking backwards: each node that is left waits for another, so the walk must return."""
    step_of: dict[str, int] = {}
    path: list[str] = []
    node = start
    while node not in step_of:
        step_of[node] = len(path)
        path.append(node)
        node = next(early for early in before[node] if early in left)
    backwards = path[step_of[node] :]
    forwards = backwards[::-1]
    first = forwards.index(min(forwards))
    return tuple(forwards[first:] + forwards[:first])
