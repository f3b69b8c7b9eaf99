"""Fits the network that answers as learners do in family E: to real attempts (kept outside the repository), or to generated ones.

python experiments/laboratory_parameters/deep.py [--generated] [--small]
"""

from __future__ import annotations

import argparse
import os
from hashlib import sha256
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from adaptive.datasets import AttemptTable, parse_map, read_attempts
from adaptive.domain import Attempt
from adaptive.evaluation.laboratory.families.bkt import BktFamily
from adaptive.evaluation.laboratory.families.deep import LEVELS, SHIPPED, cached_weights
from adaptive.models.day_zero import Difficulties
from adaptive.models.means import shrunken_means
from adaptive.protocols import Floats, Ints

FILE = Path(os.environ.get("ADAPTIVE_DATA_DIR", "../shared/data")) / "attempts" / "assist2009_akt5_question.csv.xz"
N_GENERAL, N_OWN, N_EPOCHS, LONGEST, BATCH, RATE = 32, 12, 12, 200, 32, 3e-3
AT_LEAST = 250
"""Attempts on a skill from which on it is in the world."""
HELD_OUT = 0.1
HARDER = (0.05, 0.1, 0.2, 0.3, 0.35)
"""Shares of levels among a world's items where the network is fitted to real attempts: there learners know two thirds before they begin."""
N_SKILLS, N_LEARNERS, N_BLOCKS, BLOCK = 40, 1500, 20, 12
"""Generated attempts: learners of family A (`bkt`), in blocks of a skill. Of those tried it is the one whose network leaves most to
learn: fitted to `generated_class`, where skills are learned alike, an oracle ends .09 above random, here .13."""


class Network(nn.Module):
    """Two GRUs: what is known of a learner when a skill is begun, and what happened on that skill since. `deep.py` has the equations."""

    def __init__(self, n_skills: int) -> None:
        super().__init__()
        self.met, self.met_level = nn.Embedding(2 * n_skills, N_GENERAL), nn.Embedding(2 * len(LEVELS), N_GENERAL)
        self.general = nn.GRU(N_GENERAL, N_GENERAL, batch_first=True)
        self.answer, self.level = nn.Embedding(2 * n_skills, N_OWN), nn.Embedding(2 * len(LEVELS), N_OWN)
        self.by_base = nn.Linear(1, N_OWN, bias=False)
        self.own = nn.GRU(N_OWN, N_OWN, batch_first=True)
        self.ease, self.by_general, self.by_own = (
            nn.Embedding(n_skills, 1),
            nn.Embedding(n_skills, N_GENERAL),
            nn.Embedding(n_skills, N_OWN),
        )
        self.slope, self.drop = nn.Parameter(torch.ones(())), nn.Dropout(0.2)
        for table, spread in ((self.ease, 0.0), (self.by_general, 0.1), (self.by_own, 0.3)):
            nn.init.normal_(table.weight, 0.0, spread)

    def forward(self, skill: Tensor, level: Tensor, correct: Tensor, on_skill: Tensor) -> Tensor:
        """(S, L) logits before each answer; rows (B, T) are learners, `on_skill` (S, L) as `places_by_skill`."""
        right = correct.long()
        after, _ = self.general(self.met(2 * skill + right) + self.met_level(2 * level + right))
        before = torch.cat([torch.zeros_like(after[:, :1]), after[:, :-1]], 1).flatten(0, 1)
        place = on_skill.clamp(min=0)
        s, v, c = (values.flatten()[place] for values in (skill, level, right))
        base = self.ease(s[:, :1])[..., 0] + (self.by_general(s[:, 0]) * self.drop(before[place[:, 0]])).sum(-1, keepdim=True)  # (S, 1)
        happened, _ = self.own(self.answer(2 * s + c) + self.level(2 * v + c) + self.by_base(base[..., None]))
        happened = torch.cat([torch.zeros_like(happened[:, :1]), happened[:, :-1]], 1)
        lifted = (happened * self.by_own(s)).sum(-1)
        return base + lifted - self.slope * torch.tensor(LEVELS, dtype=base.dtype)[v]


def main() -> int:
    """0 where there were attempts to fit to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generated", action="store_true", help="fit to generated attempts and write what is shipped")
    parser.add_argument("--small", action="store_true", help="one epoch, nothing written")
    given = parser.parse_args()
    if not given.generated and not FILE.exists():
        print(f"needs {FILE.name}: set ADAPTIVE_DATA_DIR to the folder of real data")
        return 1
    if given.generated:
        table, source = generated(N_LEARNERS // 10 if given.small else N_LEARNERS), "generated attempts"
    else:
        table, _ = read_attempts(FILE, parse_map("learner_id=user,item_id=item,skill_ids=skills"))
        source = f"ASSISTments 2009-10 skill builder, sha256 {sha256(FILE.read_bytes()).hexdigest()}"
    skill, level, correct, lengths, shares = sequences(table)
    network, auc = fitted(skill, level, correct, lengths, 1 if given.small else N_EPOCHS)
    print(f"{source}: {int(lengths.sum()):,} attempts, {network.ease.num_embeddings} skills, AUC of held-out learners {auc:.4f}")
    path = SHIPPED if given.generated else cached_weights()
    if not given.small:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            path,
            source=np.array(source),
            auc=np.array(auc),
            level_share=shares if given.generated else np.array(HARDER),
            **arrays_of(network),
        )
        print(f"{path}: {path.stat().st_size:,} bytes")
    return 0


def generated(n_learners: int) -> AttemptTable:
    """Learners of family A who practise half of the skills in blocks, in the order of the skills, so that prerequisites come first."""
    rng = np.random.default_rng(1)
    world = BktFamily(rng, n_skills=N_SKILLS)
    state, everyone = world.learners(n_learners, rng), np.arange(n_learners)
    items_of = [np.flatnonzero([k in skills for skills in world.item_skills]) for k in range(N_SKILLS)]
    order = np.sort(np.argsort(rng.random((n_learners, N_SKILLS)), axis=1)[:, :N_BLOCKS], axis=1)
    rows = []
    for step in range(N_BLOCKS * BLOCK):
        item = np.array([rng.choice(items_of[k]) for k in order[:, step // BLOCK]])
        correct = (rng.random(n_learners) < world.p_correct(state)[everyone, item]).astype(np.float64)
        state = world.practise(state, item, correct, rng)
        rows.append((item, correct))
    return AttemptTable.from_attempts(
        Attempt(
            f"a{learner}-{step}",
            f"l{learner}",
            f"i{item[learner]}",
            (f"s{world.item_skills[item[learner]][0]}",),
            correct=float(correct[learner]),
            sequence=step,
        )
        for learner in range(n_learners)
        for step, (item, correct) in enumerate(rows)
    )


def sequences(table: AttemptTable) -> tuple[Ints, Ints, Floats, Ints, Floats]:
    """Skill, level and score by learner, (n, LONGEST) padded with 0, their lengths (n,), and each level's share of items."""
    codes = table.codes()
    n_attempts = np.bincount(codes.skill, minlength=len(codes.skill_ids))
    known = np.flatnonzero(n_attempts >= AT_LEAST)
    place = np.full(len(codes.skill_ids), -1)
    place[known] = np.arange(len(known))
    first = codes.skill[codes.skill_start[:-1]]
    means = shrunken_means(Difficulties.of(None), codes)
    of_skill = means.skills.look_up(means.skill_logit, codes.skill_ids, default=means.overall)
    _, row = np.unique(codes.item, return_index=True)
    harder = of_skill[first[row]] - means.item_logit[codes.item[row]]
    of_item = np.zeros(len(codes.item_ids), dtype=np.int64)
    of_item[codes.item[row]] = np.abs(harder[:, None] - np.array(LEVELS)).argmin(axis=1)
    keep = (place[first] >= 0) & codes.evidence
    learner, skill, item, score = codes.learner[keep], place[first][keep], codes.item[keep], codes.correct[keep]
    edges = np.flatnonzero(np.diff(learner)) + 1
    runs = [
        run[at : at + LONGEST]
        for run in np.split(np.arange(len(learner)), edges)
        for at in range(0, len(run), LONGEST)
        if len(run) - at > 1
    ]
    padded = np.zeros((len(runs), LONGEST), dtype=np.int64)
    lengths = np.array([len(run) for run in runs])
    for line, run in zip(padded, runs, strict=True):
        line[: len(run)] = run
    shares = np.bincount(of_item[codes.item[row]], minlength=len(LEVELS)) / len(row)
    return skill[padded], of_item[item[padded]], score[padded], lengths, shares


def fitted(skill: Ints, level: Ints, correct: Floats, lengths: Ints, n_epochs: int) -> tuple[Network, float]:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    network = Network(int(skill.max()) + 1)
    optimiser = torch.optim.Adam(network.parameters(), RATE, weight_decay=1e-6)
    is_test = rng.random(len(skill)) < HELD_OUT
    train, test = np.flatnonzero(~is_test), np.flatnonzero(is_test)
    best, kept = 0.0, network.state_dict()
    for epoch in range(n_epochs):
        began = perf_counter()
        network.train()
        order = train[np.argsort(lengths[train] * rng.uniform(0.8, 1.2, len(train)))]
        for batch in rng.permutation(len(order) // BATCH):
            rows = order[batch * BATCH : (batch + 1) * BATCH]
            logits, target, there = _forward(network, skill, level, correct, lengths, rows)
            loss = nn.functional.binary_cross_entropy_with_logits(logits[there], target[there])
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
        network.eval()
        with torch.no_grad():
            logits, target, there = _forward(network, skill, level, correct, lengths, test)
        auc = float(roc_auc_score(target[there], logits[there]))
        print(f"epoch {epoch + 1}: held-out AUC {auc:.4f}, {perf_counter() - began:.0f} s", flush=True)
        if auc > best:
            best, kept = auc, {name: tensor.clone() for name, tensor in network.state_dict().items()}
    network.load_state_dict(kept)
    return network, best


def _forward(network: Network, skill: Ints, level: Ints, correct: Floats, lengths: Ints, rows: Ints) -> tuple[Tensor, Tensor, Tensor]:
    longest = int(lengths[rows].max())
    s, v, c = (torch.as_tensor(array[rows, :longest]) for array in (skill, level, correct))
    on_skill = torch.as_tensor(places_by_skill(skill[rows, :longest], lengths[rows]))
    target = c.float().flatten()[on_skill.clamp(min=0)]
    return network(s, v, c.float(), on_skill), target, on_skill >= 0


def places_by_skill(skill: Ints, lengths: Ints) -> Ints:
    """(S, L) flat places in (B, T) of each learner's answers on each skill, in their order; -1 after the last."""
    longest = skill.shape[1]
    flat = np.flatnonzero(np.arange(longest) < lengths[:, None])
    order = flat[np.lexsort((flat, skill.ravel()[flat], flat // longest))]
    key = (order // longest) * (skill.max() + 1) + skill.ravel()[order]
    start = np.flatnonzero(np.diff(key, prepend=-1))
    counts = np.diff(np.append(start, len(order)))
    found = np.full((len(start), counts.max()), -1)
    found[np.repeat(np.arange(len(start)), counts), np.arange(len(order)) - np.repeat(start, counts)] = order
    return found


def arrays_of(network: Network) -> dict[str, NDArray[np.float32]]:
    """What `DeepFamily` reads: inputs are tables, since what enters is one of few."""
    of = {name: tensor.detach().numpy() for name, tensor in network.state_dict().items()}
    arrays = {"slope": of["slope"], "ease": of["ease.weight"][:, 0], "by_general": of["by_general.weight"], "by_own": of["by_own.weight"]}
    for gru, answer, level in (("general", "met", "met_level"), ("own", "answer", "level")):
        into = of[f"{gru}.weight_ih_l0"].T
        arrays[f"{gru}_answer"] = of[f"{answer}.weight"] @ into + of[f"{gru}.bias_ih_l0"]
        arrays[f"{gru}_level"] = of[f"{level}.weight"] @ into
        arrays[f"{gru}_memory"], arrays[f"{gru}_bias"] = of[f"{gru}.weight_hh_l0"].T, of[f"{gru}.bias_hh_l0"]
    return arrays | {"own_base": (of["by_base.weight"][:, 0] @ of["own.weight_ih_l0"].T)}


if __name__ == "__main__":
    raise SystemExit(main())
