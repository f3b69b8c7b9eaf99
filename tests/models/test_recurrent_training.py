"""Training of the residual networks: when it stops, how it is resumed, what it is told, and what it must not be able to learn."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt
from adaptive.errors import InvalidInput
from adaptive.models.checks.data import PlainData, flipped, tiny_attempts
from adaptive.models.checks.subject import table_of
from adaptive.models.fitting import Silent
from adaptive.models.recurrent import Recurrent
from adaptive.models.recurrent.checkpoints import Checkpoints, Task, Trained
from adaptive.models.recurrent.ensemble import CORE_ALONE, Combination, Ensemble
from adaptive.models.recurrent.examples import Examples, learner_groups
from adaptive.models.recurrent.factors import answers_to_past
from adaptive.models.recurrent.fit import combine, cross_fitted, fit_ensemble
from adaptive.models.recurrent.inputs import DIFFICULTY, Scales
from adaptive.models.recurrent.sequences import Sequences
from adaptive.models.recurrent.settings import NetworkSettings
from adaptive.models.recurrent.trail import FACTOR_KEPT
from adaptive.models.recurrent.training import residuals_of, train
from adaptive.models.stack import Stack
from adaptive.models.state_space import StateSpaceIrt
from adaptive.protocols import Codes, Floats, Parameters

SMALL = NetworkSettings(
    n_embedding=4, n_memory=5, n_hidden=6, n_factors=2, n_epochs=3, learning_rate=0.02, rows_per_batch=200, device="cpu"
)

Fitted = tuple[StateSpaceIrt, Codes, Examples]


class Watcher:
    """Keeps all that it is told, and every checkpoint, uncopied; may begin from one."""

    def __init__(self, begin: Parameters | None = None) -> None:
        self.begin = begin
        self.epochs: list[tuple[str, int, Mapping[str, float]]] = []
        self.kept: list[Parameters] = []

    def epoch(self, stage: str, done: int, of: int, measures: Mapping[str, float]) -> None:
        assert 1 <= done <= of
        self.epochs.append((stage, done, measures))

    def save(self, checkpoint: Parameters) -> None:
        assert len(self.kept) + 1 == len(self.epochs)  # an epoch is told before its checkpoint is kept
        self.kept.append(Parameters(json.loads(json.dumps(dict(checkpoint.settings))), checkpoint.arrays))

    def restore(self) -> Parameters | None:
        return self.begin

    def measured(self, name: str) -> list[float]:
        return [measures[name] for _, _, measures in self.epochs]


@cache
def fitted(n_learners: int = 30, n_attempts: int = 20, seed: int = 0) -> Fitted:
    """A core, the codes that it was fitted on, and scaled examples, of learners whose last answer says much of the next."""
    rng = np.random.default_rng(seed)
    histories = tiny_attempts(rng, PlainData(n_learners, n_attempts))
    return fitted_on(table_of([in_runs(history, rng) for history in histories]))


def in_runs(history: list[Attempt], rng: np.random.Generator) -> list[Attempt]:
    """With outcomes that are as the one before nine times in ten: what the core leaves unexplained."""
    changes = np.cumsum(rng.random(len(history)) < 0.1) % 2
    return [a if a.correct is None else replace(a, correct=float(now)) for a, now in zip(history, changes.tolist(), strict=True)]


def fitted_on(table: AttemptTable) -> Fitted:
    core, codes = StateSpaceIrt().fit(table), table.codes()
    examples = cross_fitted(core, codes, learner_groups(len(codes.learner_ids), 10, np.random.default_rng(0)))
    return core, codes, examples.scaled(Scales.of(examples.inputs))


def learn(examples: Examples, held_out: NDArray[np.bool_], settings: NetworkSettings, *, seed: int = 0) -> tuple[Trained, Watcher]:
    watcher = Watcher()
    task = Task("network", (seed,))
    return train(examples, held_out, settings, task=task, checkpoints=Checkpoints(watcher, "this fit")), watcher


def ensemble(seed: int = 0, *, n_members: int = 3, observer: Watcher | None = None, settings: NetworkSettings = SMALL) -> Ensemble:
    core, codes, _ = fitted()
    return fit_ensemble(core, codes, settings, n_members=n_members, seed=seed, observer=observer or Silent())


def as_bytes(found: Ensemble) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in found.arrays().items()}


def mean_log_loss(logits: Floats, score: Floats) -> float:
    at = ~np.isnan(score)
    return float(np.mean(np.logaddexp(0.0, logits[at]) - score[at] * logits[at]))


# When it stops, and with what


def test_training_stops_early_and_gives_the_epoch_that_forecast_held_out_learners_best() -> None:
    """Outcomes drawn anew have nothing to teach, so long training forecasts worse; seeds are fixed."""
    _, _, examples = fitted()
    shuffled = replace(examples, score=np.random.default_rng(3).permutation(examples.score))
    settings, held_out = replace(SMALL, n_epochs=40, patience=2, learning_rate=0.03), examples.group % 3 == 0
    found, watcher = learn(shuffled, held_out, settings)
    losses = watcher.measured("log_loss")
    assert len(losses) == found.n_epochs + settings.patience + 1 < settings.n_epochs
    at_first = mean_log_loss(shuffled.core[held_out], shuffled.score[held_out])
    assert found.n_epochs == int(np.argmin([at_first, *losses]))
    assert found.log_loss == min([at_first, *losses])
    logits = shuffled.core + residuals_of(found.weights, shuffled, held_out, settings)
    assert mean_log_loss(logits[held_out], shuffled.score[held_out]) == pytest.approx(
        found.log_loss, abs=1e-6
    )  # trained in single precision


def test_a_network_that_only_harms_gives_way_to_a_residual_of_zero() -> None:
    _, _, examples = fitted()
    held_out = examples.group % 3 == 0
    found, watcher = learn(contradicted(examples, held_out), held_out, replace(SMALL, n_epochs=9, patience=1))
    assert min(watcher.measured("log_loss")) > found.log_loss
    assert (found.n_epochs, len(watcher.epochs)) == (0, 2)
    np.testing.assert_array_equal(residuals_of(found.weights, examples, held_out, SMALL)[held_out], 0.0)


def contradicted(examples: Examples, held_out: NDArray[np.bool_]) -> Examples:
    """All that is trained on comes out right, all that is held out wrong."""
    return replace(examples, score=np.where(held_out, 0.0, 1.0), core=np.zeros(len(held_out)))


def test_with_the_number_of_epochs_told_no_learner_is_held_out_and_the_last_epoch_is_given() -> None:
    _, _, examples = fitted()
    watcher, none = Watcher(), np.zeros(len(examples.item), np.bool_)
    found = train(examples, none, SMALL, task=Task("network", (0,), 2), checkpoints=Checkpoints(watcher, "this fit"))
    assert found.n_epochs == len(watcher.epochs) == 2
    assert [set(measures) for _, _, measures in watcher.epochs] == [{"training_log_loss", "seconds"}] * 2
    assert np.isnan(found.log_loss)


def test_the_time_of_each_epoch_is_told() -> None:
    watcher = Watcher()
    ensemble(n_members=1, observer=watcher)
    assert min(watcher.measured("seconds")) > 0.0


# One seed, one fit; interrupted or not


@cache
def uninterrupted(n_members: int) -> tuple[Ensemble, Watcher]:
    watcher = Watcher()
    return ensemble(n_members=n_members, observer=watcher), watcher


def test_one_seed_gives_one_fit_and_another_seed_another() -> None:
    found, _ = uninterrupted(3)
    assert as_bytes(ensemble()) == as_bytes(found)
    other = as_bytes(ensemble(seed=1))
    assert [name for name, array in as_bytes(found).items() if name.endswith(".gru_h") and array == other[name]] == []


def test_members_differ_from_each_other() -> None:
    found, _ = uninterrupted(3)
    assert len({member.gru_h.tobytes() for member in found.members}) == 3


@pytest.mark.parametrize("n_members", [1, 3])
def test_a_fit_resumed_after_any_epoch_ends_bit_for_bit_as_one_never_interrupted(n_members: int) -> None:
    whole, watcher = uninterrupted(n_members)
    assert len({stage for stage, _, _ in watcher.epochs}) == (1 if n_members == 1 else 3 + n_members)
    assert min(float(np.abs(member.out).max()) for member in whole.members) > 0.0  # they have learnt
    for n_done, checkpoint in enumerate(watcher.kept, start=1):
        resumed, before = Watcher(checkpoint), {name: array.tobytes() for name, array in checkpoint.arrays.items()}
        assert as_bytes(ensemble(n_members=n_members, observer=resumed)) == as_bytes(whole)
        assert [epoch[:2] for epoch in resumed.epochs] == [epoch[:2] for epoch in watcher.epochs[n_done:]]  # none is repeated
        assert {name: array.tobytes() for name, array in checkpoint.arrays.items()} == before


def test_a_fit_interrupted_twice_ends_as_one_never_interrupted() -> None:
    whole, watcher = uninterrupted(3)
    once = Watcher(watcher.kept[1])
    ensemble(observer=once)
    for checkpoint in once.kept[::4]:
        assert as_bytes(ensemble(observer=Watcher(checkpoint))) == as_bytes(whole)


def test_a_checkpoint_of_another_fit_is_not_used() -> None:
    whole, watcher = uninterrupted(3)
    _, other_codes, _ = fitted(seed=1)
    others = (
        ensemble_kept(seed=1),
        ensemble_kept(settings=replace(SMALL, dropout=0.1)),
        Parameters({**watcher.kept[-1].settings, "fit": "another"}, watcher.kept[-1].arrays),
        Parameters({"step": 3}, {}),
    )
    for other in others:
        again = Watcher(other)
        assert as_bytes(ensemble(observer=again)) == as_bytes(whole)
        assert len(again.epochs) == len(watcher.epochs)
    again, core = Watcher(watcher.kept[-1]), fitted()[0]
    fit_ensemble(core, other_codes, SMALL, n_members=3, seed=0, observer=again)
    assert again.epochs[0][:2] == ("network apart 1", 1)


def ensemble_kept(*, seed: int = 0, settings: NetworkSettings = SMALL) -> Parameters:
    watcher = Watcher()
    ensemble(seed=seed, observer=watcher, settings=settings)
    return watcher.kept[-1]


# Batches


@given(
    st.lists(st.tuples(st.integers(1, 40), st.booleans()), max_size=30),
    st.integers(1, 15),
    st.integers(15, 60),
    st.one_of(st.none(), st.integers(0, 9)),
)
def test_batches_hold_each_chosen_row_once_and_keep_within_their_size(
    histories: list[tuple[int, bool]], longest: int, rows_per_batch: int, seed: int | None
) -> None:
    learner = np.repeat(np.arange(len(histories)), [length for length, _ in histories]).astype(np.int64)
    chosen = np.repeat(np.array([is_chosen for _, is_chosen in histories], np.bool_), [length for length, _ in histories])
    sequences = Sequences.of(learner, chosen, longest)
    met: Counter[int] = Counter()
    for batch in sequences.batches(rows_per_batch, None if seed is None else np.random.default_rng(seed)):
        rows, is_there = sequences.rows(batch)
        assert rows.shape[1] <= longest
        assert rows.size <= rows_per_batch
        for row, there in zip(rows, is_there, strict=True):
            assert len(set(learner[row])) == 1  # padding too is of the learner
            np.testing.assert_array_equal(np.diff(row[there]), 1)
            met.update(row[there].tolist())
    assert met == Counter(np.flatnonzero(chosen).tolist())


def test_padding_is_bounded_on_lengths_as_skewed_as_those_of_real_classes() -> None:
    """Lengths exp(N(3.5, 1)) of 2,000 learners: 11 % of the cells are padding; batches of learners at random: 79 %."""
    rng, settings = np.random.default_rng(0), NetworkSettings()
    learner = np.repeat(np.arange(2000), np.maximum(rng.lognormal(3.5, 1.0, 2000).astype(np.int64), 1))
    sequences = Sequences.of(learner, np.ones(len(learner), np.bool_), settings.longest)
    n_cells = sum(sequences.rows(batch)[0].size for batch in sequences.batches(settings.rows_per_batch, rng))
    assert 1.0 - len(learner) / n_cells < 0.13
    length = sequences.end - sequences.start
    at_random = sum(int(length[part].max()) * len(part) for part in np.array_split(rng.permutation(len(length)), 40))
    assert 1.0 - len(learner) / at_random > 0.7


# What networks are told must not hold the learner's own answers


def test_what_the_core_says_of_a_learner_does_not_rest_on_their_group_s_answers() -> None:
    """All answers of one learner are turned round: what the core says of their whole group changes only by what follows from their own."""
    histories = tiny_attempts(np.random.default_rng(2), PlainData(30, 20, plain=True))
    codes, turned = table_of(histories).codes(), table_of([[flipped(a) for a in histories[0]], *histories[1:]]).codes()
    group, core = learner_groups(30, 10, np.random.default_rng(0)), fitted()[0]
    before, after = (cross_fitted(core.fit_items(answers), answers, group) for answers in (codes, turned))
    theirs, own = before.group == group[0], before.learner == 0
    np.testing.assert_array_equal(before.inputs[theirs & ~own], after.inputs[theirs & ~own])
    np.testing.assert_array_equal(before.inputs[own, DIFFICULTY:], after.inputs[own, DIFFICULTY:])
    assert before.core[0] == after.core[0]  # their first attempt
    assert not np.array_equal(before.core[own], after.core[own])  # what was seen counts
    for other in set(group.tolist()) - {int(group[0])}:
        rows = before.group == other
        assert not np.array_equal(before.inputs[rows, DIFFICULTY], after.inputs[rows, DIFFICULTY])


ONE_EACH = 1500


def outcomes_by_chance(seed: int) -> AttemptTable:
    """1,500 learners with one attempt each on one of 300 items; six outcomes in ten are right whatever the item."""
    rng = np.random.default_rng(seed)
    item, correct = rng.integers(300, size=ONE_EACH), rng.random(ONE_EACH) < 0.6
    return AttemptTable.from_attempts(
        [Attempt(f"a{i}", f"l{i}", f"q{item[i]}", ("s",), float(correct[i]), sequence=0) for i in range(ONE_EACH)]
    )


@pytest.mark.parametrize("seed", [0, 1])
def test_answers_of_the_learner_s_own_group_cannot_be_read_off_the_difficulties_of_the_others(seed: int) -> None:
    """Outcomes are chance, and there is no history: whatever training gains on the rows it learns from, it has read from a leak.

    Difficulties are out of fold: an item looks easier than it is to the group that failed on it, and harder to the one that
    did well. A network that knows the item itself (an intercept of its own, an embedding) reads the group's answers off the
    difference. Over 24 seeds the log loss of training falls by .0024 with standard deviation .0014 (at most .0050), and by .0140
    to .0205 with an intercept: the bound, four deviations away, raises a false alarm once in 30,000.
    """
    _, _, examples = fitted_on(outcomes_by_chance(seed))
    held_out = examples.group % 3 == 0
    _, watcher = learn(examples, held_out, replace(SMALL, n_epochs=8, patience=8, rows_per_batch=100), seed=seed)
    of_core = mean_log_loss(examples.core[~held_out], examples.score[~held_out])
    assert of_core - watcher.measured("training_log_loss")[-1] < 0.008


def test_long_histories_answer_to_their_past_as_one_sum_says() -> None:
    """Longer than what is worked out at once; single items' sums in another order, in double precision."""
    rng = np.random.default_rng(0)
    query, noted = rng.standard_normal((2, 2, 600, 3))
    found = answers_to_past(torch.as_tensor(query), torch.as_tensor(noted)).numpy()
    expected, sums, n = np.zeros((2, 600)), np.zeros((2, 3)), np.zeros(3)
    for t in range(600):
        expected[:, t] = (query[:, t] * sums / np.sqrt(np.maximum(n, 1.0))).sum(axis=1)
        sums, n = np.array(FACTOR_KEPT) * sums + noted[:, t], np.array(FACTOR_KEPT) * n + 1.0
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)


def test_items_learn_to_answer_the_past_but_no_level() -> None:
    """Before any answer, whatever is an item's own says nothing."""
    found, _ = uninterrupted(3)
    for member in found.members:
        assert min(np.abs(member.slope).max(), np.abs(member.query).max()) > 0.0
        assert max(np.abs(table[-1]).max() for table in (member.slope, member.query, member.key)) == 0.0  # an item never seen
    _, codes, examples = fitted()
    first = np.flatnonzero(np.diff(codes.learner, prepend=-1) != 0)
    for member in found.members:
        without = replace(member, **{name: 0.0 * getattr(member, name) for name in ("slope", "query", "key")})
        every = np.ones(len(examples.item), np.bool_)
        with_own, plain = (residuals_of(weights, examples, every, SMALL) for weights in (member, without))
        np.testing.assert_array_equal(with_own[first], plain[first])
        assert not np.array_equal(with_own, plain)


# Combination


def overconfident(n_learners: int, n_attempts: int) -> Examples:
    """A core whose logits are twice what they should be."""
    examples = fitted_on(table_of(tiny_attempts(np.random.default_rng(0), PlainData(n_learners, n_attempts))))[2]
    return replace(examples, core=2.0 * examples.core)


def silent_networks(examples: Examples) -> list[Trained]:
    none = np.zeros(len(examples.item), np.bool_)
    checkpoints = Checkpoints(Silent(), "this fit")
    return [train(examples, none, SMALL, task=Task(f"network {k}", (k,), 0), checkpoints=checkpoints) for k in range(3)]


def test_many_attempts_calibrate_the_combination_and_few_leave_it_where_it_starts() -> None:
    """The weights' prior counts for 25 attempts. Networks that say nothing leave their own weight where it is."""
    large, tiny = overconfident(150, 30), overconfident(20, 1)
    of_large, of_tiny = (combine(examples, silent_networks(examples), SMALL) for examples in (large, tiny))
    assert of_large.core == pytest.approx(0.5, abs=0.1)
    assert of_large.residual == of_tiny.residual == 1.0
    np.testing.assert_allclose(of_tiny, Combination(0.0, 1.0, 1.0), rtol=0, atol=0.2)


def test_a_fit_to_few_learners_is_nearly_the_plain_sum() -> None:
    histories = tiny_attempts(np.random.default_rng(1), PlainData(20, 2, plain=True))
    np.testing.assert_allclose(Stack().fit(table_of(histories)).ensemble.combination, CORE_ALONE, rtol=0, atol=0.2)


@pytest.mark.parametrize("model", [Recurrent(settings=SMALL), Stack(settings=SMALL)])
def test_below_twenty_learners_the_core_stands_alone(model: Recurrent) -> None:
    histories = tiny_attempts(np.random.default_rng(1), PlainData(20, 5, plain=True))
    few, enough = model.fit(table_of(histories[:19])), model.fit(table_of(histories))
    assert (few.ensemble.members, few.ensemble.combination) == ((), CORE_ALONE)
    assert len(enough.ensemble.members) == model.n_members


# Devices


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"must be one of auto, cpu, cuda\. Got 'tpu'; use auto"):
        ensemble(settings=replace(SMALL, device="tpu"))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_refused_with_the_way_out() -> None:
    with pytest.raises(InvalidInput, match=r"cuda needs a GPU that torch finds\. Got 'cuda'; use auto or cpu, or install"):
        ensemble(settings=replace(SMALL, device="cuda"))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_auto_is_the_cpu() -> None:
    assert as_bytes(ensemble(settings=replace(SMALL, device="auto"))) == as_bytes(uninterrupted(3)[0])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU that torch finds")
def test_a_gpu_trains_the_network_that_the_cpu_trains() -> None:
    """Without dropout, whose draws differ between devices; in single precision, sums in another order."""
    _, _, examples = fitted()
    settings, held_out = replace(SMALL, dropout=0.0), examples.group % 3 == 0
    (on_cpu, _), (on_gpu, _) = (learn(examples, held_out, replace(settings, device=device)) for device in ("cpu", "cuda"))
    assert on_gpu.log_loss == pytest.approx(on_cpu.log_loss, abs=1e-3)
    found, expected = (residuals_of(network.weights, examples, held_out, settings)[held_out] for network in (on_gpu, on_cpu))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-2)
