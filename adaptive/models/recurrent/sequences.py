"""Histories as a network reads them: cut into sequences, laid side by side in batches of like lengths, as tensors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from adaptive.models.recurrent.examples import Examples
from adaptive.models.recurrent.network import Batch, Network
from adaptive.models.recurrent.settings import NetworkSettings
from adaptive.protocols import Floats, Ints

__all__ = ["Sequences", "Tensors", "forward"]


@dataclass(frozen=True, slots=True, eq=False)
class Sequences:
    """Runs of rows of one learner: [start, end), each (n_sequences,)."""

    start: Ints
    end: Ints

    @classmethod
    def of(cls, learner: Ints, rows: NDArray[np.bool_], longest: int) -> Sequences:
        """The histories whose rows are chosen, cut into runs of at most `longest`."""
        edges = np.flatnonzero(np.diff(learner)) + 1
        start, end = np.concatenate([[0], edges]), np.concatenate([edges, [len(learner)]])
        runs = [(a, min(a + longest, e)) for s, e in zip(start, end, strict=True) if e > s and rows[s] for a in range(s, e, longest)]
        return cls(*np.array(runs, dtype=np.int64).reshape(-1, 2).T)

    def batches(self, rows_per_batch: int, rng: np.random.Generator | None) -> Iterator[Ints]:
        """Sequences of like length together, at most `rows_per_batch` rows with their padding; shuffled by `rng`."""
        length = self.end - self.start
        order = np.argsort(length * (1.0 if rng is None else rng.uniform(0.9, 1.1, len(length))), kind="stable")
        batches: list[list[int]] = [[]]
        for sequence in order.tolist():
            if batches[-1] and length[[*batches[-1], sequence]].max() * (len(batches[-1]) + 1) > rows_per_batch:
                batches.append([])
            batches[-1].append(sequence)
        chosen = range(len(batches)) if rng is None else rng.permutation(len(batches))
        return (np.array(batches[i], dtype=np.int64) for i in chosen if batches[i])

    def rows(self, batch: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """(B, T) the rows of these sequences side by side, and which of them are there; the rest repeat the first."""
        length = (self.end - self.start)[batch]
        step = np.arange(length.max())[None, :]
        is_there = step < length[:, None]
        return np.where(is_there, self.start[batch][:, None] + step, self.start[batch][:, None]), is_there


@dataclass(frozen=True, slots=True, eq=False)
class Tensors:
    """The examples' columns as tensors."""

    item: Tensor
    skill: Tensor
    start: Ints
    inputs: Tensor
    context: Tensor
    answer: Tensor
    core: Tensor
    score: Tensor
    is_scored: Tensor
    device: torch.device

    @classmethod
    def of(cls, examples: Examples, device: torch.device, kind: torch.dtype) -> Tensors:
        """On the device; real numbers of that kind."""
        real = {
            name: torch.as_tensor(getattr(examples, name), dtype=kind, device=device) for name in ("inputs", "context", "answer", "core")
        }
        scored = ~np.isnan(examples.score)
        return cls(
            item=torch.as_tensor(examples.item, device=device),
            skill=torch.as_tensor(examples.skill, device=device),
            start=examples.skill_start,
            score=torch.as_tensor(np.nan_to_num(examples.score), dtype=kind, device=device),
            is_scored=torch.as_tensor(scored, device=device),
            device=device,
            **real,
        )

    def batch(self, rows: Ints, is_there: NDArray[np.bool_]) -> Batch:
        """The rows side by side."""
        flat = rows.reshape(-1)
        length = (self.start[flat + 1] - self.start[flat]).astype(np.int64)
        bag = np.concatenate([[0], np.cumsum(length)])
        entry = torch.as_tensor(np.repeat(self.start[flat] - bag[:-1], length) + np.arange(bag[-1]), device=self.device)
        at, there = torch.as_tensor(rows, device=self.device), torch.as_tensor(is_there, device=self.device)
        return Batch(
            item=self.item[at],
            skill=self.skill[entry],
            bag=torch.as_tensor(bag, device=self.device),
            inputs=self.inputs[at],
            context=self.context[at],
            answer=self.answer[at],
            core=self.core[at],
            score=self.score[at],
            is_scored=self.is_scored[at] & there,
        )


def forward(network: Network, tensors: Tensors, sequences: Sequences, settings: NetworkSettings) -> Floats:
    """(n,) the network's residual before each row of the sequences, NaN elsewhere."""
    residual = np.full(len(tensors.item), np.nan)
    with torch.inference_mode():
        for batch in sequences.batches(settings.rows_per_batch, None):
            rows, is_there = sequences.rows(batch)
            found, _ = network(tensors.batch(rows, is_there))
            residual[rows[is_there]] = found.cpu().numpy()[is_there]
    return residual
