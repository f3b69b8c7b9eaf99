from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from adaptive.datasets.repeated_rows import collapse

ROWS = st.lists(st.tuples(st.sampled_from("qr"), st.sampled_from("abc"), st.sampled_from([0.0, 1.0])), max_size=14)


def slowly_collapsed(rows):
    """Row by row, as the rule reads: an attempt goes on while item and outcome are equal and the skill is another one."""
    attempts = []
    for row, (item, skill, outcome) in enumerate(rows):
        if attempts and attempts[-1][1:3] == (item, outcome) and skill not in attempts[-1][3]:
            attempts[-1][3].append(skill)
        else:
            attempts.append((row, item, outcome, [skill]))
    return attempts


@given(ROWS)
def test_collapsing_follows_the_rule_row_by_row(rows):
    frame = pl.DataFrame(
        {
            "learner_id": ["ann"] * len(rows),
            "item_id": [item for item, _, _ in rows],
            "skill_ids": [[skill] for _, skill, _ in rows],
            "correct": [outcome for _, _, outcome in rows],
            "row": list(range(len(rows))),
        },
        schema={"learner_id": pl.String, "item_id": pl.String, "skill_ids": pl.List(pl.String), "correct": pl.Float64, "row": pl.Int64},
    )
    attempts, gone = collapse(frame)
    expected = slowly_collapsed(rows)
    assert attempts.select("row", "item_id", "correct", "skill_ids").rows() == [tuple(attempt) for attempt in expected]
    assert list(gone) == [row for row in range(len(rows)) if row not in {attempt[0] for attempt in expected}]
