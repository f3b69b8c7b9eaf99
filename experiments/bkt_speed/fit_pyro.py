"""The same likelihood climbed by gradients: maximum likelihood as a Pyro model with Adam, all skills at once."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pyro
import torch
from pyro.infer import SVI, Trace_ELBO

from adaptive.models.bkt.em import expect
from adaptive.models.bkt.parameters import BktParameters
from adaptive.models.bkt.sequences import Sequences
from adaptive.protocols import Floats

START = (0.4, 0.1, 0.2, 0.1)


def fit_pyro(sequences: Sequences, n_skills: int, *, rounds: int, rate: float = 0.1) -> tuple[float, BktParameters]:
    """Seconds, and the parameters after so many steps of Adam on the exact likelihood, float64."""
    torch.set_default_dtype(torch.float64)
    pyro.clear_param_store()
    skill, right = torch.as_tensor(sequences.skill), torch.as_tensor(sequences.scores[sequences.score])
    begins = sequences.start.tolist()

    def model() -> None:
        raw = pyro.param("raw", torch.logit(torch.tensor(START)).repeat(n_skills, 1))
        p_init, p_learn, guess, slip = torch.sigmoid(raw)[skill].T
        if_known, if_unknown = torch.where(right == 1.0, 1.0 - slip, slip), torch.where(right == 1.0, guess, 1.0 - guess)
        now, total = p_init[: begins[1]], torch.zeros(())
        for begin, end in pairwise(begins):
            run = slice(begin, end)
            known = now[: end - begin] * if_known[run]
            evidence = known + (1.0 - now[: end - begin]) * if_unknown[run]
            total = total + evidence.log().sum()
            posterior = known / evidence
            now = posterior + (1.0 - posterior) * p_learn[run]
        pyro.factor("answers", total)

    svi = SVI(model, lambda: None, pyro.optim.Adam({"lr": rate}), Trace_ELBO())
    began = time.perf_counter()
    for _ in range(rounds):
        svi.step()
    seconds = time.perf_counter() - began
    values = torch.sigmoid(pyro.param("raw").detach()).numpy().T
    return seconds, BktParameters(*values, np.zeros(n_skills))


def log_likelihood(sequences: Sequences, parameters: BktParameters) -> float:
    """Per attempt, by the package's exact forward pass."""
    return float(by_skill(sequences, parameters).sum() / len(sequences.entry))


def by_skill(sequences: Sequences, parameters: BktParameters) -> Floats:
    """(n_skills,) log likelihood of each skill's attempts."""
    return expect(sequences, parameters).log_likelihood
