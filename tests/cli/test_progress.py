"""What a long job says, to a terminal and to a file."""

from io import StringIO

from adaptive.cli.progress import shown_progress


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
