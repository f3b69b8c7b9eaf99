"""Family E: a deep knowledge-tracing network fitted to attempts, which answers by chance draws from its own forecasts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import ClassVar, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from adaptive.errors import InvalidInput, Problem
from adaptive.evaluation.laboratory.families.worlds import SkillWorld
from adaptive.evaluation.laboratory.family import State
from adaptive.protocols import Floats, Ints

__all__ = ["LEVELS", "SHIPPED", "DeepFamily", "Network", "Recurrence", "cached_weights"]

LEVELS: Final = (-1.2, -0.6, 0.0, 0.6, 1.2)
"""Difficulties of items beside their skill's, before the network's slope: of an item the network knows the nearest of these."""

_SKILLS_MET: Final = 12
"""Skills, of all that the network knows, of which a new learner has answered one item each: that makes learners differ."""

SHIPPED: Final = Path(__file__).with_name("deep_generated.npz")
"""Fitted to generated attempts (experiments/laboratory_parameters/deep.py --generated)."""

_F32 = NDArray[np.float32]


def cached_weights() -> Path:
    """Where a network fitted to real attempts lies on this machine, outside the repository: under ADAPTIVE_CACHE_DIR, or ~/.cache/adaptive.

    It is never shipped. `python experiments/laboratory_parameters/deep.py` writes it.
    """
    folder = os.environ.get("ADAPTIVE_CACHE_DIR")
    return (Path(folder) if folder else Path.home() / ".cache" / "adaptive") / "laboratory" / "deep.npz"


class Recurrence(NamedTuple):
    """A GRU (Cho et al. 2014) over answers: inputs are tables by skill and by level, each by wrong and right.

    `answer` (n_skills, 2, 3 H), `level` (n_levels, 2, 3 H), `memory` (H, 3 H), `bias` (3 H,); gates in the order reset, update, new.
    """

    answer: _F32
    level: _F32
    memory: _F32
    bias: _F32

    def after(self, memory: _F32, arriving: _F32) -> _F32:
        """(..., H) the memory after an answer: h' = (1 - z) tanh(x_n + r (U_n h + b_n)) + z h, r and z by expit."""
        n, recalled = memory.shape[-1], memory @ self.memory + self.bias
        gates = expit(arriving[..., : 2 * n] + recalled[..., : 2 * n])
        new = np.tanh(arriving[..., 2 * n :] + gates[..., :n] * recalled[..., 2 * n :])
        update = gates[..., n:]
        return np.asarray((1.0 - update) * new + update * memory, dtype=np.float32)


class Network(NamedTuple):
    """What was fitted: `general` follows a learner over all skills, `own` one skill; the rest as `DeepFamily` says."""

    source: str
    general: Recurrence
    own: Recurrence
    own_base: _F32  # (3 H,) what the logit at the start of the skill adds to each input of `own`
    ease: _F32  # (n_skills,)
    by_general: _F32  # (n_skills, H of general)
    by_own: _F32  # (n_skills, H of own)
    slope: float
    level_share: Floats  # (n_levels,) of a world's items

    @classmethod
    def read(cls, path: Path) -> Self:
        """From a file that experiments/laboratory_parameters/deep.py wrote."""
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)

        def recurrence(name: str) -> Recurrence:
            memory, bias = arrays[f"{name}_memory"], arrays[f"{name}_bias"]
            answer, level = (arrays[f"{name}_{part}"].reshape(-1, 2, len(bias)) for part in ("answer", "level"))
            return Recurrence(answer, level, memory, bias)

        return cls(
            source=str(arrays["source"]),
            general=recurrence("general"),
            own=recurrence("own"),
            **{name: arrays[name] for name in ("own_base", "ease", "by_general", "by_own")},
            slope=float(arrays["slope"]),
            level_share=arrays["level_share"],
        )


_read = cache(Network.read)


class DeepFamily:
    """logit P(correct) = base_lk + v_k . h_lk - slope level_i, with base_lk = ease_k + u_k . g_l.

    Deep knowledge tracing (Piech et al. 2015) in two memories: g_l follows all of a learner's answers and is settled when practice
    begins, h_lk starts at 0 and follows the answers on skill k alone: h' = GRU(h, answer, level, base). Both are fitted so: a
    skill's forecasts see g as of its first answer. With one memory for everything (as published) the network takes practice of one
    skill for knowing all, and an oracle drills that one. Rest changes nothing, since the attempts have no times, and the catalogue
    has no prerequisites, since nothing in the network gates.

    `trained_on` says which attempts: real ones where `cached_weights()` is there, else generated ones. Raises InvalidInput for more
    skills than the network knows (40 with generated attempts, 85 with ASSISTments 2009-10).

    >>> rng = np.random.default_rng(0)
    >>> world = DeepFamily(rng, n_skills=15, weights=SHIPPED)
    >>> state = world.learners(3, rng)
    >>> world.trained_on, world.success(state).shape
    ('generated attempts', (3, 15))
    """

    name: ClassVar[str] = "deep"
    item_skills: Sequence[Sequence[int]]
    prerequisites: Sequence[tuple[int, int]]

    def __init__(self, rng: np.random.Generator, n_skills: int | None = None, weights: Path | None = None) -> None:
        self._network = network = _read(weights or self.rests_on()[0])
        self.trained_on = network.source
        self._world = world = SkillWorld.drawn(rng, n_skills)
        if world.n_skills > len(network.ease):
            rule = f"a network fitted to {network.source} knows {len(network.ease)} skills"
            raise InvalidInput("deep family", [Problem("n_skills", rule, str(world.n_skills), "ask for fewer, or for another family")])
        self.item_skills, self.prerequisites = world.item_skills, ()
        chosen = rng.choice(len(network.ease), world.n_skills, replace=False)
        self._skill = chosen[np.argsort(-network.ease[chosen], kind="stable")]  # the easier, the earlier
        self._level = rng.choice(len(LEVELS), len(world.item_skill), p=network.level_share)
        self._typical = network.slope * float(np.dot(LEVELS, network.level_share))
        self._harder = (network.slope * np.array(LEVELS) - self._typical).astype(np.float32)
        self._read_out = network.by_own[self._skill]  # (n_skills, H)

    @staticmethod
    def rests_on() -> tuple[Path, ...]:
        """The weights that a world is drawn from: `cached_weights()` where they are there, else `SHIPPED`."""
        return (cached_weights() if cached_weights().is_file() else SHIPPED,)

    def learners(self, n: int, rng: np.random.Generator) -> State:
        """`base` (n, n_skills) in logits of the typical item; `memory` (n, n_skills, H), and what that adds, `lift` (n, n_skills)."""
        network, everyone = self._network, np.arange(n)
        about = np.zeros((n, network.by_general.shape[1]), dtype=np.float32)
        for _ in range(_SKILLS_MET):
            skill, level = rng.integers(0, len(network.ease), n), rng.choice(len(LEVELS), n, p=network.level_share)
            logit = network.ease[skill] + np.einsum("lh,lh->l", network.by_general[skill], about) - network.slope * np.array(LEVELS)[level]
            right = (rng.random(n) < expit(logit)).astype(np.int64)
            about = network.general.after(about, network.general.answer[skill, right] + network.general.level[level, right])
        base = network.ease[self._skill] + about @ network.by_general[self._skill].T - np.float32(self._typical)
        memory = np.zeros((len(everyone), len(self._skill), self._read_out.shape[1]), dtype=np.float32)
        return {"base": base.astype(np.float32), "memory": memory, "lift": np.zeros_like(base, dtype=np.float32)}

    def p_correct(self, state: State) -> Floats:
        """(n, n_items) as above."""
        logit = np.take(state["base"] + state["lift"], self._world.item_skill, axis=1) - self._harder[self._level]
        return np.asarray(expit(logit), dtype=np.float64)

    def p_answer(self, state: State, item: Ints) -> Floats:
        """(n,) of one item each."""
        k, everyone = self._world.item_skill[item], np.arange(len(item))
        logit = state["base"][everyone, k] + state["lift"][everyone, k] - self._harder[self._level[item]]
        return np.asarray(expit(logit), dtype=np.float64)

    def success(self, state: State) -> Floats:
        """(n, n_skills) of an item of the mean level of the world's items."""
        return np.asarray(expit(state["base"] + state["lift"]), dtype=np.float64)

    def practise(self, state: State, item: Ints, correct: Floats, rng: np.random.Generator) -> State:  # noqa: ARG002 - nothing is drawn
        """The memory of the item's skill after the answer; a score is right from .5 on."""
        k, everyone, right = self._world.item_skill[item], np.arange(len(item)), (correct >= 0.5).astype(np.int64)
        own, base = self._network.own, state["base"][everyone, k] + np.float32(self._typical)
        arriving = own.answer[self._skill[k], right] + own.level[self._level[item], right] + base[:, None] * self._network.own_base
        after = own.after(state["memory"][everyone, k], arriving)
        memory, lift = state["memory"].copy(), state["lift"].copy()
        memory[everyone, k] = after
        lift[everyone, k] = np.einsum("lh,lh->l", after, self._read_out[k])
        return {**state, "memory": memory, "lift": lift}

    def rest(self, state: State, days: float, rng: np.random.Generator) -> State:  # noqa: ARG002 - the attempts have no times
        """The same."""
        return state

    def gain(self, state: State, days: float) -> Floats:  # noqa: ARG002 - nothing is forgotten
        """(n, n_items): each skill tried on an item of each level, right and wrong by their chances; over n_skills. Exact."""
        own, base = self._network.own, state["base"] + np.float32(self._typical)
        of_answer = own.answer[self._skill][:, None] + own.level  # (n_skills, n_levels, 2, 3 H)
        arriving = of_answer + (base[..., None] * self._network.own_base)[:, :, None, None]
        after = own.after(state["memory"][:, :, None, None], arriving)  # (n, n_skills, n_levels, 2, H)
        tried = expit(state["base"][:, :, None, None] + np.einsum("lkvch,kh->lkvc", after, self._read_out))
        p = expit((state["base"] + state["lift"])[..., None] - self._harder)  # (n, n_skills, n_levels)
        rise = (1.0 - p) * tried[..., 0] + p * tried[..., 1] - self.success(state)[..., None]
        return np.asarray(rise[:, self._world.item_skill, self._level] / self._world.n_skills, dtype=np.float64)
