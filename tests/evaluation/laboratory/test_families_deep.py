"""Family E: a network as numpy arrays, and where its weights come from."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from adaptive.errors import InvalidInput
from adaptive.evaluation.laboratory.families import DeepFamily
from adaptive.evaluation.laboratory.families.deep import SHIPPED, Network, cached_weights


@pytest.mark.parametrize("part", ["general", "own"])
def test_a_step_is_that_of_torch(part: str) -> None:
    """The gates' order and the new gate's bias are conventions; 1e-5 is single precision."""
    recurrence = getattr(Network.read(SHIPPED), part)
    n, rng = recurrence.memory.shape[0], np.random.default_rng(0)
    cell = torch.nn.GRUCell(3 * n, n)
    with torch.no_grad():
        for parameter, value in (
            (cell.weight_ih, np.eye(3 * n, dtype=np.float32)),
            (cell.bias_ih, np.zeros(3 * n, dtype=np.float32)),
            (cell.weight_hh, recurrence.memory.T),
            (cell.bias_hh, recurrence.bias),
        ):
            parameter.copy_(torch.as_tensor(value))
        memory, arriving = rng.normal(size=(5, n)).astype(np.float32), recurrence.answer[:5, 1] + recurrence.level[2, 1]
        expected = cell(torch.as_tensor(arriving), torch.as_tensor(memory)).numpy()
    assert np.allclose(recurrence.after(memory, arriving), expected, rtol=0.0, atol=1e-5)


def test_an_answer_moves_its_own_skill_alone() -> None:
    rng = np.random.default_rng(1)
    world = DeepFamily(rng, n_skills=15)
    state = world.learners(4, rng)
    moved = world.success(world.practise(state, np.zeros(4, dtype=np.int64), np.ones(4), rng)) != world.success(state)
    assert moved[:, 0].all()
    assert not moved[:, 1:].any()


def test_weights_in_the_cache_come_before_those_that_are_shipped() -> None:
    assert DeepFamily(np.random.default_rng(2)).trained_on == "generated attempts"
    with np.load(SHIPPED) as file:
        arrays = {**file, "source": np.array("real attempts")}
    cached_weights().parent.mkdir(parents=True)
    np.savez(cached_weights(), **arrays)
    assert DeepFamily(np.random.default_rng(2)).trained_on == "real attempts"


def test_more_skills_than_the_network_knows_are_refused(tmp_path: Path) -> None:
    weights = tmp_path / "weights.npz"
    shutil.copy(SHIPPED, weights)
    with pytest.raises(InvalidInput, match="knows 40 skills"):
        DeepFamily(np.random.default_rng(3), n_skills=41, weights=weights)
