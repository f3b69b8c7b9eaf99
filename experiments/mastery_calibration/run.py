"""Does P(mastered) mean what it says, where the truth is known? On generated learners only.

python experiments/mastery_calibration/run.py [--small]
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from adaptive.catalog import mathematics_catalog
from adaptive.datasets.generated import GeneratedClass, generated_class
from adaptive.domain import MASTERED_AT, PROMOTE_AT
from adaptive.models import MODELS, build_model, replay
from adaptive.models.bkt import Bkt
from adaptive.models.bkt.parameters import BktSettings
from adaptive.protocols import Floats, LearnerModel, Skills

EDGES = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0001)
PREMATURE = 0.7
"""A skill declared mastered whose true success is below this was promoted too early."""
AT_LEAST = 3
"""Attempts on a skill from which on it counts as practised."""


@dataclass(frozen=True)
class Judged:
    """P(mastered) of practised skills beside their true success, each (n,)."""

    p_mastered: Floats
    success: Floats

    def bins(self) -> str:
        """Per bin of P(mastered): mean P, share truly mastered, and how many."""
        cells = []
        for low, high in pairwise(EDGES):
            inside = (self.p_mastered >= low) & (self.p_mastered < high)
            found = f"{self.p_mastered[inside].mean():.2f} {np.mean(self.success[inside] >= MASTERED_AT):.2f}" if inside.any() else "-"
            cells.append(f"{found} ({inside.sum()})")
        return " | ".join(cells)

    def promotions(self) -> str:
        """How many are declared, how many of them truly are mastered, and how many of them were promoted too early."""
        declared = self.success[self.p_mastered >= PROMOTE_AT]
        if not len(declared):
            return "0 | - | -"
        return f"{len(declared)} | {np.mean(declared >= MASTERED_AT):.3f} | {np.mean(declared < PREMATURE):.3f}"


def main() -> int:
    """0; the tables are the answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a tenth of the learners")
    share = 10 if parser.parse_args().small else 1
    catalog = mathematics_catalog()
    train, test = (generated_class(catalog, n_learners=n // share, seed=seed) for n, seed in ((200, 1), (150, 2)))
    models = {name: build_model(name, catalog) for name in MODELS}
    models |= {f"bkt, slip <= {bound}": Bkt(catalog, BktSettings(slip_max=bound)) for bound in (0.49, 0.15, 0.1)}
    print("model | declared | truly mastered | premature | mean P and share truly mastered (n), bins of P(mastered)", flush=True)
    for name, model in models.items():
        judged = judge(model.fit(train.table), test)
        print(f"{name} | {judged.promotions()} | {judged.bins()}", flush=True)
    return 0


def judge(model: LearnerModel, test: GeneratedClass) -> Judged:
    skills, p_mastered, practised = Skills(test.skill_ids), [], []
    for _, history in test.table.histories():
        p_mastered.append(model.mastery(replay(model, history), skills, test.at).p_mastered)
        practised.append([sum(skill_id in attempt.skill_ids for attempt in history) >= AT_LEAST for skill_id in skills.skill_ids])
    chosen = np.array(practised)
    return Judged(np.array(p_mastered)[chosen], test.success[chosen])


if __name__ == "__main__":
    raise SystemExit(main())
