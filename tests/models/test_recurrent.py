"""The compiled history and networks against the equations written the slow way, torch, and each other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from math import inf, log1p, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from adaptive.domain import Attempt
from adaptive.models import replay, walk
from adaptive.models.checks.data import tiny_attempts
from adaptive.models.checks.subject import table_of
from adaptive.models.columns import Vocabulary, seconds_of, skills_or_none
from adaptive.models.normal_logit import attenuation
from adaptive.models.recurrent import Recurrent, RecurrentState
from adaptive.models.recurrent.ensemble import Combination, Ensemble
from adaptive.models.recurrent.examples import Examples
from adaptive.models.recurrent.inputs import KNOTS, N_BENDS, N_INPUTS, Scales
from adaptive.models.recurrent.kernel import context, describe, remember, table
from adaptive.models.recurrent.settings import NetworkSettings
from adaptive.models.recurrent.trail import FEATURES, FRESH_ITEM, FRESH_SKILL, FRESH_TRAIL, N_CONTEXT, N_FEATURES, REMEMBERED_STEPS, Asked
from adaptive.models.recurrent.training import residuals_of
from adaptive.models.recurrent.weights import Weights
from adaptive.models.state_space import StateSpaceIrt
from adaptive.protocols import Floats, Items, Parameters

SIZES = NetworkSettings(n_embedding=5, n_memory=6, n_hidden=7, n_factors=2)
KEPT = np.repeat([1.0, 0.97, 0.8], SIZES.n_factors)
AT = datetime(2026, 6, 1, tzinfo=UTC)

SAME = 1e-10
"""Sums of some hundred doubles near 1, in another order."""

NEW_ITEMS = Items(("q1", "q2", "new", "bare", "q1"), (("halves",), ("sums", "halves"), ("never seen",), (), ("halves", "sums")))


@cache
def core() -> StateSpaceIrt:
    return StateSpaceIrt().fit(table_of(tiny_attempts(np.random.default_rng(0))))


def drawn_weights(rng: np.random.Generator, n_items: int, n_skills: int) -> Weights:
    e, h, z, f = SIZES.n_embedding, SIZES.n_memory, SIZES.n_hidden, SIZES.n_factors
    shapes: dict[str, tuple[int, ...]] = {"skill": (n_skills + 1, e), "variation": (n_skills + 1, e), "slope": (n_items + 1, N_CONTEXT)}
    shapes |= {"query": (n_items + 1, 3 * f), "key": (n_items + 1, 3 * f), "bend": (z, N_FEATURES * N_BENDS)}
    shapes |= {"in_e": (h, e), "in_x": (h, N_INPUTS), "in_a": (h, 2), "in_b": (h,)}
    shapes |= {"gru_x": (3 * h, h), "gru_h": (3 * h, h), "gru_bx": (3 * h,), "gru_bh": (3 * h,)}
    shapes |= {"by_h": (z, h), "by_e": (z, e), "by_x": (z, N_INPUTS), "by_b": (z,), "out": (z,), "out_b": (1,)}
    return Weights(**{name: 0.4 * rng.standard_normal(shape) for name, shape in shapes.items()})


def model_of(n_members: int, *, combination: Combination | None = None, has_slopes: bool = True) -> Recurrent:
    """The core with networks of drawn weights, which know all of its items but q2 and the skills."""
    rng, bank = np.random.default_rng(n_members), core().fitted.bank
    items, skills = Vocabulary(id_ for id_ in bank.items.ids if id_ != "q2"), Vocabulary(bank.skills.ids)
    members = [drawn_weights(rng, len(items), len(skills)) for _ in range(n_members)]
    if not has_slopes:
        members = [replace(member, slope=0.0 * member.slope) for member in members]
    scales = Scales(0.3 * rng.standard_normal(N_INPUTS), rng.uniform(0.5, 2.0, N_INPUTS))
    ensemble = Ensemble(tuple(members), scales, items, skills, combination or Combination(0.1, 0.9, 0.8))
    of_core = core().parameters()
    arrays = {**{f"core.{name}": array for name, array in of_core.arrays.items()}, **ensemble.arrays()}
    written = {"core": of_core.settings, "network": asdict(SIZES)}
    return Recurrent.from_parameters(Parameters(written, {**arrays, "training_log_loss": np.array(nan)}))


class SlowHistory:
    """All attempts kept, and every feature worked out from them: (item, skills, score, the core's P(correct), seconds)."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, tuple[str, ...], float, float, float]] = []

    def features(self, item_id: str, skill_ids: tuple[str, ...], seconds: float) -> Floats:
        n, of_skills = len(self.rows), np.zeros(7)
        for skill_id in skill_ids:
            met = [i for i, row in enumerate(self.rows) if skill_id in row[1]]
            if met:
                running = [self._running(met, kept) for kept in (0.5, 0.9)]
                seen = [*self._counts(met), *running, 1.0, log1p(n - met[-1] - 1), self._since(met[-1], seconds)]
                of_skills += np.array(seen) / len(skill_ids)
        of_item, met = np.zeros(6), self._remembered(item_id)
        if met and n - met[-1] <= REMEMBERED_STEPS:
            of_item[:] = [*self._counts(met), self._running(met, 0.5), 1.0, log1p(n - met[-1] - 1), self._since(met[-1], seconds)]
        every = list(range(n))
        is_timed = n > 0 and seconds > -inf and self.rows[-1][4] > -inf
        of_all = [*self._counts(every), self._running(every, 0.5), self._running(every, 0.9), log1p(n)]
        timed = [self._since(n - 1, seconds) if n else 0.0, float(is_timed)]
        residuals = [self._mean_residual(kept) for kept in (0.5, 0.8, 0.95)]
        rest = [len(skill_ids) - 1.0, float(self._repeats(n, skill_ids)), log1p(self._run())]
        return np.array([*of_all, *timed, *of_skills, *of_item, *rest, *residuals])

    def context(self) -> Floats:
        lags = [self._residual(row) for row in reversed(self.rows)][:6]
        means = [scale * self._mean_residual(kept) for scale, kept in ((1.0, 0.5), (2.0, 0.8), (4.0, 0.95))]
        return np.array([*lags, *[0.0] * (6 - len(lags)), *means])

    def _counts(self, rows: Sequence[int]) -> list[float]:
        scores = [self.rows[i][2] for i in rows if self.rows[i][2] >= 0.0]
        return [log1p(sum(scores)), log1p(sum(1.0 - score for score in scores))]

    def _running(self, rows: Sequence[int], kept: float) -> float:
        total = 0.0
        for i in rows:
            if self.rows[i][2] >= 0.0:
                total = kept * total + (1.0 - kept) * (2.0 * self.rows[i][2] - 1.0)
        return total

    def _since(self, i: int, seconds: float) -> float:
        last = self.rows[i][4]
        return log1p(seconds - last) if seconds > last > -inf else 0.0

    def _remembered(self, item_id: str) -> list[int]:
        """Its attempts since it was last forgotten."""
        met: list[int] = []
        for i, row in enumerate(self.rows):
            if row[0] == item_id:
                met = [*met, i] if met and i - met[-1] <= REMEMBERED_STEPS else [i]
        return met

    def _repeats(self, n: int, skill_ids: tuple[str, ...]) -> bool:
        return n > 0 and len(skill_ids) == 1 and self.rows[n - 1][1][0] == skill_ids[0]

    def _run(self) -> int:
        run = 0
        for n, row in enumerate(self.rows):
            run = run + 1 if self._repeats(n, row[1]) else 0
        return run

    def _residual(self, row: tuple[str, tuple[str, ...], float, float, float]) -> float:
        return row[2] - row[3] if row[2] >= 0.0 else 0.0

    def _mean_residual(self, kept: float) -> float:
        total = 0.0
        for row in self.rows:
            total = kept * total + (1.0 - kept) * self._residual(row)
        return total


def bent(x: Floats) -> Floats:
    """How much of the way from each knot to the next each feature has gone."""
    return np.array([np.interp(value, [low, high], [0.0, 1.0]) for value in x[:N_FEATURES] for low, high in pairwise(KNOTS)])


class SlowModel:
    """The docstrings of `Weights`, `Combination` and `Scales`, one item at a time."""

    def __init__(self, model: Recurrent) -> None:
        self.core, self.ensemble, self.history = model.core, model.ensemble, SlowHistory()
        self.memories = [np.zeros(SIZES.n_memory) for _ in model.ensemble.members]
        self.sums = [np.zeros(len(KEPT)) for _ in model.ensemble.members]

    def inputs(self, state: RecurrentState, item_id: str, skill_ids: tuple[str, ...], at: datetime | None) -> Floats:
        mean, variance = (found[0] for found in self.core.item_logits(state.core, Items((item_id,), (skill_ids,)), at))
        guess, skills = self.core.hyperparameters.guess, skills_or_none(skill_ids)
        bank = self.core.fitted.bank
        if item_id in bank.items.index:
            code = bank.items.index[item_id]
            facts = bank.difficulty[code], bank.log_discrimination[code], np.log(bank.variance[code] + 1e-6)
        else:
            shifts = [bank.shift[bank.skills.index[s]] if s in bank.skills.index else bank.spreads.overall for s in skills]
            doubts = [bank.shift_variance[bank.skills.index[s]] if s in bank.skills.index else bank.spreads.skill for s in skills]
            facts = np.mean(shifts), 0.0, np.log(bank.spreads.item + np.mean(doubts) + 1e-6)
        seconds = seconds_of(at)
        features = self.history.features(item_id, skills, nan if seconds is None else seconds)
        said = logit(guess + (1.0 - guess) * expit(mean / attenuation(variance))), np.sqrt(variance)
        return np.array([*features, *said, *facts])

    def _embedding(self, member: Weights, skill_ids: tuple[str, ...], difficulty: float) -> Floats:
        index = self.ensemble.skills.index
        codes = [index.get(id_, len(index)) for id_ in skills_or_none(skill_ids)]
        return np.asarray(np.mean([member.skill[code] + difficulty * member.variation[code] for code in codes], axis=0))

    def p_correct(self, state: RecurrentState, item_id: str, skill_ids: tuple[str, ...], at: datetime | None) -> float:
        inputs = self.inputs(state, item_id, skill_ids, at)
        x, residuals = np.clip((inputs - self.ensemble.scales.mean) / self.ensemble.scales.sd, -5.0, 5.0), []
        own, root = self._place(item_id), np.sqrt(np.maximum([sum(kept**s for s in range(len(self.history.rows))) for kept in KEPT], 1.0))
        for member, h, sums in zip(self.ensemble.members, self.memories, self.sums, strict=True):
            e = self._embedding(member, skill_ids, x[-3])
            hidden = np.maximum(member.by_h @ h + member.by_e @ e + member.by_x @ x + member.bend @ bent(x) + member.by_b, 0.0)
            answers = member.slope[own] @ self.history.context() + member.query[own] @ (sums / root)
            residuals.append(member.out @ hidden + member.out_b[0] + answers)
        a, b, c = self.ensemble.combination
        return float(expit(a + b * inputs[N_FEATURES] + c * (np.mean(residuals) if residuals else 0.0)))

    def _place(self, item_id: str) -> int:
        return self.ensemble.items.index.get(item_id, len(self.ensemble.items))

    def update(self, state: RecurrentState, attempt: Attempt) -> None:
        inputs = self.inputs(state, attempt.item_id, attempt.skill_ids, attempt.occurred_at)
        x, n = np.clip((inputs - self.ensemble.scales.mean) / self.ensemble.scales.sd, -5.0, 5.0), SIZES.n_memory
        score = attempt.correct if attempt.is_evidence and attempt.correct is not None else nan
        p_core, seconds = float(expit(inputs[N_FEATURES])), seconds_of(attempt.occurred_at)
        answer = np.array([2.0 * score - 1.0, score - p_core]) if score >= 0.0 else np.zeros(2)
        for i, (member, h) in enumerate(zip(self.ensemble.members, self.memories, strict=True)):
            e = self._embedding(member, attempt.skill_ids, x[-3])
            z = np.tanh(member.in_e @ e + member.in_x @ x + member.in_a @ answer + member.in_b)
            arriving, kept = member.gru_x @ z + member.gru_bx, member.gru_h @ h + member.gru_bh
            reset, keep = expit(arriving[:n] + kept[:n]), expit(arriving[n : 2 * n] + kept[n : 2 * n])
            self.sums[i] = KEPT * self.sums[i] + answer[1] * member.key[self._place(attempt.item_id)]
            self.memories[i] = (1.0 - keep) * np.tanh(arriving[2 * n :] + reset * kept[2 * n :]) + keep * h
        row = (attempt.item_id, skills_or_none(attempt.skill_ids), score, p_core, -inf if seconds is None else seconds)
        self.history.rows.append(row)


def strange_history() -> list[Attempt]:
    """Every kind of attempt, with and without times, on items and skills known, unknown and none."""
    known, strange = tiny_attempts(np.random.default_rng(5))[0], []
    for i, (item_id, skill_ids) in enumerate(zip(NEW_ITEMS.item_ids, NEW_ITEMS.skill_ids, strict=True)):
        strange.append(Attempt(f"n{i}", known[0].learner_id, item_id, skill_ids, correct=i % 2, sequence=1000 + i))
    return [*known, *strange, *(replace(attempt, attempt_id=f"again {attempt.attempt_id}") for attempt in strange)]


@pytest.mark.parametrize("n_members", [0, 1, 3])
def test_forecasts_follow_the_equations_written_the_slow_way(n_members: int) -> None:
    model = model_of(n_members)
    slow = SlowModel(model)
    for state, attempt in walk(model, strange_history()):
        for at in (attempt.occurred_at, AT):
            found = model.predict(state, NEW_ITEMS, at).p_correct
            asked = zip(NEW_ITEMS.item_ids, NEW_ITEMS.skill_ids, strict=True)
            expected = [slow.p_correct(state, item_id, skill_ids, at) for item_id, skill_ids in asked]
            np.testing.assert_allclose(found, expected, rtol=0, atol=SAME)
        slow.update(state, attempt)
        memory = np.frombuffer(model.update(state, attempt).memory, "<f8")
        np.testing.assert_allclose(memory, np.concatenate([np.ravel(slow.memories), np.ravel(slow.sums)]), rtol=0, atol=SAME)


def test_steps_agree_with_torch() -> None:
    """Without slopes, whose context the table holds in single precision."""
    model = model_of(1, combination=Combination(), has_slopes=False)
    histories, ensemble = tiny_attempts(np.random.default_rng(6)), model.ensemble
    codes = table_of(histories).codes()
    examples = Examples.of(codes, lambda _: model.core, np.zeros(len(codes.learner_ids), np.int64), ensemble.items, ensemble.skills)
    every = np.ones(len(examples.item), np.bool_)
    expected = residuals_of(ensemble.members[0], examples.scaled(ensemble.scales), every, SIZES)
    steps = [
        model.item_logits(state, Items((attempt.item_id,), (attempt.skill_ids,)), attempt.occurred_at)[0].item()
        for _, history in table_of(histories).histories()
        for state, attempt in walk(model, history)
    ]
    np.testing.assert_allclose(np.array(steps) - examples.core, expected, rtol=0, atol=SAME)


@pytest.mark.parametrize("n_members", [0, 1, 3])
def test_an_item_is_forecast_alike_alone_and_among_others(n_members: int) -> None:
    model = model_of(n_members)
    state, rng = replay(model, strange_history()), np.random.default_rng(0)
    skills = [("halves",), ("sums",), ("halves", "sums"), ("sums", "halves"), (), ("never seen",)]
    item_ids = [f"q{j}" for j in rng.integers(30, size=60)]
    items = Items(tuple(item_ids), tuple(skills[j] for j in rng.integers(len(skills), size=60)))
    together = model.predict(state, items, AT)
    for j, (item_id, skill_ids) in enumerate(zip(items.item_ids, items.skill_ids, strict=True)):
        alone = model.predict(state, Items((item_id,), (skill_ids,)), AT)
        assert (alone.p_correct[0], alone.low[0], alone.high[0]) == (together.p_correct[j], together.low[j], together.high[j])


@pytest.mark.parametrize("index", [[0], [3, 0], [2, 4, 1], [4, 4, 0, 3, 2, 1]])
def test_items_taken_from_others_are_forecast_as_among_them(index: list[int]) -> None:
    """By the core, whose sums stay the same, bit for bit; networks take items of one group together, so to rounding."""
    model, history = model_of(3), tiny_attempts(np.random.default_rng(5))[0]
    state, place = replay(model, history), np.array(index)
    for of, then, tolerance in ((model.core, state.core, 0.0), (model, state, SAME)):
        whole, some = of.predict(then, NEW_ITEMS, AT), of.predict(then, NEW_ITEMS.take(place), AT)
        for name in ("p_correct", "low", "high"):
            np.testing.assert_allclose(getattr(some, name), getattr(whole, name)[place], rtol=0.0, atol=tolerance)
    again = NEW_ITEMS.take(place).take(np.array([0]))
    assert model.predict(state, again, AT).p_correct[0] == pytest.approx(model.predict(state, NEW_ITEMS, AT).p_correct[index[0]], abs=SAME)


def test_nothing_asked_is_answered() -> None:
    model = model_of(3)
    assert model.predict(model.initial_state(), Items((), ()), None).p_correct.shape == (0,)


def test_a_state_with_memories_comes_back_from_its_text() -> None:
    model = model_of(3)
    state = replay(model, strange_history())
    back = model.decode_state(json.loads(json.dumps(model.encode_state(state))))
    assert back == state
    assert len(back.memory) == 8 * 3 * (SIZES.n_memory + len(KEPT))
    assert np.abs(np.frombuffer(back.memory, "<f8")).min() > 0.0


def test_a_state_of_150_skills_stays_within_64_kib() -> None:
    rng, model = np.random.default_rng(0), model_of(3)
    attempts = [
        Attempt(f"a{n}", "ann", f"item-{j:06}", (f"skill-{j % 150:04}",), float(n % 2), sequence=n)
        for n, j in enumerate(rng.integers(10_000, size=2_000).tolist())
    ]
    assert len(json.dumps(model.encode_state(replay(model, attempts)))) < 64 * 1024


def test_the_core_says_what_it_expected_at_no_further_cost() -> None:
    for state, attempt in walk(core(), strange_history()):
        after, *found = core().update_with_forecast(state, attempt)
        mean, variance = core().item_logits(state, Items((attempt.item_id,), (attempt.skill_ids,)), attempt.occurred_at)
        np.testing.assert_allclose(found, [mean[0], variance[0]], rtol=0, atol=SAME)
        assert after == core().update(state, attempt)


ROW = st.tuples(
    st.integers(0, 4),
    st.lists(st.integers(0, 3), min_size=1, max_size=3, unique=True),
    st.sampled_from([0.0, 1.0, 0.4, nan]),
    st.sampled_from([0.0, 5.0, 4000.0, nan]),
    st.floats(0.05, 0.95),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, max_size=30), st.lists(ROW, max_size=30))
def test_whole_tables_have_the_features_of_single_steps_and_of_the_definitions(
    first: list[tuple[int, list[int], float, float, float]], second: list[tuple[int, list[int], float, float, float]]
) -> None:
    rows = [*first, *second]
    learner = np.repeat([0, 1], [len(first), len(second)]).astype(np.int64)
    item, seconds = np.array([row[0] for row in rows], np.int64), np.cumsum(np.nan_to_num([row[3] for row in rows]))
    seconds[np.isnan([row[3] for row in rows])] = nan
    start = np.concatenate([[0], np.cumsum([len(row[1]) for row in rows], dtype=np.int64)]).astype(np.int64)
    asked = Asked(item, np.array([k for row in rows for k in row[1]], np.int64), start)
    score, p_core = np.array([row[2] for row in rows], dtype=float), np.array([row[4] for row in rows], dtype=float)
    features, contexts = table(learner, asked, score, seconds, p_core, np.array(FRESH_TRAIL), 5)
    for who in (0, 1):
        slow, trail = SlowHistory(), np.array(FRESH_TRAIL)
        skills, items = np.array([FRESH_SKILL] * 4), np.array([FRESH_ITEM] * 5)
        for i in np.flatnonzero(learner == who).tolist():
            which, out, own = np.array(rows[i][1], np.int64), np.empty(N_FEATURES), np.empty(N_CONTEXT)
            ids, repeats = tuple(map(str, rows[i][1])), len(which) == 1 and bool(slow.rows) and slow.rows[-1][1][0] == str(which[0])
            describe(trail, skills, which, items[item[i]], float(repeats), seconds[i], out)
            context(trail, own)
            np.testing.assert_array_equal(features[i], out)
            np.testing.assert_array_equal(contexts[i], own.astype(np.float32))
            np.testing.assert_allclose(out, slow.features(str(item[i]), ids, seconds[i]), rtol=0, atol=SAME)
            np.testing.assert_allclose(own, slow.context(), rtol=0, atol=SAME)
            remember(trail, skills, which, items[item[i]], float(repeats), score[i], p_core[i], seconds[i])
            slow.rows.append((str(item[i]), ids, score[i], p_core[i], -inf if np.isnan(seconds[i]) else seconds[i]))


def test_an_item_met_long_ago_is_not_kept() -> None:
    attempts = [Attempt(f"a{n}", "ann", f"q{n}", ("halves",), 0.0, sequence=n) for n in range(200)]
    lately, long_ago = (replay(model_of(1), attempts[:n]).trail for n in (REMEMBERED_STEPS, 200))
    assert "q0" in lately.items
    assert "q0" not in long_ago.items


def test_an_item_forgotten_is_met_anew() -> None:
    """Kept or dropped, an item met too long ago has no features; its counts begin again."""
    slow, n = SlowHistory(), REMEMBERED_STEPS
    trail, skills, items = np.array(FRESH_TRAIL), np.array([FRESH_SKILL]), np.array([FRESH_ITEM] * 2)
    for i, item in enumerate([0, *[1] * n, 0, 0]):
        out = np.empty(N_FEATURES)
        describe(trail, skills, np.array([0]), items[item], float(i > 0), nan, out)
        np.testing.assert_allclose(out, slow.features(str(item), ("s",), nan), rtol=0, atol=SAME)
        if item == 0:
            assert out[FEATURES.index("item_seen")] == float(i == n + 2)
        remember(trail, skills, np.array([0]), items[item], float(i > 0), 1.0, 0.5, nan)
        slow.rows.append((str(item), ("s",), 1.0, 0.5, -inf))
