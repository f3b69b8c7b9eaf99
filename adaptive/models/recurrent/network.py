"""The residual network in torch, for training alone: what it learns leaves as `Weights`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from adaptive.models.recurrent.factors import answers_to_past
from adaptive.models.recurrent.inputs import KNOTS, N_BENDS
from adaptive.models.recurrent.settings import NetworkSettings
from adaptive.models.recurrent.trail import FACTOR_KEPT, N_FEATURES
from adaptive.models.recurrent.weights import Weights

__all__ = ["Batch", "Network", "seeded", "tensors_of", "weights_of"]

_SKILL_SPREAD, _VARIATION_SPREAD = 0.1, 0.02
"""Standard deviations of embeddings at the start: near nothing, so that what is never met stays near nothing."""

_KEY_SPREAD = 0.1
"""Of keys at the start; queries start at 0."""


class Batch(NamedTuple):
    """Histories side by side, (B, T) each unless said; a row counts where `is_scored`.

    `skill` (n_entries,) and `bag` (B T + 1,) give each row's skills; `inputs` (B, T, F) and `context` (B, T, C) are as of before the
    answer, `answer` (B, T, 2) is the signed score and the residual.
    """

    item: Tensor
    skill: Tensor
    bag: Tensor
    inputs: Tensor
    context: Tensor
    answer: Tensor
    core: Tensor
    score: Tensor
    is_scored: Tensor


class Network(nn.Module):
    """`Weights` has the equations. With its last layer at zero, as at the start, it leaves the core's logit as it is."""

    def __init__(self, n_items: int, n_skills: int, n_inputs: int, n_context: int, settings: NetworkSettings) -> None:
        super().__init__()
        e, h, z = settings.n_embedding, settings.n_memory, settings.n_hidden
        self.skill = nn.EmbeddingBag(n_skills + 1, e, mode="mean", include_last_offset=True)
        self.variation = nn.EmbeddingBag(n_skills + 1, e, mode="mean", include_last_offset=True)
        self.slope = nn.Embedding(n_items + 1, n_context)
        self.query, self.key = (nn.Embedding(n_items + 1, settings.n_factors * len(FACTOR_KEPT)) for _ in range(2))
        self.arriving = nn.Linear(e + n_inputs + 2, h)
        self.gru = nn.GRU(h, h, batch_first=True)
        self.by_memory, self.by_item, self.by_inputs = nn.Linear(h, z), nn.Linear(e, z, bias=False), nn.Linear(n_inputs, z, bias=False)
        self.bend = nn.Linear(N_FEATURES * N_BENDS, z, bias=False)
        self.out = nn.Linear(z, 1)
        self.drop, self.drop_embedding = nn.Dropout(settings.dropout), nn.Dropout(settings.dropout * settings.embedding_dropout)
        for layer, spread in ((self.skill, _SKILL_SPREAD), (self.variation, _VARIATION_SPREAD), (self.key, _KEY_SPREAD)):
            nn.init.normal_(layer.weight, 0.0, spread)
            nn.init.zeros_(layer.weight[-1].detach())
        for parameter in (self.slope.weight, self.query.weight, self.bend.weight, self.out.weight, self.out.bias):
            nn.init.zeros_(parameter)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The residual before each row's answer, (B, T), and the squared length of its item's own slopes, (B, T)."""
        n, t = batch.item.shape
        skill, variation = (table(batch.skill, batch.bag).view(n, t, -1) for table in (self.skill, self.variation))
        item = self.drop_embedding(skill + batch.inputs[..., -3:-2] * variation)
        z = torch.tanh(self.arriving(torch.cat([item, batch.inputs, batch.answer], -1)))
        after, _ = self.gru(z)
        before = torch.cat([torch.zeros_like(after[:, :1]), after[:, :-1]], 1)
        hidden = torch.relu(
            self.by_memory(self.drop(before)) + self.by_item(item) + self.by_inputs(batch.inputs) + self.bend(bent(batch.inputs))
        )
        # No intercept: difficulties are out of fold, and an item's own constant would read the answers of the learner's own group off
        # the difference. Held-out log loss rose from the second epoch on (experiments/LOG.md).
        slope, noted = self.slope(batch.item), self.key(batch.item) * batch.answer[..., _RESIDUAL]
        own = (slope * batch.context).sum(-1) + answers_to_past(self.query(batch.item), noted)
        return self.out(self.drop(hidden)).squeeze(-1) + own, slope.square().sum(-1)


def bent(inputs: Tensor) -> Tensor:
    """(B, T, N_FEATURES N_BENDS) how much of the way from each knot to the next the features of the history have gone."""
    knots = torch.tensor(KNOTS, dtype=inputs.dtype, device=inputs.device)
    shares = (inputs[..., :N_FEATURES, None] - knots[:-1]) / (knots[1:] - knots[:-1])
    return shares.clamp(0.0, 1.0).flatten(-2)


@contextmanager
def seeded(seed: tuple[int, ...]) -> Iterator[None]:
    """torch's draws inside follow from the seed; its global generator is as it was afterwards."""
    with torch.random.fork_rng():
        torch.manual_seed(int(np.random.SeedSequence(seed).generate_state(1)[0]))
        yield


def weights_of(tensors: Mapping[str, Tensor]) -> Weights:
    """A network's state as plain arrays, in double precision."""
    of = {name: tensor.detach().cpu().double().numpy() for name, tensor in tensors.items()}
    arriving, n_embedding = of["arriving.weight"], of["skill.weight"].shape[1]
    apart = {"in_e": arriving[:, :n_embedding], "in_x": arriving[:, n_embedding:-_N_ANSWER], "in_a": arriving[:, -_N_ANSWER:]}
    return Weights(
        **{name: of[place] for name, place in _PLACES.items()},
        **{name: np.ascontiguousarray(part) for name, part in apart.items()},
        out=of["out.weight"][0],
    )


def tensors_of(weights: Weights) -> dict[str, Tensor]:
    """What `weights_of` read."""
    tensors = {place: torch.as_tensor(getattr(weights, name)) for name, place in _PLACES.items()}
    arriving = np.concatenate([weights.in_e, weights.in_x, weights.in_a], axis=1)
    return {**tensors, "arriving.weight": torch.as_tensor(arriving), "out.weight": torch.as_tensor(weights.out[None, :])}


_N_ANSWER: Final = 2
_RESIDUAL: Final = slice(1, 2)
_PLACES: Final = {
    "skill": "skill.weight",
    "variation": "variation.weight",
    "slope": "slope.weight",
    "query": "query.weight",
    "key": "key.weight",
    "in_b": "arriving.bias",
    "gru_x": "gru.weight_ih_l0",
    "gru_h": "gru.weight_hh_l0",
    "gru_bx": "gru.bias_ih_l0",
    "gru_bh": "gru.bias_hh_l0",
    "by_h": "by_memory.weight",
    "by_b": "by_memory.bias",
    "by_e": "by_item.weight",
    "by_x": "by_inputs.weight",
    "bend": "bend.weight",
    "out_b": "out.bias",
}
"""Where the network keeps what goes over as it is."""
