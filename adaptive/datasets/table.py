"""Attempts of many learners as columns: the form in which files, folds, models and metrics share them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adaptive.datasets.attempt_rows import attempts_of, frame_of
from adaptive.datasets.content_hash import content_sha256
from adaptive.datasets.encoding import encode
from adaptive.datasets.order import in_history_order
from adaptive.datasets.schema import ATTEMPT_COLUMNS, SCHEMA
from adaptive.domain import Attempt
from adaptive.errors import InvalidInput, Problem, UnknownLearner
from adaptive.protocols import Codes, Ints

__all__ = ["AttemptTable"]

_CHUNK_ROWS = 50_000
"""Rows turned into `Attempt` objects at a time: bounds the memory of `histories` whatever the table's size."""


@dataclass(frozen=True, eq=False)
class AttemptTable:
    """Attempts on polars columns (`schema.SCHEMA`), learners in file order, each in history order.

    History order is (occurred_at, sequence, attempt_id). Build one with `read_attempts`, `from_attempts` or
    `from_columns`, which sort; the constructor trusts its frame.

    >>> table = AttemptTable.from_attempts([Attempt("a1", "ann", "q7", ("fractions",), correct=1.0)])
    >>> len(table), table.learner_ids
    (1, ('ann',))
    >>> [attempt.item_id for learner, history in table.histories() for attempt in history]
    ['q7']
    """

    frame: pl.DataFrame

    @classmethod
    def from_attempts(cls, attempts: Iterable[Attempt]) -> Self:
        """The attempts as a table; learners in order of first appearance, `row` is the place in `attempts`."""
        return cls.from_columns(frame_of(attempts))

    @classmethod
    def from_columns(cls, frame: pl.DataFrame) -> Self:
        """A table of a frame that has the columns of `schema.SCHEMA`, its rows put into history order."""
        different = [
            Problem(name, f"the column must hold {dtype}", str(frame.schema.get(name)), "cast or add it")
            for name, dtype in SCHEMA.items()
            if frame.schema.get(name) != dtype
        ]
        if different:
            raise InvalidInput("table of attempts", different)
        return cls(in_history_order(frame.select(SCHEMA.names())))

    def __len__(self) -> int:
        return self.frame.height

    @cached_property
    def learner_ids(self) -> tuple[str, ...]:
        """Learners in file order."""
        return tuple(self.frame["learner_id"].unique(maintain_order=True))

    @property
    def rows(self) -> Ints:
        """(n,) 0-based data rows of the source, in the order of `histories`."""
        return self.frame["row"].to_numpy()

    @cached_property
    def data_sha256(self) -> str:
        """Hash of the attempts in their order; where they came from (`row`) and `fold` do not enter."""
        return content_sha256(self.frame.select(ATTEMPT_COLUMNS))

    def histories(self) -> Iterator[tuple[str, Sequence[Attempt]]]:
        """Each learner with their attempts in history order; learners in file order."""
        ends = np.cumsum(self.frame["learner_id"].rle().struct.field("len").to_numpy())
        first = 0
        while first < len(ends):
            start = int(ends[first - 1]) if first else 0
            beyond = max(first + 1, int(np.searchsorted(ends, start + _CHUNK_ROWS, side="right")))
            attempts = attempts_of(self.frame[start : int(ends[beyond - 1])])
            lows = [0, *(ends[first : beyond - 1] - start)]
            for low, high in zip(lows, ends[first:beyond] - start, strict=True):
                yield attempts[low].learner_id, attempts[low:high]
            first = beyond

    def codes(self) -> Codes:
        """The whole table as integer codes, rows as in `histories`; items and skills coded in sorted order."""
        return encode(self.frame, self.learner_ids)

    def select(self, rows: NDArray[np.bool_]) -> Self:
        """The rows where the mask, (n,) in the order of `histories`, is true.

        >>> table = AttemptTable.from_attempts(Attempt(f"a{i}", "ann", "q7", ("s",), correct=1.0) for i in range(3))
        >>> len(table.select(np.array([True, False, True])))
        2
        """
        return type(self)(self.frame.filter(pl.Series(rows, dtype=pl.Boolean)))

    def select_learners(self, learner_ids: Iterable[str]) -> Self:
        """The attempts of these learners, learners in file order. Raises UnknownLearner for an id without attempts."""
        wanted = set(learner_ids)
        unknown = sorted(wanted.difference(self.learner_ids))
        if unknown:
            raise UnknownLearner(f"Learners must have attempts in the table. Got {', '.join(unknown[:5])}; leave {len(unknown)} out.")
        return self.select(self.frame["learner_id"].is_in(sorted(wanted)).to_numpy())
