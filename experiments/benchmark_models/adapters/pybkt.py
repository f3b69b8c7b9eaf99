"""pyBKT: each combination of skills is a skill, as pyBKT reads the set; no forgetting, its defaults but for the starts."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
from exchange import Forecasts, exchange, item_means
from pyBKT.models import Model

STARTS = 1
"""pyBKT's default is 5 random starts, ten minutes on ASSISTments 2009."""


def forecast(train: pd.DataFrame, test: pd.DataFrame, meta: dict) -> Forecasts:
    seen, asked = (_as_pybkt(frame[frame["scored"] == 1]) for frame in (train, test))
    model = Model(seed=meta["seed"], parallel=False, num_fits=STARTS)
    begun = time.perf_counter()
    model.fit(data=seen)
    seconds = time.perf_counter() - begun
    shares, mean = item_means(train[train["scored"] == 1], "skills")
    p_correct = np.array([shares.get(skills, mean) for skills in test["skills"]])
    known = asked[asked["skill_name"].isin(set(seen["skill_name"]))]
    predicted = model.predict(data=known)
    p_correct[predicted["row"].to_numpy()] = predicted["correct_predictions"].to_numpy()
    share = 1 - len(known) / max(1, len(asked))
    return (
        np.clip(np.where(np.isfinite(p_correct), p_correct, mean), 0.0, 1.0),  # pyBKT rounds past 1 by a digit
        seconds,
        (
            f"pyBKT, {STARTS} random start (its default is 5), each combination of skills is one skill, no items, study rows left out; "
            f"{share:.2%} of test attempts on unseen combinations get the training mean"
        ),
    )


def _as_pybkt(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "order_id": np.arange(len(frame)),
            "user_id": frame["learner"].to_numpy(),
            "skill_name": "k" + frame["skills"].to_numpy(),
            "correct": frame["correct"].round().astype(int).to_numpy(),
            "row": frame.index.to_numpy(),
        }
    )


if __name__ == "__main__":
    exchange(forecast)
