"""Files of attempts small enough to read in the test."""

from __future__ import annotations

import pytest

from adaptive.datasets import ColumnMap, parse_map, read_attempts

HEADER = "learner_id,item_id,skill_ids,correct"


@pytest.fixture
def read(tmp_path):
    def read_lines(*lines, columns=HEADER, mapped="", **settings):
        path = tmp_path / "attempts.csv"
        path.write_text("\n".join([columns, *lines]) + "\n", encoding="utf-8")
        return read_attempts(path, parse_map(mapped, ColumnMap(**settings)))

    return read_lines
