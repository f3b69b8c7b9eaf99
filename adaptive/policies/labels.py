"""One label an item: what practising it would be for this learner."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np

from adaptive.models.information import information_of_forecast
from adaptive.policies.settings import ZoneSettings
from adaptive.policies.zone import Mask
from adaptive.protocols import Candidates, Ints

__all__ = ["LABELS", "Label", "label_items"]

Label: TypeAlias = Literal["mastered", "unknown", "zone", "out_of_reach"]
LABELS: tuple[Label, ...] = get_args(Label)
"""In the order in which they are tried: an item carries the first that holds."""


def label_items(candidates: Candidates, n_attempts: Ints, in_zone: Mask, settings: ZoneSettings) -> tuple[Label, ...]:
    """One of `LABELS` for each candidate (policy page, "The definition").

    Mastered: every skill of it is. Unknown: its answer tells much of a learner of whom few attempts tell on its skills, which a model
    without draws cannot say. Zone: `in_zone`. Out of reach: the rest. `n_attempts` (n_items,) is that of the most practised skill.

    >>> from adaptive.protocols import Forecast, Items
    >>> half, known = np.full(3, 0.5), np.array([0.99, 0.2, 0.2])
    >>> of_three = Candidates(Items(("a", "b", "c"), ((),) * 3), Forecast(half, half, half), known, half, half, half)
    >>> label_items(of_three, np.zeros(3, dtype=np.int64), np.array([True, True, False]), ZoneSettings())
    ('mastered', 'zone', 'out_of_reach')
    """
    nats = information_of_forecast(candidates.forecast) if candidates.outlook else np.zeros(len(candidates.items))
    unknown = (nats > settings.informative_from) & (n_attempts < settings.enough_attempts)
    first = np.select([candidates.p_mastered >= settings.promoted_at, unknown, in_zone], [0, 1, 2], default=3)
    return tuple(LABELS[place] for place in first.tolist())
