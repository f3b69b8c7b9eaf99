"""One-parameter item response theory of several packages, for sets whose test learners are known: irt.py FOLDER NAME.

mirt: marginal maximum likelihood (EM), EAP abilities. girth: the same by its own quadrature. py_irt: variational inference in Pyro,
posterior means. catsim: its maximum-likelihood ability of each learner on the difficulties that mirt found.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from exchange import Forecasts, exchange, item_means

PY_IRT_EPOCHS = 2000
"""py-irt's own default."""

CATSIM_BOUND = 4.0
"""Abilities of all-correct or all-wrong learners have no maximum; catsim searches within the bank's range, cut here."""

Abilities = tuple[np.ndarray, np.ndarray, np.ndarray, str]
"""Abilities (n_learners,), difficulties and discriminations (n_items,), and a note."""


def forecast(train: pd.DataFrame, test: pd.DataFrame, meta: dict) -> Forecasts:
    train = train[train["scored"] == 1]
    learners, items = (pd.Index(sorted(train[name].unique())) for name in ("learner", "item"))
    matrix = np.full((len(learners), len(items)), np.nan)
    matrix[learners.get_indexer(train["learner"]), items.get_indexer(train["item"])] = train["correct"].round()
    begun = time.perf_counter()
    ability, difficulty, slope, note = PACKAGES[sys.argv[2]](matrix, meta["seed"])
    seconds = time.perf_counter() - begun
    who, what = learners.get_indexer(test["learner"]), items.get_indexer(test["item"])
    logit = np.append(slope, 1.0)[what] * (np.append(ability, 0.0)[who] - np.append(difficulty, np.median(difficulty))[what])
    _, mean = item_means(train, "item")
    p_correct = 1 / (1 + np.exp(-logit))
    return np.where(np.isfinite(p_correct), p_correct, mean), seconds, note + "; skills and order are not used"


def mirt_1pl(matrix: np.ndarray, _seed: int) -> Abilities:
    import mirt  # noqa: PLC0415 - only the package asked for is loaded

    coded = np.where(np.isnan(matrix), -1, matrix).astype(int)
    fitted = mirt.fit_mirt(coded, model="1PL", compute_standard_errors=False)
    parameters = fitted.model.parameters
    ability = np.asarray(mirt.fscores(fitted, coded, method="EAP").theta).ravel()
    difficulty = np.asarray(parameters["difficulty"]).ravel()
    slope = np.broadcast_to(np.asarray(parameters.get("discrimination", 1.0)).ravel(), difficulty.shape)
    return ability, difficulty, slope, f"mirt {mirt.__version__} 1PL, EM, EAP abilities"


def girth_1pl(matrix: np.ndarray, _seed: int) -> Abilities:
    import girth  # noqa: PLC0415 - only the package asked for is loaded

    tagged = girth.tag_missing_data(np.where(np.isnan(matrix), -1, matrix).astype(int).T, [0, 1])
    found = girth.onepl_mml(tagged)
    ability = girth.ability_eap(tagged, found["Difficulty"], np.full(len(found["Difficulty"]), found["Discrimination"]))
    return ability, found["Difficulty"], np.full(len(found["Difficulty"]), float(found["Discrimination"])), "girth 1PL, MML, EAP abilities"


def py_irt_1pl(matrix: np.ndarray, seed: int) -> Abilities:
    from py_irt.config import IrtConfig  # noqa: PLC0415 - only the package asked for is loaded
    from py_irt.training import IrtModelTrainer  # noqa: PLC0415 - only the package asked for is loaded

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.jsonl"
        with path.open("w") as file:
            for learner, row in enumerate(matrix):
                answers = {str(item): int(row[item]) for item in np.flatnonzero(~np.isnan(row))}
                file.write(json.dumps({"subject_id": str(learner), "responses": answers}) + "\n")
        config = IrtConfig(model_type="1pl", epochs=PY_IRT_EPOCHS, priors="hierarchical", seed=seed, deterministic=True)
        trainer = IrtModelTrainer(config=config, data_path=path, verbose=False)
        trainer.train(device="cpu")
    found = trainer.best_params if trainer.best_params is not None else trainer.last_params
    ability, difficulty = np.zeros(len(matrix)), np.zeros(matrix.shape[1])
    for place, name in found["subject_ids"].items():
        ability[int(name)] = found["ability"][int(place)]
    for place, name in found["item_ids"].items():
        difficulty[int(name)] = found["diff"][int(place)]
    return (
        ability,
        difficulty,
        np.ones(len(difficulty)),
        f"py-irt 1PL, hierarchical priors, {PY_IRT_EPOCHS} epochs of variational inference",
    )


def catsim_1pl(matrix: np.ndarray, seed: int) -> Abilities:
    from catsim.estimation import NumericalSearchEstimator  # noqa: PLC0415 - only the package asked for is loaded
    from catsim.item_bank import ItemBank  # noqa: PLC0415 - only the package asked for is loaded

    _, difficulty, slope, _ = mirt_1pl(matrix, seed)
    columns = np.column_stack([slope, difficulty, np.zeros(len(difficulty)), np.ones(len(difficulty))])
    bank, estimator = ItemBank(columns), NumericalSearchEstimator()
    ability = np.zeros(len(matrix))
    for learner, row in enumerate(matrix):
        asked = np.flatnonzero(~np.isnan(row))
        ability[learner] = estimator.estimate(
            item_bank=bank, administered_items=asked.tolist(), response_vector=(row[asked] == 1).tolist(), est_theta=0.0
        )
    note = f"catsim's maximum-likelihood abilities, cut at {CATSIM_BOUND}, on mirt's difficulties"
    return np.clip(ability, -CATSIM_BOUND, CATSIM_BOUND), difficulty, slope, note


PACKAGES = {"mirt": mirt_1pl, "girth": girth_1pl, "py_irt": py_irt_1pl, "catsim": catsim_1pl}

if __name__ == "__main__":
    exchange(forecast)
