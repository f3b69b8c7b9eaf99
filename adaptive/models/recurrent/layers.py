"""Trained networks side by side, as the kernel reads them: what all items and learners share is worked out once per model."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from adaptive.models.recurrent.ensemble import Ensemble
from adaptive.models.recurrent.inputs import DIFFICULTY, FARTHEST, KNOTS, N_BENDS, N_INPUTS
from adaptive.models.recurrent.trail import N_CONTEXT, N_FEATURES
from adaptive.models.recurrent.weights import Weights
from adaptive.protocols import Floats, Ints

__all__ = ["AskedRows", "Layers"]


class Layers(NamedTuple):
    """M networks of H numbers of memory; their W hidden units in one row. Matrices lie inputs first: each input adds a row.

    Tables by skill and item end with the row of those unknown. `own` (n_items + 1, C + 1 + M F) is what an item answers to: the mean
    slopes, the mean of out_b, every network's queries; they, as `out` (W,), are divided by M, so that one sum is the mean residual.
    """

    mean: Floats
    sd: Floats
    skill_in: Floats
    """(n_skills + 1, M, H) in_e skill."""
    variation_in: Floats
    """(n_skills + 1, M, H) in_e variation."""
    in_b: Floats
    in_x: Floats
    in_a: Floats
    gru_x: Floats
    gru_h: Floats
    gru_bx: Floats
    gru_bh: Floats
    by_h: Floats
    skill_by: Floats
    """(n_skills + 1, W) by_e skill."""
    variation_by: Floats
    """(n_skills + 1, W) by_e variation + the difficulty's column of by_x: all that difficulty moves."""
    by_b: Floats
    by_x: Floats
    by_feature: Floats
    """(N_FEATURES, N_BENDS + 3, W) by_x x + bend phi(x) of each feature at the ends of its range and at the knots between."""
    out: Floats
    own: Floats
    key: Floats
    """(n_items + 1, M F) every network's keys."""

    @classmethod
    def of(cls, ensemble: Ensemble) -> Layers:
        """The networks' weights; without networks, of no width."""
        members, scales = ensemble.members, ensemble.scales
        if not members:
            return cls.nothing(ensemble)
        by_x = np.hstack([m.by_x.T for m in members])
        share, n_rows = 1.0 / len(members), len(members[0].slope)
        slope = np.mean([m.slope for m in members], axis=0)
        out_b = np.full((n_rows, 1), np.mean([m.out_b for m in members]))
        layers = cls(
            mean=scales.mean,
            sd=scales.sd,
            skill_in=np.stack([m.skill @ m.in_e.T for m in members], axis=1),
            variation_in=np.stack([m.variation @ m.in_e.T for m in members], axis=1),
            in_b=np.stack([m.in_b for m in members]),
            in_x=np.stack([m.in_x.T for m in members]),
            in_a=np.stack([m.in_a.T for m in members]),
            gru_x=np.stack([m.gru_x.T for m in members]),
            gru_h=np.stack([m.gru_h.T for m in members]),
            gru_bx=np.stack([m.gru_bx for m in members]),
            gru_bh=np.stack([m.gru_bh for m in members]),
            by_h=np.stack([m.by_h.T for m in members]),
            skill_by=np.hstack([m.skill @ m.by_e.T for m in members]),
            variation_by=np.hstack([m.variation @ m.by_e.T for m in members]) + by_x[DIFFICULTY],
            by_b=np.hstack([m.by_b for m in members]),
            by_x=by_x,
            by_feature=np.concatenate([_by_feature(m) for m in members], axis=2),
            out=share * np.hstack([m.out for m in members]),
            own=np.hstack([slope, out_b, *(share * m.query for m in members)]),
            key=np.hstack([m.key for m in members]),
        )
        return cls(*(np.ascontiguousarray(array, dtype=np.float64) for array in layers))

    @classmethod
    def nothing(cls, ensemble: Ensemble) -> Layers:
        """No network: all sums over them are 0."""
        scales, n_skills, n_items = ensemble.scales, len(ensemble.skills), len(ensemble.items)
        flat, deep, table = np.zeros((0, 0)), np.zeros((0, 0, 0)), np.zeros((n_skills + 1, 0, 0))
        return cls(
            mean=np.array(scales.mean),
            sd=np.array(scales.sd),
            skill_in=table,
            variation_in=table,
            in_b=flat,
            in_x=deep,
            in_a=deep,
            gru_x=deep,
            gru_h=deep,
            gru_bx=flat,
            gru_bh=flat,
            by_h=deep,
            skill_by=np.zeros((n_skills + 1, 0)),
            variation_by=np.zeros((n_skills + 1, 0)),
            by_b=np.zeros(0),
            by_x=np.zeros((N_INPUTS, 0)),
            by_feature=np.zeros((N_FEATURES, N_BENDS + 3, 0)),
            out=np.zeros(0),
            own=np.zeros((n_items + 1, N_CONTEXT + 1)),
            key=np.zeros((n_items + 1, 0)),
        )

    @property
    def n_memory(self) -> int:
        """Numbers in the memory of all networks: M H of the GRUs, then M F sums over past items."""
        return int(self.in_b.size + self.key.shape[1])


def _by_feature(member: Weights) -> Floats:
    """(N_FEATURES, N_BENDS + 3, Z)."""
    bend = member.bend.reshape(-1, N_FEATURES, N_BENDS).transpose(1, 2, 0)
    level = np.zeros((N_FEATURES, 1, bend.shape[2]))
    at_knots = np.concatenate([level, level, np.cumsum(bend, axis=1), bend.sum(axis=1, keepdims=True)], axis=1)
    return np.asarray(at_knots + np.multiply.outer(member.by_x.T[:N_FEATURES], [-FARTHEST, *KNOTS, FARTHEST]).swapaxes(1, 2))


class AskedRows(NamedTuple):
    """Items by groups of the same skills: group g has the items order[first[g]:first[g + 1]].

    Its skills are at entries [start[g], start[g + 1]) of `skill`, places among the skills asked about, and of `code`, places in
    the networks' tables. By item: `item`, its place among the distinct ids, `own`, its place in the networks' table, each
    (n_items,), `static` (n_items, N_STATIC) scaled, and `guess` (n_items,).
    """

    order: Ints
    first: Ints
    start: Ints
    skill: Ints
    code: Ints
    item: Ints
    own: Ints
    static: Floats
    guess: Floats
