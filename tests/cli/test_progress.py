"""What a long job says, to a terminal and to a file."""

from io import StringIO

from adaptive.cli.progress import shown_progress
from adaptive.training.epochs import Epoch


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def tell(stream: StringIO) -> str:
    with shown_progress(stream) as progress:
        progress("fitting", 0, 1)
        progress("fitting", 1, 1)
        for done in range(4):
            progress("forecasting", done, 3)
    return stream.getvalue()


def test_a_file_gets_a_line_as_each_stage_begins_and_ends() -> None:
    lines = tell(StringIO()).splitlines()
    assert [line.rpartition(" ")[0] if line.endswith(" s") else line for line in lines] == [
        "fitting ...",
        "fitting: 0.0",
        "forecasting ...",
        "forecasting: 0.0",
    ]


def test_a_terminal_gets_a_bar_a_stage() -> None:
    written = tell(Terminal())
    assert "3/3" in written
    assert "1/1" in written


def test_a_stage_that_looks_like_markup_is_shown_as_it_is() -> None:
    stream = Terminal()
    with shown_progress(stream) as progress:
        progress("fold [/x]: fitting", 0, 1)
        progress("fold [/x]: fitting", 1, 1)
    assert "fold [/x]: fitting" in stream.getvalue()


def test_a_stage_without_steps_begins_and_ends() -> None:
    stream = StringIO()
    with shown_progress(stream) as progress:
        progress("forecasting 0 attempts", 0, 0)
    assert stream.getvalue().splitlines() == ["forecasting 0 attempts ...", "forecasting 0 attempts: 0.0 s"]


EPOCHS = [
    Epoch("all", "network", 1, 20, {"log_loss": 0.6, "auc": 0.7, "seconds": 3.0}, is_restored=True),
    Epoch("all", "network", 2, 20, {"log_loss": 0.55, "auc": 0.72, "seconds": 4.0}),
    Epoch("all", "network", 3, 20, {"log_loss": 0.54, "seconds": 6.0}),
]


def test_an_epoch_is_a_line_with_its_measures_and_the_time_left() -> None:
    """17 epochs at the mean pace of this session, 5 s; those of a checkpoint tell no pace."""
    stream = StringIO()
    with shown_progress(stream) as progress:
        for epoch in EPOCHS:
            progress.epoch(epoch)
    assert stream.getvalue().splitlines() == [
        "  network, epoch 1 of at most 20: log loss 0.6000, AUC 0.7000, from the checkpoint",
        "  network, epoch 2 of at most 20: log loss 0.5500, AUC 0.7200, 4.0 s, at most 1 min 12 s left",
        "  network, epoch 3 of at most 20: log loss 0.5400, 6.0 s, at most 1 min 25 s left",
    ]


def test_epochs_move_a_bar_on_a_terminal() -> None:
    stream = Terminal()
    with shown_progress(stream) as progress:
        for epoch in EPOCHS:
            progress.epoch(epoch)
    assert "3/20" in stream.getvalue()
    assert "log loss 0.5400" in " ".join(stream.getvalue().split())
