"""What items answer to residuals on other items, in torch: `Weights.query` and `Weights.key` over whole sequences."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import torch
from torch import Tensor

from adaptive.models.recurrent.trail import FACTOR_KEPT

__all__ = ["answers_to_past"]

_RUN: Final = 256
"""Steps that are held against each other at once; what lies before them is carried as a sum."""


def answers_to_past(query: Tensor, noted: Tensor) -> Tensor:
    """(B, T) query . m, m the `noted` of the steps before, fading, over the root of their number; both are (B, T, F).

    >>> noted = torch.ones(1, 3, len(FACTOR_KEPT))
    >>> answers_to_past(torch.tensor([1.0, 0.0, 0.0]).expand(1, 3, -1), noted)
    tensor([[0.0000, 1.0000, 1.4142]])
    """
    width = query.shape[-1] // len(FACTOR_KEPT)
    parts = [(slice(i * width, (i + 1) * width), kept) for i, kept in enumerate(FACTOR_KEPT)]
    return torch.stack([_of_one(query[..., part], noted[..., part], kept) for part, kept in parts]).sum(0)


def _of_one(query: Tensor, noted: Tensor, kept: float) -> Tensor:
    n_steps, carried, found = query.shape[1], torch.zeros_like(noted[:, 0]), []
    for a, b in pairwise([*range(0, n_steps, _RUN), n_steps]):
        q, k, step = query[:, a:b], noted[:, a:b], torch.arange(b - a, dtype=query.dtype, device=query.device)
        gap = step[:, None] - step[None, :] - 1.0
        within = torch.where(gap >= 0.0, kept ** gap.clamp(min=0.0), 0.0)
        weighted = (torch.bmm(q, k.transpose(1, 2)) * within).sum(-1) + kept**step * (q * carried[:, None]).sum(-1)
        found.append(weighted / _n_before(step + a, kept).sqrt())
        carried = kept ** (b - a) * carried + (kept ** (b - a - 1.0 - step)[:, None] * k).sum(1)
    return torch.cat(found, 1)


def _n_before(step: Tensor, kept: float) -> Tensor:
    """How many attempts the fading sum before each step counts for, at least 1."""
    n = step if kept == 1.0 else (1.0 - kept**step) / (1.0 - kept)
    return n.clamp(min=1.0)
