"""Do items and hyperparameters of the fast fit agree with the full posterior, sampled by NUTS?

    python experiments/core_nuts/run.py [--small]

A class small enough to sample: every learner's abilities and form at each attempt, every item and every free hyperparameter are unknowns
of one Pyro model. Memory of items, the skills' forms, forgetting, the variation of gains and guessing are off in both.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace

import numpy as np
import pyro
import torch
from pyro.distributions import Bernoulli, Normal
from pyro.infer import MCMC, NUTS

from adaptive.models.state_space import StateSpaceIrt
from adaptive.models.state_space.hyperparameters import DAY_ZERO, OFF, Hyperparameters
from adaptive.models.state_space.priors import PRIORS, FreeHyperparameters
from adaptive.models.state_space.simulate import simulate
from adaptive.protocols import Codes, Floats

FREE = ("ability_sd", "skill_sd", "form_sd", "gain_right", "gain_wrong")
START = OFF._replace(**{name: getattr(DAY_ZERO, name) for name in (*FREE, "form_kept", "saturation")})
"""The centre of the priors, as in the fast fit; form_kept and saturation stay there."""

TRUTH = START._replace(ability_sd=1.2, skill_sd=0.6, form_sd=0.6, gain_right=0.25, gain_wrong=0.1)


@dataclass(frozen=True, slots=True)
class Size:
    n_learners: int
    n_attempts: int
    n_skills: int
    n_items: int
    n_warmup: int
    n_samples: int


def main() -> int:
    """0; the table is the answer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="ten learners, twenty samples")
    size = Size(10, 6, 2, 4, 10, 20) if parser.parse_args().small else Size(100, 20, 2, 12, 150, 250)
    codes = drawn(size)
    begun = time.perf_counter()
    model = StateSpaceIrt(hyperparameters=START, fixed=frozenset(Hyperparameters._fields) - set(FREE)).fit(_Table(codes))  # type: ignore[arg-type]
    fast = time.perf_counter() - begun
    begun = time.perf_counter()
    samples, divergent = sampled(codes, model, size)
    print(f"{len(codes.item):,} attempts of {size.n_learners} learners on {size.n_items} items; fast fit {fast:.1f} s, ", end="")
    print(f"NUTS {time.perf_counter() - begun:.0f} s for {size.n_samples} samples, {divergent} divergent\n")
    print("\n".join([*hyperparameters(samples, model), "", *items(samples, model, codes)]))
    return 0


@dataclass(frozen=True, slots=True)
class _Table:
    of_rows: Codes

    def codes(self) -> Codes:
        return self.of_rows


def drawn(size: Size) -> Codes:
    """A class whose learners answer items at random."""
    rng, n = np.random.default_rng(0), size.n_learners * size.n_attempts
    item = rng.integers(size.n_items, size=n)
    codes = Codes(
        learner_ids=tuple(f"learner-{i}" for i in range(size.n_learners)),
        item_ids=tuple(f"item-{j}" for j in range(size.n_items)),
        skill_ids=tuple(f"skill-{k}" for k in range(size.n_skills)),
        learner=np.repeat(np.arange(size.n_learners), size.n_attempts),
        item=item,
        skill=item % size.n_skills,
        skill_start=np.arange(n + 1),
        correct=np.zeros(n),
        seconds=np.full(n, np.nan),
        evidence=np.ones(n, dtype=bool),
    )
    return replace(codes, correct=simulate(StateSpaceIrt(hyperparameters=TRUTH).fitted, codes, rng).correct)


def sampled(codes: Codes, model: StateSpaceIrt, size: Size) -> tuple[dict[str, Floats], int]:
    """Samples of the posterior by NUTS; items' spreads are those that the fast fit learned."""
    pyro.set_rng_seed(0)
    torch.set_default_dtype(torch.float64)
    kernel = NUTS(full_model, max_tree_depth=6, jit_compile=True, ignore_jit_warnings=True)
    chain = MCMC(kernel, num_samples=size.n_samples, warmup_steps=size.n_warmup, disable_progbar=True)
    chain.run(*_columns(codes, size), model)
    samples = {name: values.numpy() for name, values in chain.get_samples().items()}
    spreads, skill = model.fitted.bank.spreads, np.arange(size.n_items) % size.n_skills
    samples["difficulty"] = samples["shift"][:, skill] + spreads.item**0.5 * samples["own"]
    return samples, len(chain.diagnostics()["divergences"]["chain 0"])


def full_model(
    item: torch.Tensor, practised: torch.Tensor, correct: torch.Tensor, gained: torch.Tensor, root: torch.Tensor, model: StateSpaceIrt
) -> None:
    """The joint density. Columns are (n_learners, n_attempts); an item's skill is its number modulo the number of skills.

    `gained` (2, n_learners, n_attempts) are summed shares of gains from right and wrong answers, `root` the form's correlation.
    """
    free, spreads = FreeHyperparameters.of(START, frozenset(Hyperparameters._fields) - set(FREE)), model.fitted.bank.spreads
    n_learners, n_attempts = item.shape
    n_skills, n_items = int(practised.max()) + 1, int(item.max()) + 1
    place = pyro.sample("free", Normal(torch.tensor(free.mean), torch.tensor(free.sd)).to_event(1))
    ability_sd, skill_sd, form_sd, right, wrong = place.exp()  # each is positive: free on the scale of logs
    shift = pyro.sample("shift", Normal(torch.tensor(spreads.overall), spreads.skill**0.5).expand([n_skills]).to_event(1))
    own = pyro.sample("own", Normal(torch.zeros(n_items), 1.0).to_event(1))
    difficulty = shift[torch.arange(n_items) % n_skills] + spreads.item**0.5 * own
    log_steep = pyro.sample("log_discrimination", Normal(torch.zeros(n_items), spreads.discrimination**0.5).to_event(1))
    shared = pyro.sample("shared", Normal(torch.zeros(n_learners, 1), 1.0).to_event(2))
    apart = pyro.sample("apart", Normal(torch.zeros(n_learners, n_skills), 1.0).to_event(2))
    form = pyro.sample("form", Normal(torch.zeros(n_learners, n_attempts), 1.0).to_event(2)) @ root.T
    ability = (ability_sd * shared + skill_sd * apart).gather(1, practised)
    ability = ability + right * gained[0] + wrong * gained[1] + form_sd * form
    logits = log_steep.exp()[item] * (ability - difficulty[item])
    pyro.sample("correct", Bernoulli(logits=logits).to_event(2), obs=correct)


def _columns(codes: Codes, size: Size) -> tuple[torch.Tensor, ...]:
    item, practised, correct = (column.reshape(size.n_learners, size.n_attempts) for column in (codes.item, codes.skill, codes.correct))
    gained, n_practised = np.zeros((2, *item.shape)), np.zeros((size.n_learners, size.n_skills))
    total, everyone = np.zeros((2, size.n_learners, size.n_skills)), np.arange(size.n_learners)
    for n in range(size.n_attempts):
        k = practised[:, n]
        gained[:, :, n] = total[:, everyone, k]
        n_practised[everyone, k] += 1.0
        share = 1.0 / (1.0 + START.saturation * n_practised[everyone, k])
        total[0, everyone, k] += share * correct[:, n]
        total[1, everyone, k] += share * (1.0 - correct[:, n])
    steps = np.arange(size.n_attempts)
    root = np.linalg.cholesky(START.form_kept ** np.abs(steps[:, None] - steps))
    return tuple(torch.tensor(column) for column in (item, practised, correct, gained, root))


def hyperparameters(samples: dict[str, Floats], model: StateSpaceIrt) -> list[str]:
    """On the free scale, logs: posterior by NUTS beside the fast fit's maximum a posteriori."""
    lines = ["| hyperparameter | true | prior centre | fast fit | NUTS median | NUTS 90 % | apart, posterior sds |", "|---" * 7 + "|"]
    for name, values in zip(FREE, samples["free"].T, strict=True):
        found = getattr(model.hyperparameters, name)
        low, middle, high = np.exp(np.quantile(values, [0.05, 0.5, 0.95]))
        apart = (PRIORS[name].free(found) - values.mean()) / values.std()
        cells = [
            name,
            *(f"{value:.3f}" for value in (getattr(TRUTH, name), getattr(START, name), found, middle)),
            f"{low:.3f} to {high:.3f}",
        ]
        lines.append(f"| {' | '.join(cells)} | {apart:+.2f} |")
    return lines


def items(samples: dict[str, Floats], model: StateSpaceIrt, codes: Codes) -> list[str]:
    """Difficulties and log discriminations: means and sds of the two posteriors."""
    bank = model.fitted.bank
    place = bank.items.codes(codes.item_ids)
    mean, sd = samples["difficulty"].mean(axis=0), samples["difficulty"].std(axis=0)
    apart, ratio = bank.difficulty[place] - mean, np.sqrt(bank.variance[place]) / sd
    steep = bank.log_discrimination[place] - samples["log_discrimination"].mean(axis=0)
    agreement = f"r {np.corrcoef(bank.difficulty[place], mean)[0, 1]:.4f}, apart {np.sqrt((apart**2).mean()):.3f} logits (root mean square)"
    in_sds = f"{np.sqrt(((apart / sd) ** 2).mean()):.2f} posterior sds, of which all alike {apart.mean():+.3f} logits"
    return [
        f"- difficulties: {agreement}, {in_sds}",
        f"- sd of a difficulty, fast over NUTS: {ratio.mean():.3f} ({ratio.min():.2f} to {ratio.max():.2f}); NUTS {sd.mean():.3f}",
        f"- log discriminations: apart {np.sqrt((steep**2).mean()):.3f}, NUTS sd {samples['log_discrimination'].std(axis=0).mean():.3f}",
    ]


if __name__ == "__main__":
    raise SystemExit(main())
