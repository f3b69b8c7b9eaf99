r"""A class of learners that never was: histories drawn from a stated learner model, with the truth beside them.

All abilities and difficulties are in logits. For learner l, skill s, item i with skills S(i):

    ability        theta_l ~ N(mean difficulty, sd_ability^2)
    base           x0_ls = theta_l + d_ls,  d_ls ~ N(0, sd_skill^2)
    strength       x_ls = x0_ls + h_ls,  h_ls >= 0 what practice has added
    item           b_i = difficulty in the catalogue + e_i,  e_i ~ N(0, sd_item^2), hidden
    answer         P(correct) = g_i + (1 - slip - g_i) expit(min over S(i) of x_ls - b_i),  g_i = 1 / options, 0 for a free answer
    readiness      r_ls = product over prerequisites p of s of 1 - w_ps (1 - expit(x_lp - b_p))
    learning       h_ls += rate_l r_ls (1 - expit(x_ls - b_s)) at each attempt, right or wrong;  log rate_l ~ N(log rate, sd_log_rate^2)
    forgetting     h_ls *= exp(-days / days_to_forget) between sessions
    what is set    skills by weight exp(-((x_ls - b_s - logit(target)) / width)^2 / 2): work near the learner's level, as a teacher gives it

It shows that software works; it says nothing about children.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final, Self

import numpy as np
from scipy.special import expit, logit

from adaptive.catalog import Catalog
from adaptive.datasets.table import AttemptTable
from adaptive.domain import Attempt
from adaptive.errors import InvalidInput, Problem
from adaptive.protocols import Floats, Ints

__all__ = ["GeneratedClass", "LearnerWorld", "generated_class"]

START: Final = datetime(2025, 9, 1, 14, 0, tzinfo=UTC)
"""A Monday at the start of a school year: the day before the first sessions."""

MOST_DAYS_APART: Final = 6
"""Sessions of a learner are one to this many days apart, drawn evenly."""

N_BLOCKS: Final = 4
"""Skills in one session, each worked on in a block."""


@dataclass(frozen=True, slots=True)
class LearnerWorld:
    """The constants of the model above (ours, set so that a class answers some two thirds correctly)."""

    sd_ability: float = 1.2
    sd_skill: float = 0.7
    sd_item: float = 0.3
    slip: float = 0.05
    rate: float = 0.35
    sd_log_rate: float = 0.5
    days_to_forget: float = 60.0
    target: float = 0.7
    width: float = 1.5
    seconds_per_item: float = 30.0
    sd_log_seconds: float = 0.5


@dataclass(frozen=True, eq=False)
class GeneratedClass:
    """Histories with the truth behind them.

    `success` (n_learners, n_skills) is the expected success on each skill's items `at` the end, learners as in
    `table.learner_ids` and skills as in the catalogue; `p_correct` (n_attempts,) the probability with which each answer
    of the table was drawn, rows as in `table.histories()`: no forecast can beat it in expectation.
    """

    table: AttemptTable
    at: datetime
    skill_ids: tuple[str, ...]
    success: Floats = field(repr=False)
    p_correct: Floats = field(repr=False)


def generated_class(
    catalog: Catalog,
    *,
    n_learners: int = 200,
    n_sessions: int = 12,
    n_items_per_session: int = 20,
    seed: int = 0,
    world: LearnerWorld | None = None,
) -> GeneratedClass:
    """A class that practises the catalogue over some weeks: sessions one to six days apart, four skills in each.

    Equal arguments give equal classes. Raises InvalidInput where a size is below one or the catalogue has no item in use.

    >>> from adaptive.catalog import mathematics_catalog
    >>> classroom = generated_class(mathematics_catalog(), n_learners=3, n_sessions=2)
    >>> len(classroom.table), classroom.table.learner_ids, classroom.success.shape
    (120, ('learner-001', 'learner-002', 'learner-003'), (3, 40))
    """
    sizes = {"n_learners": n_learners, "n_sessions": n_sessions, "n_items_per_session": n_items_per_session}
    problems = [Problem(name, "a size is at least 1", str(size), "ask for more") for name, size in sizes.items() if size < 1]
    if all(item.retired for item in catalog.items):
        problems.append(Problem("catalog", "some item is in use", f"{len(catalog.items)} items", "add items, or use mathematics_catalog()"))
    if problems:
        raise InvalidInput("generated class", problems)
    rng = np.random.default_rng(seed)
    world = world or LearnerWorld()
    content = _Content.of(catalog, world, rng)
    learners = _Learners.drawn(n_learners, content, world, rng)
    sessions: list[_Session] = []
    for _ in range(n_sessions):
        learners, session = _worked(learners, n_items_per_session, rng)
        sessions.append(session)
    days = np.sum([session.days for session in sessions], axis=0)  # (n_learners,)
    end = int(days.max()) + 1
    return GeneratedClass(
        table=AttemptTable.from_attempts(_attempts(catalog, content, sessions)),
        at=START + timedelta(days=end),
        skill_ids=catalog.skill_columns.skill_ids,
        success=learners.after(end - days).success(),
        p_correct=np.concatenate([session.p_correct for session in sessions], axis=1).ravel(),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Content:
    """The catalogue as arrays; lists of unequal length are padded with -1."""

    item_index: Ints  # (n_items,) place in the catalogue of each item in use
    item_difficulty: Floats  # (n_items,)
    guess: Floats  # (n_items,)
    skills_of_item: Ints  # (n_items, most skills of an item)
    skill_difficulty: Floats  # (n_skills,)
    items_of_skill: Ints  # (n_skills, most items of a skill)
    prerequisites: Ints  # (n_skills, most prerequisites of a skill)
    weights: Floats  # (n_skills, most prerequisites of a skill), 0 where padded

    @classmethod
    def of(cls, catalog: Catalog, world: LearnerWorld, rng: np.random.Generator) -> Self:
        """The items in use with their hidden difficulties; where the catalogue names none it is 0 logits."""
        skill_ids = catalog.skill_columns.skill_ids
        rank = {skill_id: k for k, skill_id in enumerate(skill_ids)}
        in_use = [k for k, item in enumerate(catalog.items) if not item.retired]
        items = [catalog.items[k] for k in in_use]
        known = np.array([catalog.item_difficulty_logit(item.item_id) or 0.0 for item in items])
        skills_of_item = [[rank[skill_id] for skill_id in item.skill_ids] for item in items]
        items_of_skill: list[list[int]] = [[] for _ in skill_ids]
        for k, skills in enumerate(skills_of_item):
            for skill in skills:
                items_of_skill[skill].append(k)
        edges = [catalog.prerequisites_of(skill_id) for skill_id in skill_ids]
        return cls(
            item_index=np.array(in_use, dtype=np.int64),
            item_difficulty=known + world.sd_item * rng.standard_normal(len(items)),
            guess=np.array([1.0 / len(item.options) if item.options else 0.0 for item in items]),
            skills_of_item=_padded_indices(skills_of_item),
            skill_difficulty=np.array([catalog.skill_difficulty_logit(skill_id) or 0.0 for skill_id in skill_ids]),
            items_of_skill=_padded_indices(items_of_skill),
            prerequisites=_padded_indices([[rank[edge.prerequisite_id] for edge in into] for into in edges]),
            weights=_padded([[edge.weight for edge in into] for into in edges], empty=0.0),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Session:
    """One session of the whole class; arrays are (n_learners, n_items) but for `days`, (n_learners,)."""

    days: Ints  # since the session before
    seconds: Floats  # that each answer took
    item: Ints  # as an index of _Content
    p_correct: Floats
    correct: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Learners:
    """The class at one time, as arrays; `learned` is what practice has added so far."""

    content: _Content
    world: LearnerWorld
    base: Floats  # (n_learners, n_skills)
    rate: Floats  # (n_learners,)
    learned: Floats  # (n_learners, n_skills)

    @classmethod
    def drawn(cls, n_learners: int, content: _Content, world: LearnerWorld, rng: np.random.Generator) -> Self:
        """A class before its first session."""
        ability = content.skill_difficulty.mean() + world.sd_ability * rng.standard_normal((n_learners, 1))
        base = ability + world.sd_skill * rng.standard_normal((n_learners, len(content.skill_difficulty)))
        rate = world.rate * np.exp(world.sd_log_rate * rng.standard_normal(n_learners))
        return cls(content, world, base, rate, np.zeros_like(base))

    def after(self, days: Ints) -> Self:
        """The class when these days, (n_learners,), have passed without practice."""
        return replace(self, learned=self.learned * np.exp(-days / self.world.days_to_forget)[:, None])

    def practised(self, item: Ints) -> Self:
        """The class when each learner has attempted an item, (n_learners,)."""
        skills, everyone = self.content.skills_of_item[item], np.arange(len(item))  # (n_learners, most skills of an item)
        learned = self.learned.copy()
        for skill in skills.T:
            missing = self.content.weights[skill] * self._unready(everyone[:, None], self.content.prerequisites[skill])
            gain = self.rate * np.prod(1.0 - missing, axis=1) * self._unready(everyone, skill)
            learned[everyone, skill] += np.where(skill >= 0, gain, 0.0)
        return replace(self, learned=learned)

    def p_correct(self, learner: Ints, item: Ints) -> Floats:
        """P(correct) of learner and item, pair by pair."""
        skills = self.content.skills_of_item[item]  # (..., most skills of an item)
        strength = self._strength(learner[..., None], skills)
        weakest = np.where(skills >= 0, strength, np.inf).min(axis=-1)
        guess = self.content.guess[item]
        p: Floats = guess + (1.0 - self.world.slip - guess) * expit(weakest - self.content.item_difficulty[item])
        return p

    def success(self) -> Floats:
        """Expected success on each skill's items, (n_learners, n_skills); a skill without items is asked freely."""
        success: Floats = (1.0 - self.world.slip) * expit(self.base + self.learned - self.content.skill_difficulty)
        everyone = np.arange(len(self.base))[:, None]
        for skill, padded in enumerate(self.content.items_of_skill):
            items = padded[padded >= 0]
            if len(items):
                success[:, skill] = self.p_correct(everyone, items[None, :]).mean(axis=1)
        return success

    def items_set(self, n_items: int, rng: np.random.Generator) -> Ints:
        """Items of a session, (n_learners, n_items): blocks of one skill each, its items in turn from a random one."""
        n_of_skill = (self.content.items_of_skill >= 0).sum(axis=1)  # (n_skills,)
        n_blocks = min(N_BLOCKS, int((n_of_skill > 0).sum()))
        margin = self.base + self.learned - self.content.skill_difficulty - logit(self.world.target)
        log_weight = np.where(n_of_skill > 0, -0.5 * (margin / self.world.width) ** 2, -np.inf)
        # The greatest sums of log weight and Gumbel noise are a draw by weight without replacement.
        chosen = np.argsort(-(log_weight + rng.gumbel(size=log_weight.shape)), axis=1)[:, :n_blocks]
        first = np.floor(rng.random(chosen.shape) * n_of_skill[chosen]).astype(np.int64)  # (n_learners, n_blocks)
        step = np.arange(n_items)
        block = step * n_blocks // n_items
        skill = chosen[:, block]  # (n_learners, n_items)
        items: Ints = self.content.items_of_skill[skill, (first[:, block] + step) % n_of_skill[skill]]
        return items

    def _strength(self, learner: Ints, skill: Ints) -> Floats:
        return self.base[learner, skill] + self.learned[learner, skill]

    def _unready(self, learner: Ints, skill: Ints) -> Floats:
        p: Floats = 1.0 - expit(self._strength(learner, skill) - self.content.skill_difficulty[skill])
        return p


def _worked(learners: _Learners, n_items: int, rng: np.random.Generator) -> tuple[_Learners, _Session]:
    """A session, some days after the last one, and the class after it."""
    n_learners = len(learners.base)
    days = rng.integers(1, MOST_DAYS_APART + 1, n_learners)
    learners = learners.after(days)
    item = learners.items_set(n_items, rng)
    p_correct = np.empty(item.shape)
    for step in range(n_items):
        p_correct[:, step] = learners.p_correct(np.arange(n_learners), item[:, step])
        learners = learners.practised(item[:, step])
    world = learners.world
    seconds = world.seconds_per_item * np.exp(world.sd_log_seconds * rng.standard_normal(item.shape))
    correct = (rng.random(item.shape) < p_correct).astype(np.float64)
    return learners, _Session(days, seconds, item, p_correct, correct)


def _attempts(catalog: Catalog, content: _Content, sessions: list[_Session]) -> Iterator[Attempt]:
    """Attempts learner by learner in time order."""
    days = np.cumsum([session.days for session in sessions], axis=0)  # (n_sessions, n_learners)
    for learner in range(days.shape[1]):
        learner_id = f"learner-{learner + 1:03}"
        number = count(1)
        for day, session in zip(days[:, learner], sessions, strict=True):
            begins = START + timedelta(days=int(day))
            elapsed = np.cumsum(session.seconds[learner])
            for k, index in enumerate(session.item[learner]):
                item = catalog.items[content.item_index[index]]
                yield Attempt(
                    attempt_id=f"{learner_id}-{next(number):04}",
                    learner_id=learner_id,
                    item_id=item.item_id,
                    skill_ids=item.skill_ids,
                    correct=float(session.correct[learner, k]),
                    occurred_at=begins + timedelta(milliseconds=round(1000.0 * elapsed[k])),
                    response_ms=round(1000.0 * session.seconds[learner, k]),
                )


def _padded(lists: Sequence[Sequence[float]], empty: float) -> Floats:
    """The lists as rows, (n_lists, greatest length), filled up with `empty`."""
    rows = np.full((len(lists), max(map(len, lists), default=0)), empty)
    for row, values in zip(rows, lists, strict=True):
        row[: len(values)] = values
    return rows


def _padded_indices(lists: Sequence[Sequence[int]]) -> Ints:
    """The lists as rows, filled up with -1."""
    return _padded(lists, empty=-1.0).astype(np.int64)
