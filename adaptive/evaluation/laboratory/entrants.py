"""Who takes part in the matrix: by name, how each is made, and which sources it rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any, Final, Literal

from adaptive.datasets import AttemptTable
from adaptive.errors import InvalidInput, Problem, unknown_name
from adaptive.evaluation.laboratory.at_once import at_once
from adaptive.evaluation.laboratory.ceiling import CeilingPlayer
from adaptive.evaluation.laboratory.chance import generator
from adaptive.evaluation.laboratory.oracles import GainOracle, MasteryOracle
from adaptive.evaluation.laboratory.peers import CatPlayer, CurriculumPlayer, EloPlayer, FsrsPlayer, MasteryLearningPlayer, ZpdesPlayer
from adaptive.evaluation.laboratory.peers.elo import elo_difficulties
from adaptive.evaluation.laboratory.players import ModelPlayer, Player, RandomPlayer
from adaptive.evaluation.laboratory.playing import Classroom
from adaptive.evaluation.laboratory.schooling import schooling
from adaptive.models import build_model
from adaptive.models.irt import Irt
from adaptive.policies import ThresholdPolicy
from adaptive.protocols import LearnerModel, Policy

__all__ = ["DEFAULT_POLICY", "ENTRANTS", "ORACLES", "PEERS", "Entrant", "Schooled", "entrants_of"]

Role = Literal["policy", "peer", "oracle", "random", "ceiling"]


@dataclass(frozen=True, eq=False)
class Schooled:
    """A classroom with what may be learned from those who were at school before it: their attempts, and models fitted on them."""

    classroom: Classroom
    n_school: int
    _models: dict[str, LearnerModel[Any]] = field(default_factory=dict)  # Any: each model has its own state

    @cached_property
    def attempts(self) -> AttemptTable:
        """The attempts of n_school other learners of the same world."""
        room = self.classroom
        return schooling(room.family, room.world, self.n_school, generator(room.seed, "school"))

    def model(self, name: str) -> LearnerModel[Any]:  # Any: each model has its own state
        """The model of that name fitted on them, once."""
        if name not in self._models:
            self._models[name] = build_model(name, self.classroom.world.catalog).fit(self.attempts, seed=self.classroom.seed)
        return self._models[name]


@dataclass(frozen=True, slots=True)
class Entrant:
    """A row of the matrix. Sources of `rests_on`, beside the laboratory's own, say how it plays; `needs` is a package of an extra."""

    name: str
    role: Role
    build: Callable[[Schooled], Player]
    rests_on: tuple[str, ...] = ()
    needs: str = ""

    @property
    def is_installed(self) -> bool:
        """Whether the package is there that it `needs`, of an extra."""
        return not self.needs or find_spec(self.needs) is not None


def _served(model: str, policy: Policy) -> Callable[[Schooled], Player]:
    """What serves: a fitted model and a policy."""

    def build(schooled: Schooled) -> Player:
        room = schooled.classroom
        learners = at_once(schooled.model(model), room.world, len(room))
        return ModelPlayer(learners, policy, room.world, len(room))

    return build


def _fixed_curriculum(of: Schooled) -> Player:
    return CurriculumPlayer(of.classroom.world, len(of.classroom))


def _mastery_learning(of: Schooled) -> Player:
    world, n = of.classroom.world, len(of.classroom)
    return MasteryLearningPlayer(at_once(of.model("bkt"), world, n), world, n)


def _zpdes(of: Schooled) -> Player:
    return ZpdesPlayer(of.classroom.world, len(of.classroom))


def _elo(of: Schooled) -> Player:
    return EloPlayer(of.classroom.world, len(of.classroom), elo_difficulties(of.attempts, of.classroom.world))


def _cat(of: Schooled) -> Player:
    fitted = Irt(of.classroom.world.catalog).fit(of.attempts, seed=of.classroom.seed)
    return CatPlayer(of.classroom.world, len(of.classroom), fitted.calibration())


def _fsrs(of: Schooled) -> Player:
    return FsrsPlayer(of.classroom.world, len(of.classroom))


def _ceiling(of: Schooled) -> Player:
    return CeilingPlayer(of.classroom.family, len(of.classroom), of.classroom.seed)


_SERVING: Final = ("adaptive.models", "adaptive.policies")
_PEERS: Final = "adaptive.evaluation.laboratory.peers"

_ALL: Final = (
    Entrant("random", "random", lambda of: RandomPlayer(of.classroom.world, len(of.classroom))),
    Entrant("oracle_gain", "oracle", lambda of: GainOracle(of.classroom.family)),
    Entrant("oracle_mastery", "oracle", lambda of: MasteryOracle(of.classroom.family, of.classroom.world, len(of.classroom))),
    Entrant("ceiling", "ceiling", _ceiling),
    Entrant("threshold", "policy", _served("state_space_irt", ThresholdPolicy()), _SERVING),
    Entrant("curriculum", "peer", _fixed_curriculum, (f"{_PEERS}.curriculum",)),
    Entrant("bkt_threshold", "peer", _mastery_learning, (f"{_PEERS}.mastery_learning", "adaptive.models.bkt")),
    Entrant("zpdes", "peer", _zpdes, (f"{_PEERS}.zpdes", "adaptive.policies")),
    Entrant("elo", "peer", _elo, (f"{_PEERS}.elo",)),
    Entrant("cat", "peer", _cat, (f"{_PEERS}.cat", "adaptive.models.irt")),
    Entrant("fsrs", "peer", _fsrs, (f"{_PEERS}.fsrs_review",), needs="fsrs"),
)

ENTRANTS: Final[Mapping[str, Entrant]] = MappingProxyType({entrant.name: entrant for entrant in _ALL})
"""Every row that there may be."""

DEFAULT_POLICY: Final = "threshold"
"""The row that the bars are about."""

PEERS: Final = tuple(entrant.name for entrant in _ALL if entrant.role == "peer")
ORACLES: Final = tuple(entrant.name for entrant in _ALL if entrant.role == "oracle")


def entrants_of(names: tuple[str, ...]) -> tuple[Entrant, ...]:
    """These policies with what their gaps are measured against, random and both oracles; without a name all that are installed.

    Raises UnknownName, and InvalidInput for one that needs a package which is not there.

    >>> [entrant.name for entrant in entrants_of(("threshold",))]
    ['random', 'oracle_gain', 'oracle_mastery', 'threshold']
    """
    for name in names:
        if name not in ENTRANTS:
            raise unknown_name("policy", name, tuple(ENTRANTS))
        if not ENTRANTS[name].is_installed:
            way_out = f"pip install {ENTRANTS[name].needs}, or the extra `laboratory`"
            raise InvalidInput("policies", [Problem(name, f"it needs the package {ENTRANTS[name].needs}", "not installed", way_out)])
    wanted = names or tuple(entrant.name for entrant in _ALL if entrant.is_installed)
    return tuple(entrant for entrant in _ALL if entrant.name in wanted or entrant.role in ("random", "oracle"))
