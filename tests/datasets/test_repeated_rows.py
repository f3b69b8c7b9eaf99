from __future__ import annotations

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from adaptive.datasets.order import in_history_order
from adaptive.datasets.repeated_rows import collapse, drop_duplicates

ROWS = st.lists(
    st.tuples(st.sampled_from("xxxy"), st.sampled_from("qqqr"), st.sampled_from("abc"), st.sampled_from([1.0, 1.0, 0.0])), max_size=14
)
PAIR_TWICE = [("x", "q", skill, 1.0) for skill in "abab"]


def slowly_collapsed(rows):
    """Row by row, as the rule reads: an attempt goes on while learner, item and outcome are equal and the skill is another."""
    attempts = []
    for row, (learner, item, skill, outcome) in rows:
        if attempts and attempts[-1][1:4] == (learner, item, outcome) and skill not in attempts[-1][4]:
            attempts[-1][4].append(skill)
        else:
            attempts.append((row, learner, item, outcome, [skill]))
    return attempts


@given(ROWS)
@example(PAIR_TWICE)
def test_collapsing_follows_the_rule_row_by_row(rows):
    frame = pl.DataFrame(
        [(learner, item, [skill], outcome, row) for row, (learner, item, skill, outcome) in enumerate(rows)],
        schema={"learner_id": pl.String, "item_id": pl.String, "skill_ids": pl.List(pl.String), "correct": pl.Float64, "row": pl.Int64},
        orient="row",
    )
    attempts, gone = collapse(in_history_order(frame))
    arrival = list(dict.fromkeys(learner for learner, *_ in rows))
    expected = slowly_collapsed(sorted(enumerate(rows), key=lambda numbered: arrival.index(numbered[1][0])))
    assert attempts.select("row", "learner_id", "item_id", "correct", "skill_ids").rows() == expected
    assert sorted(gone) == sorted(set(range(len(rows))) - {attempt[0] for attempt in expected})


MEETINGS = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob"]),
        st.sampled_from("qr"),
        st.sampled_from([0.0, 1.0]),
        st.sampled_from([1, 2, None]),
        st.sampled_from("ab"),
    ),
    max_size=14,
)


@given(MEETINGS, st.booleans(), st.booleans())
def test_duplicates_are_those_that_a_walk_through_the_rows_finds(meetings, has_ids, has_times):
    rows = pl.DataFrame(
        [(*meeting, ["s"], row) for row, meeting in enumerate(meetings)],
        schema={
            "learner_id": pl.String,
            "item_id": pl.String,
            "correct": pl.Float64,
            "occurred_at": pl.Int64,
            "attempt_id": pl.String,
            "skill_ids": pl.List(pl.String),
            "row": pl.Int64,
        },
        orient="row",
    )
    ordered = in_history_order(rows.drop([name for name, has in (("attempt_id", has_ids), ("occurred_at", has_times)) if not has]))
    seen, dropped, differing = {}, [], []
    for learner, item, outcome, at, attempt_id, _, row in rows.join(ordered.select("row"), on="row", maintain_order="right").rows():
        content = (learner, item, outcome, at if has_times else None)
        keys = [("id", attempt_id)] if has_ids else []
        keys += [("meeting", *content)] if has_times and at is not None else []
        repeated = [key for key in keys if key in seen]
        if repeated:
            dropped.append(row)
            differing += [row] if all(content not in seen[key] for key in repeated) else []
        for key in keys:
            seen.setdefault(key, []).append(content)
    found = drop_duplicates(ordered)
    assert sorted(found.dropped) == sorted(dropped)
    assert sorted(found.differing) == sorted(differing)
    assert set(found.frame["row"]) == set(rows["row"]) - set(dropped)
