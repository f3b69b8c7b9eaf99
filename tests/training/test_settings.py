"""Settings by name: read, refused with what is known, kept as files."""

from pathlib import Path

import pytest

from adaptive.errors import InvalidInput, UnknownName
from adaptive.models import build_model
from adaptive.training.settings import parse_settings, read_settings, with_settings, write_settings


def test_every_bad_text_is_named() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_settings(["rate", "=3", "rate=fast", "rate=nan", "n=3"])
    assert [problem.value for problem in refused.value.problems] == ["rate", "=3", "rate=fast", "rate=nan"]


def test_settings_reach_the_model_and_the_rest_stays(small: type) -> None:
    model = with_settings(small(), {"n_epochs": 3.0})
    assert model.settings == {"learning_rate": 0.1, "n_epochs": 3.0}
    assert with_settings(model, {}) is model


def test_an_unknown_setting_lists_the_known_with_their_ranges(small: type) -> None:
    with pytest.raises(
        UnknownName, match=r"Unknown setting of small 'depth'.*learning_rate \(a number, searched from 0.001 to 3\), n_epochs"
    ):
        with_settings(small(), {"depth": 2.0})


def test_a_fraction_is_refused_where_a_setting_counts(small: type) -> None:
    with pytest.raises(InvalidInput, match=r"n_epochs: the setting is a whole number. Got '2.5'"):
        with_settings(small(), {"n_epochs": 2.5})


def test_a_model_without_settings_says_so() -> None:
    with pytest.raises(InvalidInput, match="Got 'baseline, which has none'"):
        with_settings(build_model("baseline"), {"depth": 2.0})


def test_a_file_of_settings_comes_back_and_is_held_to_its_model(tmp_path: Path) -> None:
    path = tmp_path / "best.json"
    write_settings(path, "small", {"learning_rate": 0.1 + 0.2}, log_loss=0.5)
    assert read_settings(path, "small") == {"learning_rate": 0.1 + 0.2}
    with pytest.raises(InvalidInput, match="use --model small"):
        read_settings(path, "logistic")


@pytest.mark.parametrize("content", ["", "[]", '{"model": "small"}', '{"model": "small", "settings": {"rate": "fast"}}'])
def test_a_file_that_holds_no_settings_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "best.json"
    path.write_text(content)
    with pytest.raises(InvalidInput, match="name a file that adaptive tune wrote"):
        read_settings(path, "small")
