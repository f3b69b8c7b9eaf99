"""Networks of pykt-toolkit, trained by a plain loop around its modules: deep.py FOLDER (dkt|sakt|akt).

pykt's own protocol expands each multi-skill attempt into rows and scores windows of 200; here an attempt is one step, and its concept its
item where there are few items (as published figures on Statics 2011 have it), else its combination of skills. Every attempt of a test
learner is scored (the first, which these networks do not forecast, by the concept's training mean). One training learner in ten stops the
training early; sizes are near those of pykt's examples, and time is limited.
"""

from __future__ import annotations

import copy
import sys
import time

import numpy as np
import pandas as pd
import torch
from exchange import Forecasts, exchange, item_means
from pykt.models.akt import AKT
from pykt.models.dkt import DKT
from pykt.models.sakt import SAKT
from sklearn.metrics import roc_auc_score

WINDOW = 200
"""pykt's longest sequence. A longer history is cut into windows that overlap by half, of which the later half is told."""
BATCH, RATE, SIZE, DROPOUT, PATIENCE, HELD_OUT = 64, 1e-3, 128, 0.2, 5, 10
FEW_ITEMS = 2_000
"""Up to which dkt and sakt, which know no items, take the item for the concept."""
SHARE_OF_TIME = 0.65
"""Of the run's limit for training; the rest is left to the forecasts."""


def forecast(train: pd.DataFrame, test: pd.DataFrame, meta: dict) -> Forecasts:
    torch.manual_seed(meta["seed"])
    name, begun = sys.argv[2], time.perf_counter()
    seen, asked = train[train["scored"] == 1], test[test["scored"] == 1]
    column = "item" if name != "akt" and seen["item"].nunique() <= FEW_ITEMS else "skills"
    seen, asked = (frame.assign(concept=frame[column]) for frame in (seen, asked))
    concepts, items = ({value: place for place, value in enumerate(sorted(seen[of].unique()))} for of in ("concept", "item"))
    network = NETWORKS[name](len(concepts) + 1, len(items) + 1)
    windows = _windows(seen, concepts, items)
    learners = np.random.RandomState(meta["seed"]).permutation(seen["learner"].unique())
    held_out = set(learners[: len(learners) // HELD_OUT])
    fit, check = ([window for window in windows if (window["learner"] in held_out) == is_held] for is_held in (False, True))
    epochs = _train(network, fit, check, begun + SHARE_OF_TIME * meta["seconds"], np.random.RandomState(meta["seed"]))
    seconds = time.perf_counter() - begun
    shares, mean = item_means(seen, column)
    p_correct = np.array([shares.get(value, mean) for value in test[column]])
    rows, found = _forecasts(network, _windows(asked, concepts, items))
    p_correct[rows] = found
    concept, problem = "items" if column == "item" else "combinations of skills", "items its problems, " if name == "akt" else ""
    told = f"pykt-toolkit's {name}, size {SIZE}, {epochs} epochs in the time allowed; concepts are {concept}, {problem}study rows left out"
    return p_correct, seconds, f"{told}, first attempts by the concept's mean"


def _windows(frame: pd.DataFrame, concepts: dict[str, int], items: dict[str, int]) -> list[dict]:
    """Sequences of at most WINDOW attempts; `told` marks those whose forecast counts (each attempt but the first, once)."""
    frame = frame.assign(
        concept=frame["concept"].map(concepts).fillna(len(concepts)).astype(int),
        problem=frame["item"].map(items).fillna(len(items)).astype(int),
    )
    windows = []
    for learner, rows in frame.groupby("learner", sort=False):
        start = 0
        while True:
            part = rows.iloc[start : start + WINDOW]
            told = np.arange(len(part)) >= (WINDOW // 2 if start else 1)
            if told.any():
                columns = {name: part[name].to_numpy() for name in ("concept", "problem", "correct")}
                windows.append({"learner": learner, "told": told, "row": part.index.to_numpy(), **columns})
            if start + WINDOW >= len(rows):
                break
            start += WINDOW // 2
    return sorted(windows, key=lambda window: len(window["row"]))


def _train(network: torch.nn.Module, fit: list[dict], check: list[dict], until: float, rng: np.random.RandomState) -> int:
    """Epochs until the held-out AUC has not risen for PATIENCE of them, or the time is over; the best one's weights are kept."""
    adam = torch.optim.Adam(network.parameters(), lr=RATE)
    best, kept, since = -1.0, copy.deepcopy(network.state_dict()), 0
    batches = [fit[k : k + BATCH] for k in range(0, len(fit), BATCH)]
    epoch = 0
    while True:
        epoch += 1
        network.train()
        for k in rng.permutation(len(batches)):
            adam.zero_grad()
            p, target, mask, penalty = _step(network, batches[k])
            loss = torch.nn.functional.binary_cross_entropy(p[mask], target[mask]) + penalty
            loss.backward()
            adam.step()
            if time.perf_counter() > until:
                break
        auc = _held_out_auc(network, check)
        since = 0 if auc > best else since + 1
        if since == 0:
            best, kept = auc, copy.deepcopy(network.state_dict())
        if since >= PATIENCE or time.perf_counter() > until:
            break
    network.load_state_dict(kept)
    return epoch


def _held_out_auc(network: torch.nn.Module, check: list[dict]) -> float:
    _, p = _forecasts(network, check)
    target = np.concatenate([window["correct"][window["told"]] for window in check])
    return float(roc_auc_score(target.round(), p))


def _forecasts(network: torch.nn.Module, windows: list[dict]) -> tuple[np.ndarray, np.ndarray]:
    network.eval()
    rows, found = [], []
    with torch.no_grad():
        for k in range(0, len(windows), BATCH):
            batch = windows[k : k + BATCH]
            p, _, mask, _ = _step(network, batch)
            found.append(p[mask].numpy())
            rows += [window["row"][window["told"]] for window in batch]
    return np.concatenate(rows), np.concatenate(found)


def _step(network: torch.nn.Module, batch: list[dict]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor | float]:
    """P(correct) (n, length), answers and the mask of what is told; position t's forecast comes from positions before t."""
    length = max(len(window["row"]) for window in batch)
    concept, problem, correct, told = (torch.zeros((len(batch), length), dtype=torch.long) for _ in range(4))
    for k, window in enumerate(batch):
        n = len(window["row"])
        concept[k, :n], problem[k, :n] = torch.as_tensor(window["concept"]), torch.as_tensor(window["problem"])
        correct[k, :n], told[k, :n] = torch.as_tensor(window["correct"].round().astype(int)), torch.as_tensor(window["told"].astype(int))
    p, penalty = _probabilities(network, concept, problem, correct)
    return p, correct.float(), told.bool(), penalty


def _probabilities(
    network: torch.nn.Module, concept: torch.Tensor, problem: torch.Tensor, correct: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor | float]:
    if isinstance(network, AKT):
        p, penalty = network(concept, correct, problem)
        return p, penalty
    if isinstance(network, SAKT):
        later = network(concept[:, :-1], correct[:, :-1], concept[:, 1:])
    else:
        later = network(concept[:, :-1], correct[:, :-1]).gather(2, concept[:, 1:, None]).squeeze(2)
    return torch.cat([torch.full_like(later[:, :1], 0.5), later], dim=1), 0.0


NETWORKS = {
    "dkt": lambda n_concepts, _: DKT(n_concepts, SIZE, dropout=DROPOUT),
    "sakt": lambda n_concepts, _: SAKT(n_concepts, WINDOW, SIZE, 8, DROPOUT),
    "akt": lambda n_concepts, n_items: AKT(n_concepts, n_items, SIZE, 2, DROPOUT, d_ff=SIZE),
}

if __name__ == "__main__":
    exchange(forecast)
