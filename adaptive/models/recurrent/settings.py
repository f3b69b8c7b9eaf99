"""What is chosen of a network before it is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any, Final, Self

from adaptive.errors import unknown_name
from adaptive.models.fitting import SearchRange

__all__ = ["SEARCH_SPACE", "NetworkSettings"]


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """Sizes, regularisation and the schedule of training."""

    n_embedding: int = 48
    n_memory: int = 64
    n_hidden: int = 64
    n_factors: int = 8
    """Numbers by which items answer to residuals on others, for each of `FACTOR_KEPT`."""
    dropout: float = 0.3
    embedding_dropout: float = 0.7
    """Share of `dropout` that embeddings get."""
    learning_rate: float = 3e-3
    weight_decay: float = 1e-4
    slope_penalty: float = 0.01
    """Weight of the mean squared length of items' own slopes: a normal prior on them."""
    n_epochs: int = 12
    patience: int = 3
    """Epochs in a row without a better log loss on held-out learners that are borne; the next one ends training."""
    rows_per_batch: int = 2000
    longest: int = 256
    """Attempts of a training sequence; a longer history becomes several, each from an empty memory."""
    device: str = "auto"
    """`cpu`, `cuda`, or `auto`: a GPU where there is one."""

    def with_values(self, values: Mapping[str, float]) -> Self:
        """With these of SEARCH_SPACE. Raises UnknownName.

        >>> NetworkSettings().with_values({"n_memory": 32.0}).n_memory
        32
        """
        for name in values:
            if name not in SEARCH_SPACE:
                raise unknown_name("setting", name, SEARCH_SPACE)
        whole = {name: int(value) if SEARCH_SPACE[name].integer else float(value) for name, value in values.items()}
        return replace(self, **whole)  # type: ignore[arg-type]  # each value has its field's type

    @classmethod
    def of_json(cls, values: Mapping[str, Any]) -> Self:  # Any: JSON values, each of its field's type
        """What `dataclasses.asdict` gave."""
        return cls(**{field.name: values[field.name] for field in fields(cls)})


SEARCH_SPACE: Final[Mapping[str, SearchRange]] = MappingProxyType(
    {
        "n_embedding": SearchRange(8, 96, log=True, integer=True),
        "n_memory": SearchRange(16, 128, log=True, integer=True),
        "n_hidden": SearchRange(16, 128, log=True, integer=True),
        "n_factors": SearchRange(1, 32, log=True, integer=True),
        "dropout": SearchRange(0.0, 0.6),
        "learning_rate": SearchRange(1e-3, 1e-2, log=True),
        "weight_decay": SearchRange(1e-6, 1e-1, log=True),
        "slope_penalty": SearchRange(1e-3, 0.3, log=True),
        "n_epochs": SearchRange(4, 30, integer=True),
        "rows_per_batch": SearchRange(1000, 12000, log=True, integer=True),
    }
)
"""What a search may try: around values that did well on three public sets."""
