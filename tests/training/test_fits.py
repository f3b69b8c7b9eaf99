"""Long fits: interrupted and gone on with, they end as if nothing had happened."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from mlflow import MlflowClient

from adaptive.catalog import read_catalog
from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt
from adaptive.errors import InvalidInput
from adaptive.models import build_model, load_model
from adaptive.training import Interrupted, TrainedModel, TrainingRequest, train
from adaptive.training.epochs import Epoch

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db"


@pytest.fixture
def request_(small: type, uri: str, tmp_path: Path) -> TrainingRequest:
    return TrainingRequest("small", at=AT, tracking=uri, seed=3, checkpoints=tmp_path / "checkpoints", out=tmp_path / "model")


def interrupt_at(fit: str, done: int) -> Callable[[Epoch], None]:
    def report(epoch: Epoch) -> None:
        if (epoch.fit, epoch.done, epoch.is_restored) == (fit, done, False):
            raise KeyboardInterrupt

    return report


def same_parameters(a: TrainedModel, b: TrainedModel) -> bool:
    left, right = a.model.parameters(), b.model.parameters()
    return left.settings == right.settings and all(
        np.array_equal(left.arrays[name], right.arrays[name], equal_nan=left.arrays[name].dtype.kind == "f") for name in right.arrays
    )


@pytest.mark.parametrize(("fit", "done"), [("held-out", 1), ("held-out", 3), ("all", 1), ("all", 4)])
def test_an_interrupted_run_goes_on_and_ends_as_one_never_interrupted(
    table: AttemptTable, request_: TrainingRequest, tmp_path: Path, fit: str, done: int
) -> None:
    """An interruption after epoch k before its checkpoint: the next run repeats epoch k, and no fit that ended."""
    whole = train(table, replace(request_, out=None, checkpoints=None))
    with pytest.raises((Interrupted, KeyboardInterrupt)) as stopped:
        train(table, request_, epochs=interrupt_at(fit, done))
    is_kept = (fit, done) != ("held-out", 1)
    assert isinstance(stopped.value, Interrupted) == is_kept
    assert not request_.out.exists()
    told: list[Epoch] = []
    resumed = train(table, replace(request_, must_resume=is_kept), epochs=told.append)
    assert same_parameters(resumed, whole)
    assert resumed.evaluation.folds[0].metrics.summary == whole.evaluation.folds[0].metrics.summary
    assert [(epoch.fit, epoch.done) for epoch in told] == [(name, n) for name in ("held-out", "all") for n in range(1, 6)]
    fresh = {(epoch.fit, epoch.done) for epoch in told if not epoch.is_restored}
    assert min(n for name, n in fresh if name == fit) == done
    assert fit == "held-out" or not any(name == "held-out" for name, _ in fresh)
    assert not request_.checkpoints.exists()
    assert load_model(request_.out)[1].name == "small"


def test_each_epoch_is_a_step_of_the_curves_of_the_run(table: AttemptTable, request_: TrainingRequest, uri: str) -> None:
    """Those of the interrupted run too: the curves of the run that ended are whole."""
    with pytest.raises(Interrupted):
        train(table, request_, epochs=interrupt_at("all", 3))
    told: list[Epoch] = []
    run_id = train(table, request_, epochs=told.append).run_id
    for fit in ("held-out", "all"):
        logged = sorted(MlflowClient(uri).get_metric_history(run_id, f"{fit}/steps/log_loss"), key=lambda metric: metric.step)
        assert [(metric.step, metric.value) for metric in logged] == [(e.done, e.measures["log_loss"]) for e in told if e.fit == fit]


def test_a_checkpoint_of_other_settings_is_not_used(table: AttemptTable, request_: TrainingRequest) -> None:
    with pytest.raises(Interrupted):
        train(table, request_, epochs=interrupt_at("all", 3))
    other = replace(request_, settings={"learning_rate": 0.5})
    with pytest.raises(InvalidInput, match="of another settings'; leave --resume out"):
        train(table, replace(other, must_resume=True))
    told: list[Epoch] = []
    train(table, other, epochs=told.append)
    assert not any(epoch.is_restored for epoch in told)
    assert len(list(request_.checkpoints.iterdir())) == 2  # those of the interrupted run are left alone


def test_resuming_what_is_not_there_is_refused_before_a_run_begins(table: AttemptTable, request_: TrainingRequest, uri: str) -> None:
    with pytest.raises(InvalidInput, match="Got 'none in "):
        train(table, replace(request_, must_resume=True))
    with pytest.raises(InvalidInput, match="fits in one go and keeps none"):
        train(table, replace(request_, model="baseline", must_resume=True))
    with pytest.raises(InvalidInput, match="name the folder"):
        train(table, replace(request_, checkpoints=None, must_resume=True))
    assert not request_.checkpoints.exists()


def test_seconds_of_a_fit_include_those_before_the_interruption(
    table: AttemptTable, request_: TrainingRequest, small: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small, "pause", 0.1)
    with pytest.raises(Interrupted):
        train(table, request_, epochs=interrupt_at("held-out", 4))
    resumed = train(table, request_)
    assert resumed.evaluation.folds[0].metrics.cost.fit_seconds >= 0.5  # five epochs, three of them before


def test_a_refresh_moves_what_the_attempts_name_keeps_the_rest_and_is_judged_before_and_after(
    table: AttemptTable, request_: TrainingRequest, tmp_path: Path
) -> None:
    train(table, request_)
    before, _ = load_model(request_.out)
    named = {"item 1", "item 2", "item 3"}
    newer = [replace(a, skill_ids=(*a.skill_ids, "new skill")) for _, history in table.histories() for a in history if a.item_id in named]
    again = train(AttemptTable.from_attempts(newer), replace(request_, start=request_.out, out=tmp_path / "newer"))
    assert again.before.folds[0].metrics.n_attempts == again.evaluation.folds[0].metrics.n_attempts > 0
    assert again.before.folds[0].metrics.summary != again.evaluation.folds[0].metrics.summary
    assert set(again.model._means.items.ids) == set(before._means.items.ids)
    metrics = MlflowClient(again.tracking_uri).get_run(again.run_id).data.metrics
    assert metrics["before.log_loss"] == again.before.folds[0].metrics.summary.log_loss
    catalog, known = read_catalog(tmp_path / "newer" / "catalog"), read_catalog(request_.out / "catalog")
    assert catalog.items == known.items
    assert [skill.skill_id for skill in catalog.skills] == [*(skill.skill_id for skill in known.skills), "new skill"]


def test_a_model_that_cannot_be_refreshed_says_so(table: AttemptTable, request_: TrainingRequest, tmp_path: Path) -> None:
    made = train(table, replace(request_, model="bkt", out=tmp_path / "bkt"))
    assert made.before is None
    with pytest.raises(InvalidInput, match="fit it anew: adaptive train FILE --model bkt"):
        train(table, replace(request_, model="bkt", start=tmp_path / "bkt", out=None))


def test_the_small_model_of_these_tests_passes_its_own_protocols(small: type) -> None:
    """Nothing to fit: prior only; and its resumed fit would differ without the momentum in the checkpoint."""
    empty = small().fit(AttemptTable.from_attempts([]))
    assert np.isnan(empty.training_log_loss)
    one = AttemptTable.from_attempts([Attempt("a", "ann", "q", ("s",), correct=1.0)])
    assert small().fit(one).training_log_loss > 0
    assert build_model("small").name == "small"
