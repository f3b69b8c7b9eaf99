from __future__ import annotations

import numpy as np
import pytest

from adaptive.datasets import learner_folds
from adaptive.errors import UnknownName
from adaptive.evaluation.choosing import chosen
from adaptive.models import build_model
from adaptive.models.checks.data import tiny_attempts
from adaptive.models.checks.subject import losses, table_of


def test_the_least_log_loss_of_learners_held_out_wins() -> None:
    table = table_of(tiny_attempts(np.random.default_rng(1)))
    choice = chosen(("baseline", "bkt", "logistic"), table, None, seed=3)
    fold = learner_folds(table, 5, 3)[0]
    histories = [history for _, history in fold.test.histories()]
    expected = {name: float(np.mean(losses(build_model(name).fit(fold.train, seed=3), histories))) for name in choice.log_loss}
    assert choice.log_loss == pytest.approx(expected, abs=1e-12)
    assert choice.name == min(expected, key=expected.__getitem__)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UnknownName):
        chosen(("best",), table_of(tiny_attempts(np.random.default_rng(1))), None)
