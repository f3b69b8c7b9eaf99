"""What the catalogue says of which skills go together, as a few factors: domains, parents and prerequisites."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from scipy import sparse

from adaptive.catalog import Catalog
from adaptive.protocols import Floats

__all__ = ["MOST_FACTORS", "structure_factors"]

MOST_FACTORS: Final = 6
"""Shared factors at most, the general one included: an update costs their square."""

_SAME_DOMAIN, _PARENT, _REACH = 1.0, 1.0, 4.0
"""Weight of a shared domain (spread over the domain's skills) and of a parent beside prerequisites, whose weight the catalogue
states; and how far closeness reaches along the graph: the length scale of the kernel."""

_DENSE_UP_TO: Final = 200
"""Skills up to which all eigenvectors are computed; beyond, the leading ones alone."""


def structure_factors(catalog: Catalog | None) -> Floats:
    """(n_skills, 0 to MOST_FACTORS - 1) loadings of the catalogue's skills, rows of length at most 1; no column where nothing is said.

    Closeness is the regularised Laplacian kernel (I + reach L)^-1 of the graph (Smola & Kondor 2003, "Kernels and
    regularization on graphs"), scaled to correlations; the columns are its leading eigenvectors. Their product with
    themselves is the correlation that two skills share.

    >>> from adaptive.domain import Skill
    >>> of_two_domains = Catalog("c", skills=tuple(Skill(name, domain=name[0]) for name in ("a1", "a2", "b1", "b2")))
    >>> factors = structure_factors(of_two_domains)
    >>> (factors @ factors.T > 0.5).astype(int).tolist()
    [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]]
    """
    n = 0 if catalog is None else len(catalog.skills)
    edges = _edges(catalog) if catalog is not None else {}
    if not edges:
        return np.zeros((n, 0))
    ends = np.array(list(edges), dtype=np.int64)
    weight = np.array(list(edges.values()))
    near = sparse.coo_array((weight, (ends[:, 0], ends[:, 1])), shape=(n, n))
    near = (near + near.T).tocsc()
    laplacian = sparse.diags_array(np.asarray(near.sum(axis=0)).ravel()) - near
    return _leading((sparse.identity(n) + _REACH * laplacian).tocsc(), min(MOST_FACTORS - 1, n - 1))


def _edges(catalog: Catalog) -> dict[tuple[int, int], float]:
    """Weights between skills by place; skills of one domain form a ring, so that a domain costs as many edges as it has skills."""
    place = {skill.skill_id: i for i, skill in enumerate(catalog.skills)}
    edges = {(place[edge.prerequisite_id], place[edge.skill_id]): edge.weight for edge in catalog.prerequisites}
    domains: dict[str, list[int]] = {}
    for i, skill in enumerate(catalog.skills):
        if skill.domain:
            domains.setdefault(skill.domain, []).append(i)
        if skill.parent_id in place:
            edges[place[skill.parent_id], i] = edges.get((place[skill.parent_id], i), 0.0) + _PARENT
    for members in domains.values():
        for pair in pairwise(members):
            edges[pair] = edges.get(pair, 0.0) + _SAME_DOMAIN
    return edges


def _leading(precision: sparse.csc_array, n_factors: int) -> Floats:
    """Leading eigenvectors of the inverse, as loadings of correlations."""
    n = precision.shape[0]
    if n <= _DENSE_UP_TO:
        values, vectors = np.linalg.eigh(precision.toarray())
    else:
        start = np.random.default_rng(0).normal(size=n)
        values, vectors = sparse.linalg.eigsh(precision, k=n_factors, sigma=0.0, v0=start)
    order = np.argsort(values)[:n_factors]
    loadings = vectors[:, order] / np.sqrt(values[order])
    variance = np.linalg.inv(precision.toarray()).diagonal() if n <= _DENSE_UP_TO else (loadings**2).sum(axis=1)
    signs = np.where(loadings[np.abs(loadings).argmax(axis=0), np.arange(n_factors)] < 0.0, -1.0, 1.0)
    return np.asarray(signs * loadings / np.sqrt(np.maximum(variance, 1e-12))[:, None], dtype=np.float64)
