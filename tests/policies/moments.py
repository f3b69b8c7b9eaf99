"""Any candidates in any session: what properties of policies and rules are tried on."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from adaptive.policies import (
    Exposure,
    NewItems,
    Place,
    Rule,
    RuledPolicy,
    RuleSettings,
    Session,
    ThresholdPolicy,
    session_rules,
    take,
    zone_probability,
)
from adaptive.protocols import Candidates, Floats, Forecast, Items

S = RuleSettings()
N_SKILLS = 3


@dataclass(frozen=True)
class Moment:
    """Candidates with their session; arrays end with the item axis."""

    candidates: Candidates
    session: Session


def rules(n: int, share: float) -> tuple[Rule, ...]:
    """All rules there are, the first items new and the last ones shown too often."""
    new = NewItems(frozenset({"q0", "q1"}), S.new_share, S.new_width)
    *limits, reference = session_rules(RuleSettings(reference_share=share or 0.5))
    return (*limits, Exposure(((f"q{n - 1}", 0.25),)), new, *((reference,) if share else ()))


@st.composite
def any_moment(draw: st.DrawFn, n_learners: int | None = None) -> Moment:
    n = draw(st.integers(1, 9))
    shape, one = ((n,), ()) if n_learners is None else ((n_learners, n), (n_learners, 1))
    p = arrays(np.float64, shape, elements=st.floats(0.05, 0.95))
    skill = draw(st.lists(st.integers(0, N_SKILLS - 1), min_size=n, max_size=n))
    p_correct, p_mastered, readiness = draw(p), draw(p), draw(p)
    candidates = Candidates(
        Items(tuple(f"q{i}" for i in range(n)), tuple((f"s{k}",) for k in skill)),
        Forecast(p_correct, p_correct * 0.9, p_correct + 0.9 * (1.0 - p_correct) * draw(p)),
        p_mastered,
        readiness,
        zone_probability(p_mastered, readiness),
        np.full(shape, np.nan),
        draw(st.sampled_from(["learn", "review", "mixed", "diagnostic"])),
        allowed=draw(st.none() | arrays(np.bool_, shape).filter(lambda allowed: bool(allowed.any(axis=-1).all()))),
    )
    place = Place(draw(st.none() | st.integers(0, 2)), draw(st.none() | st.floats(0.0, 4.0)))
    of_learner = arrays(np.int64, one, elements=st.integers(0, 8))
    session = Session(
        place,
        n_answered=draw(of_learner),
        n_failures=draw(of_learner),
        items_since=draw(arrays(np.int64, shape, elements=st.integers(1, 40))),
        hours_since=draw(arrays(np.float64, shape, elements=st.floats(0.0, 50.0))),
        run_attempts=draw(arrays(np.int64, shape, elements=st.integers(0, 8))),
        width=draw(p),
    )
    return Moment(candidates, session)


def permuted(moment: Moment, order: list[int]) -> Moment:
    return Moment(take(moment.candidates, np.array(order)), moment.session.take(np.array(order)))


def ruled(moment: Moment, share: float = 0.0) -> RuledPolicy:
    return RuledPolicy(ThresholdPolicy(), rules(len(moment.candidates.items), share)).during(moment.session)


def row_of(moment: Moment, row: int) -> Moment:
    c, s = moment.candidates, moment.session
    forecast = replace(c.forecast, **{name: getattr(c.forecast, name)[row] for name in ("p_correct", "low", "high")})
    columns = {name: getattr(c, name)[row] for name in ("p_mastered", "readiness", "zone_probability", "expected_gain")}
    told = {f.name: getattr(s, f.name)[row] for f in fields(s) if f.name != "place"}
    told |= {name: told[name][0] for name in ("n_answered", "n_failures")}
    return Moment(
        replace(c, forecast=forecast, **columns, allowed=None if c.allowed is None else c.allowed[row]), Session(place=s.place, **told)
    )


def plain(p_correct: Floats) -> Moment:
    """A learner known for long, whom no rule says anything about; every item unmastered and ready."""
    n = len(p_correct)
    many, none, column = np.full(n, 99), np.zeros(n, dtype=np.int64), np.full(n, 0.3)
    items = Items(tuple(f"q{i}" for i in range(n)), (("s",),) * n)
    candidates = Candidates(items, Forecast(p_correct, p_correct - 0.05, p_correct), column, np.ones(n), column, np.full(n, np.nan))
    return Moment(candidates, Session(Place(), np.array(50), np.array(0), many, np.full(n, np.inf), none, np.full(n, 0.2)))
