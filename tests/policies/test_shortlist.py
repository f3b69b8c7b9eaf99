"""When the items of the best kinds will do, on three kinds of items made by hand."""

from __future__ import annotations

import numpy as np

from adaptive.policies import ExpectedGainPolicy, Shortlist, with_draws
from adaptive.protocols import Candidates, Forecast, Ints, Items, Outlook

POLICY = ExpectedGainPolicy()
FAR = POLICY.settings.low / 2.0  # P(correct) of what is not within reach
ALL = np.ones(3, dtype=np.bool_)


def seen(p_correct: list[float], z: list[float], gain: list[float]) -> Candidates:
    n, p = len(p_correct), np.array(p_correct)
    items = Items(tuple(f"q{i}" for i in range(n)), tuple((f"s{i}",) for i in range(n)))
    outlook = Outlook(np.full(n, 0.3), np.zeros(n, dtype=np.bool_))
    return Candidates(items, Forecast(p, p - 0.01, p + 0.01), np.full(n, 0.2), np.ones(n), np.array(z), np.array(gain), "learn", outlook)


def shortlist(z: list[float], gain: list[float]) -> Shortlist:
    made = Shortlist.of(POLICY, seen([0.7, 0.7, 0.7], z, gain), ALL)
    assert made is not None
    return made


def rounds(made: Shortlist, n_items: Ints | None = None) -> list[tuple[list[int], float]]:
    return [(kinds.tolist(), most) for kinds, most in made.widening(np.ones(3, dtype=np.int64) if n_items is None else n_items, 1)]


def test_kinds_that_no_zone_holds_are_left_out_and_the_best_come_first() -> None:
    made = shortlist([0.9, 0.6, 0.4], [1.0, 2.0, 3.0])
    assert (made.kinds.tolist(), made.relaxed) == ([1, 0], ())
    assert [kinds for kinds, _ in rounds(made)] == [[1], [1, 0]]


def test_a_kind_whose_item_is_near_its_best_settles_the_choice() -> None:
    made = shortlist([0.9, 0.6, 0.4], [1.0, 2.0, 3.0])
    ((_, most), _) = rounds(made)
    assert made.settles(seen([0.71], [0.6], [2.0]), None, most)


def test_one_whose_item_is_far_from_it_does_not_as_long_as_a_better_one_may_be_left() -> None:
    """At .5 it scores log 1.2 - (.2 / .15)^2 / 2 = -.71, and an item of the other kind may score log .9 = -.11."""
    made = shortlist([0.9, 0.6, 0.4], [1.0, 2.0, 3.0])
    ((_, most), _) = rounds(made)
    far = seen([0.5], [0.6], [2.0])
    assert not made.settles(far, None, most)
    assert made.settles(far, None, -np.inf)


def test_a_zone_of_half_the_highest_z_needs_an_item_of_the_likeliest_kind() -> None:
    """The likeliest kind has none within reach, so that kinds of half the next Z are in the zone, and the third is the best of them."""
    made = shortlist([0.4, 0.25, 0.15], [1.0, 1.0, 9.0])
    assert (sorted(made.kinds.tolist()), made.relaxed) == ([0, 1], ("zone probability",))
    whole = seen([FAR, 0.7, 0.7], [0.4, 0.25, 0.15], [1.0, 1.0, 9.0])
    assert POLICY.zone(whole).members.tolist() == [False, True, True]
    assert int(np.argmax(np.where(POLICY.zone(whole).members, POLICY.score(whole), -np.inf))) == 2
    assert not made.settles(seen([FAR, 0.7], [0.4, 0.25], [1.0, 1.0]), None, -np.inf)
    assert made.settles(seen([0.7, 0.7], [0.4, 0.25], [1.0, 1.0]), None, -np.inf)


def test_no_item_scores_more_than_its_kind_whatever_a_chance_takes_from_a_gain() -> None:
    p = np.linspace(0.01, 0.99, 99)
    z, gain, lesson = np.full(99, 0.8), np.full(99, 0.02), (0.6, 1.9, -2.26)  # 1 at best, at .42
    kind = POLICY.score(seen([POLICY.settings.target], [0.8], [0.02]))
    items = with_draws(seen([*p], [*z], [*gain]), z, gain, np.zeros(99, dtype=np.bool_), lesson=lesson, settings=POLICY.settings)
    assert (POLICY.score(items) <= kind + 1e-12).all()  # rounding of a logarithm taken off and added
    assert POLICY.score(items).max() > kind - 1e-3


def test_easier_items_will_do_once_all_likely_kinds_are_looked_through() -> None:
    made = shortlist([0.9, 0.6, 0.4], [1.0, 2.0, 3.0])
    easy = seen([0.95, 0.93], [0.9, 0.6], [1.0, 2.0])
    assert POLICY.zone(easy).relaxed == ("upper bound",)
    assert made.settles(easy, None, -np.inf)
    assert not made.settles(easy, None, -5.0)


def test_where_the_zone_is_relaxed_further_only_all_items_will_do() -> None:
    assert Shortlist.of(POLICY, seen([0.7, 0.7, 0.7], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]), ALL) is None
