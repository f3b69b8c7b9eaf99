"""Does the core find again what it was drawn from, and do its 90 % intervals hold the truth in 90 % of cases?

    python experiments/core_recovery/run.py [--small] [--seeds N] [--worlds TEXT] [--held NAMES]

Learners, items and answers are drawn from the model with a truth that is not day zero; the model is fitted to some learners, and others,
whom it has not seen, say how often its intervals hold. Then the same on the generated class, which another model made.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from intervals import Covered, covered_chances, covered_in_class, covered_in_generated_class
from numpy.typing import NDArray
from worlds import WORLDS, Class, World, drawn_class

from adaptive.catalog import mathematics_catalog
from adaptive.datasets.generated import generated_class
from adaptive.models import build_model
from adaptive.models.state_space import StateSpaceIrt
from adaptive.models.state_space.arrays import SLOPE
from adaptive.models.state_space.asked import AskedItems
from adaptive.models.state_space.hyperparameters import DAY_ZERO, Hyperparameters
from adaptive.models.state_space.parameters import Fitted
from adaptive.protocols import Floats, Items

BANDS = ((30, 100_000), (30, 60), (60, 120), (120, 100_000))
"""Attempts an item."""

_Z90 = 1.6448536269514722


def main() -> int:
    """0; the tables are the answer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="one world, a tenth of the learners")
    parser.add_argument("--seeds", type=int, default=2, help="classes drawn of each world")
    parser.add_argument("--worlds", default="", help="only worlds with this text in their name")
    parser.add_argument("--stack", action="store_true", help="also whether intervals of P(correct) of `stack`, fitted to the same, hold")
    parser.add_argument("--held", default="", help="hyperparameters held at the truth: names with commas, or all")
    options = parser.parse_args()
    held = Hyperparameters._fields if options.held == "all" else tuple(filter(None, options.held.split(",")))
    n_fit, n_test = (80, 10) if options.small else (800, 150)
    for name, world in [each for each in WORLDS.items() if options.worlds in each[0]][: 1 if options.small else None]:
        for seed in range(1 if options.small else options.seeds):
            drawn = drawn_class(world, n_fit + n_test, seed)
            train = drawn.rows_of(range(n_fit))
            begun = time.perf_counter()
            start = DAY_ZERO._replace(**{each: getattr(world.hyperparameters, each) for each in held})
            model = StateSpaceIrt(world.catalog, hyperparameters=start, fixed=frozenset(held)).fit(train)
            seconds = time.perf_counter() - begun
            print(f"\n## {name}, class {seed}: {len(train):,} attempts of {n_fit} learners, fit {seconds:.0f} s", flush=True)
            print("\n".join([*hyperparameters(model, world), *correlations(model, drawn), *items(model, drawn, range(n_fit))]), flush=True)
            told(covered_in_class(model, drawn, range(n_fit, n_fit + n_test)))
            if options.stack:
                stack = build_model("stack", world.catalog).fit(train)
                told({"p of the item by the stack": covered_chances(stack, drawn, range(n_fit, n_fit + n_test))})
    share = 10 if options.small else 1
    catalog = mathematics_catalog()
    train_class, test_class = (generated_class(catalog, n_learners=n // share, seed=seed) for n, seed in ((200, 1), (150, 2)))
    print("\n## Generated class, fitted with its catalogue")
    told(covered_in_generated_class(StateSpaceIrt(catalog).fit(train_class.table), test_class))
    return 0


def told(covered: Mapping[str, Covered]) -> None:
    """Coverage of each kind of interval."""
    for name, each in covered.items():
        print(f"- 90 % interval of {name}: {each.told()}", flush=True)


def hyperparameters(model: StateSpaceIrt, world: World) -> list[str]:
    """Truth and what was found."""
    pairs = {name: (getattr(world.hyperparameters, name), getattr(model.hyperparameters, name)) for name in Hyperparameters._fields}
    told_pairs = ", ".join(f"{name} {true:.3g} {found:.3g}" for name, (true, found) in pairs.items() if true or found)
    return [f"- hyperparameters, true and found: {told_pairs}"]


def correlations(model: StateSpaceIrt, drawn: Class) -> list[str]:
    """Correlations of abilities between skills as the parameters imply them, and their spreads."""
    ids = drawn.codes.skill_ids
    (found, found_sd), (true, true_sd) = (_correlation(fitted, ids) for fitted in (model.fitted, drawn.fitted))
    pairs = np.triu_indices(len(ids), 1)
    found, true = found[pairs], true[pairs]
    agree = f"r over pairs {np.corrcoef(found, true)[0, 1]:.3f}" if true.std() > 1e-6 else "all alike"
    told_pairs = (
        f"- correlation of skills: true {true.mean():.3f} ({true.min():.2f} to {true.max():.2f}), found {found.mean():.3f}, "
        f"root mean square error {np.sqrt(((found - true) ** 2).mean()):.3f}, {agree}; "
        f"sd true {true_sd.mean():.3f}, found {found_sd.mean():.3f}"
    )
    return [told_pairs]


def _correlation(fitted: Fitted, skill_ids: tuple[str, ...]) -> tuple[Floats, Floats]:
    rows = fitted.skills.fresh(fitted.hyperparameters)[fitted.skills.skills.codes(skill_ids)]
    covariance = rows[:, SLOPE:] @ rows[:, SLOPE:].T + np.diag(rows[:, 1])
    sd = np.sqrt(covariance.diagonal())
    return covariance / np.outer(sd, sd), sd


def items(model: StateSpaceIrt, drawn: Class, learners: range) -> list[str]:
    """Difficulties by attempts an item: agreement, and coverage. `best` is r where every ability, form and memory were known."""
    codes, truth, bank = drawn.codes, drawn.truth, model.fitted.bank
    asked = AskedItems.of(Items(codes.item_ids, drawn.skills_of_items()), model.fitted, model.fitted.skills.fresh(model.hyperparameters))
    sd = np.sqrt(asked.difficulty.variance + asked.common_variance)  # (n_items,) as intervals are drawn
    is_fit = codes.learner < learners.stop
    n_attempts = np.bincount(codes.item[is_fit], minlength=len(codes.item_ids))
    place = bank.items.codes(codes.item_ids)
    information = _information(drawn, is_fit)
    lines = []
    for least, most in BANDS:
        chosen = np.flatnonzero((n_attempts >= least) & (n_attempts < most) & (place >= 0))
        if len(chosen) > 2:
            steep, true_steep = bank.log_discrimination[place[chosen]], np.log(truth.discrimination[chosen])
            of_band = Agreement(bank.difficulty[place[chosen]], sd[chosen], truth.difficulty[chosen])
            told_steep = f"r of log discrimination {np.corrcoef(steep, true_steep)[0, 1]:.2f}"
            n_items = f"{len(chosen)} items of {least} to {n_attempts[chosen].max()} attempts"
            lines.append(f"- {n_items}: {of_band.told(information[chosen])}; {told_steep}")
    return lines


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """Difficulties found with their sd beside the true ones, (n_items,) each."""

    found: Floats
    sd: Floats
    true: Floats

    def told(self, information: Floats) -> str:
        error, held = self.found - self.true, np.abs(self.found - self.true) <= _Z90 * self.sd
        best = np.sqrt(self.true.var() / (self.true.var() + (1.0 / information).mean()))
        return (
            f"r {np.corrcoef(self.found, self.true)[0, 1]:.3f} (best {best:.3f}), error {np.sqrt((error**2).mean()):.3f} "
            f"for sd {np.sqrt((self.sd**2).mean()):.3f}, mean error {error.mean():+.3f}, "
            f"90 % interval {held.mean():.3f} +- {1.96 * held.std() / np.sqrt(len(held)):.3f}"
        )


def _information(drawn: Class, is_fit: NDArray[np.bool_]) -> Floats:
    """(n_items,) Fisher information on difficulty from answers of learners whose logit is known."""
    p_correct, item = drawn.truth.p_correct[is_fit], drawn.codes.item[is_fit]
    weights = drawn.truth.discrimination[item] ** 2 * p_correct * (1.0 - p_correct)
    return np.maximum(np.bincount(item, weights=weights, minlength=len(drawn.codes.item_ids)), 1e-9)


if __name__ == "__main__":
    raise SystemExit(main())
