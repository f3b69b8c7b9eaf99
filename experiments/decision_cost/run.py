"""What does one decision cost as the bank grows, beside a numpy pass over the bank?

    python experiments/decision_cost/run.py [--smoke]

Every round times each step a few times in a row, the steps in turn, by processor time, so that what else the machine does falls on all
alike: compare the ratios.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import thread_time
from typing import Any

import numpy as np
from world import N_SKILLS, NOW, bank_of, history_of, learners_of

from adaptive.catalog import Catalog
from adaptive.engine import Engine, RecommendationRequest
from adaptive.engine.bank import Bank
from adaptive.engine.learner import LearnerState
from adaptive.engine.recommending import DecisionContext, Recommender
from adaptive.engine.view import LearnerView
from adaptive.models.state_space import StateSpaceIrt
from adaptive.policies import GAIN_SETTINGS, ExpectedGainPolicy, RuledPolicy, Shortlist, draw
from adaptive.protocols import Candidates
from adaptive.storage import Store

SIZES = (1_000, 10_000, 100_000)
N_LEARNERS, N_ROUNDS, N_IN_A_ROW = 40, 20, 10
EVERYTHING = 10**9


@dataclass(frozen=True)
class Floor:
    """A bank as float32 columns, and a pass over it as the policy page has it."""

    skill: np.ndarray
    difficulty: np.ndarray

    @classmethod
    def of(cls, catalog: Catalog) -> Floor:
        """The first skill of each item, and its difficulty."""
        index = {skill.skill_id: k for k, skill in enumerate(catalog.skills)}
        skill = np.array([index[item.skill_ids[0]] for item in catalog.items])
        return cls(skill, np.array([item.difficulty for item in catalog.items], dtype=np.float32))

    def read(self, ability: np.ndarray) -> np.ndarray:
        """Every item once: ability less difficulty."""
        return ability[self.skill] - self.difficulty

    def full_pass(self, ability: np.ndarray, worth: np.ndarray) -> np.ndarray:
        """The ten items of the highest score: worth of the skill, less how far P(correct) is from .70."""
        p_correct = 1.0 / (1.0 + np.exp(-self.read(ability)))
        score = worth[self.skill] - 0.5 * ((p_correct - np.float32(0.70)) / np.float32(0.15)) ** 2
        best = np.argpartition(score, -10)[-10:]
        return best[np.argsort(-score[best])]


@dataclass(frozen=True)
class Decisions:
    """One bank with its learners, and each step of a decision as a call."""

    catalog: Catalog
    model: StateSpaceIrt
    bank: Bank
    states: list[LearnerState[Any]]  # Any: the model's own state
    engine: Engine[Any]  # Any: as above

    @classmethod
    def of(cls, n_items: int, n_learners: int) -> Decisions:
        """The bank, with learners in the middle of it in a database in memory."""
        catalog = bank_of(n_items)
        model, policy = StateSpaceIrt(catalog), RuledPolicy(ExpectedGainPolicy())
        engine = Engine(Store.open("sqlite://"), model, catalog, model_version="day zero", policy=policy)
        for learner in range(n_learners):
            engine.record_batch("school", history_of(catalog, learner))
        return cls(catalog, model, Bank.of(catalog), learners_of(catalog, model, n_learners), engine)

    def recommender(self, most_scored: int = GAIN_SETTINGS.most_scored) -> Recommender[Any]:  # Any: the model's own state
        """Under rules of a session, in two stages or in one."""
        return Recommender(self.model, self.bank, RuledPolicy(ExpectedGainPolicy(replace(GAIN_SETTINGS, most_scored=most_scored))))

    def steps(self, floor: Floor) -> dict[str, Callable[[int], object]]:
        """By name, each step of the n-th decision; what a step needs is there."""
        n, policy, settings = len(self.states), ExpectedGainPolicy(), GAIN_SETTINGS
        views = [LearnerView.of(self.model, self.bank, state, NOW, settings) for state in self.states]
        goal, rng, request = self.catalog.skill_columns.skill_ids, np.random.default_rng(0), RecommendationRequest("l0")
        ability, worth = rng.normal(size=(2, N_SKILLS)).astype(np.float32)
        two_stages, one_stage = self.recommender(), self.recommender(EVERYTHING)

        def context(i: int) -> DecisionContext:
            return DecisionContext(f"d{i}", "school", NOW, i, "day zero", 0)

        def scoring(i: int) -> int:
            return score(views[i % n], policy, np.random.default_rng(i))

        return {
            "read the bank": lambda _: floor.read(ability),
            "numpy pass": lambda _: floor.full_pass(ability, worth),
            "mastery and draws": lambda i: LearnerView.of(self.model, self.bank, self.states[i % n], NOW, settings),
            "zone of kinds": lambda i: views[i % n].kinds(goal, "learn"),
            "scoring": scoring,
            "decision": lambda i: two_stages.decide(self.states[i % n], request, context(i)),
            "decision, all items": lambda i: one_stage.decide(self.states[i % n], request, context(i)),
            "Engine.recommend": lambda i: self.engine.recommend(
                "school", replace(request, learner_id=f"l{i % n}", dry_run=True), decision_id=f"d{i}", at=NOW, seed=i
            ),
        }


def score(view: LearnerView[Any], policy: ExpectedGainPolicy, rng: np.random.Generator) -> int:  # Any: the model's own state
    """Two stages, bare: kinds, then forecasts, probabilities and a draw among items of the best. Gives the item's place."""
    kinds = view.kinds(view.bank.catalog.skill_columns.skill_ids, "learn")
    chosen, candidates = considered(view, policy, kinds)
    return int(chosen[int(draw(policy.probabilities(candidates), rng.random()))])


def considered(view: LearnerView[Any], policy: ExpectedGainPolicy, kinds: Candidates) -> tuple[np.ndarray, Candidates]:  # Any: as above
    """The items that are scored, as `Recommender` has it where no rule stands."""
    bank = view.bank
    shortlist = Shortlist.of(policy, kinds, bank.n_in_service > 0)
    for some, most in shortlist.widening(bank.n_in_service, policy.settings.most_scored) if shortlist else ():
        chosen = bank.items_of(some)
        candidates = view.candidates(chosen, kinds)
        if shortlist and shortlist.settles(candidates, None, most):
            return chosen, candidates
    chosen = bank.items_of(np.flatnonzero(bank.n_in_service > 0))
    return chosen, view.candidates(chosen, kinds)


def same_first_choices(decisions: Decisions) -> tuple[int, int, int]:
    """Learners for whom both ways find an item of the highest score, and of those the ones with equal distributions; of how many."""
    policy, same, equal = ExpectedGainPolicy(), 0, 0
    request = RecommendationRequest("l0")
    for state in decisions.states:
        of_some, of_all = (decisions.recommender(most).chances(state, request, NOW) for most in (GAIN_SETTINGS.most_scored, EVERYTHING))
        best, best_of_all = (policy.score(candidates)[p_choice > 0.0].max() for candidates, p_choice in (of_some, of_all))
        same += best == best_of_all
        equal += (of_some[1] > 0.0).sum() == (of_all[1] > 0.0).sum()
    return int(same), int(equal), len(decisions.states)


def main(*, smoke: bool) -> int:
    """Print one line a step and size: p50 and p99 in microseconds, and p50 over that of the numpy pass."""
    sizes, n_learners, n_rounds = ((1_000, 4_000), 4, 1) if smoke else (SIZES, N_LEARNERS, N_ROUNDS)
    failed = 0
    for n_items in sizes:
        decisions = Decisions.of(n_items, n_learners)
        steps = decisions.steps(Floor.of(decisions.catalog))
        for i in range(n_learners):
            for step in steps.values():
                step(i)
        seconds: dict[str, list[float]] = {name: [] for name in steps}
        for first in range(0, n_rounds * N_IN_A_ROW, N_IN_A_ROW):
            for name, step in steps.items():
                for i in range(first, first + N_IN_A_ROW):
                    begun = thread_time()
                    step(i)
                    seconds[name].append(thread_time() - begun)
        floor = np.median(seconds["numpy pass"])
        print(f"\n{n_items} items" + 14 * " " + "p50 us    p99 us   / numpy pass")
        for name, of in seconds.items():
            p50, p99 = np.percentile(of, [50, 99])
            print(f"{name:22} {1e6 * p50:9.0f} {1e6 * p99:9.0f} {p50 / floor:9.2f}", flush=True)
        same, equal, n = same_first_choices(decisions)
        print(f"an item of the highest score in two stages as in one: {same} of {n} learners; the same distribution: {equal}")
        failed += same < n
        decisions.engine.store.close()
    return failed


if __name__ == "__main__":
    raise SystemExit(main(smoke="--smoke" in sys.argv[1:]))
