"""The six families of learners that the laboratory has, one class in one file each."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from adaptive.evaluation.laboratory.families.bkt import BktFamily
from adaptive.evaluation.laboratory.families.conjunctive import ConjunctiveFamily
from adaptive.evaluation.laboratory.families.deep import DeepFamily
from adaptive.evaluation.laboratory.families.growth import GrowthFamily
from adaptive.evaluation.laboratory.families.slopes import SlopesFamily
from adaptive.evaluation.laboratory.families.windows import WindowsFamily
from adaptive.evaluation.laboratory.family import GainFamily

__all__ = ["FAMILIES", "BktFamily", "ConjunctiveFamily", "DeepFamily", "GrowthFamily", "SlopesFamily", "WindowsFamily"]

FAMILIES: Final[Mapping[str, Callable[..., GainFamily]]] = MappingProxyType(
    {family.name: family for family in (BktFamily, GrowthFamily, WindowsFamily, SlopesFamily, DeepFamily, ConjunctiveFamily)}
)
"""By name; each is called with a generator, and `n_skills` where a number of skills is wanted."""
