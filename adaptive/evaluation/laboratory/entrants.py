"""Who takes part in the matrix: by name, how each is made, and which sources it rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.util import find_spec
from inspect import getsource
from types import MappingProxyType
from typing import Final, Literal

from adaptive.errors import InvalidInput, Problem, unknown_name
from adaptive.evaluation.laboratory.at_once import at_once
from adaptive.evaluation.laboratory.ceiling import N_PARTICLES, CeilingPlayer
from adaptive.evaluation.laboratory.oracles import GainOracle, MasteryOracle
from adaptive.evaluation.laboratory.peers import (
    CatPlayer,
    CurriculumPlayer,
    EloPlayer,
    FsrsPlayer,
    MasteryLearningPlayer,
    ZpdesPlayer,
    ZpdesSettings,
)
from adaptive.evaluation.laboratory.peers.curriculum import IN_A_ROW
from adaptive.evaluation.laboratory.peers.elo import elo_difficulties
from adaptive.evaluation.laboratory.peers.fsrs_review import RETENTION
from adaptive.evaluation.laboratory.players import Player, RandomPlayer
from adaptive.evaluation.laboratory.serving import Schooled, Served, Settings
from adaptive.models.irt import Irt
from adaptive.policies import (
    GAIN_SETTINGS,
    DiagnosticPolicy,
    ExpectedGainPolicy,
    ReviewPolicy,
    RuledPolicy,
    ThompsonPolicy,
    ThresholdPolicy,
    ZoneSettings,
)
from adaptive.protocols import Policy

__all__ = ["DEFAULT_POLICY", "ENTRANTS", "ORACLES", "TUNED", "Entrant", "Schooled", "entrant_of", "entrants_of"]

Role = Literal["policy", "peer", "oracle", "random", "ceiling"]


@dataclass(frozen=True, slots=True)
class Entrant:
    """A row of the matrix. Sources of `rests_on`, packages or modules, say how it plays; `needs` is a package of an extra.

    `settings` are what may be tuned, by name, with the values that it plays by.
    """

    name: str
    role: Role
    make: Callable[[Schooled, Settings], Player]
    rests_on: tuple[str, ...] = ()
    needs: str = ""
    settings: Settings = field(default_factory=dict)

    @property
    def is_installed(self) -> bool:
        """Whether the package is there that it `needs`."""
        return not self.needs or find_spec(self.needs) is not None

    @property
    def trusts_prerequisites(self) -> bool:
        """Whether what the catalogue says builds on what may matter to it: not to who sees the truth, the family, or nothing."""
        return self.role in ("policy", "peer")

    @property
    def source(self) -> str:
        """How it is made, as text: what a finished cell rests on beside `settings` and `rests_on`."""
        return f"{self.make.models}: {getsource(self.make.policy)}" if isinstance(self.make, Served) else getsource(self.make)

    def build(self, schooled: Schooled) -> Player:
        """The player of that classroom."""
        return self.make(schooled, self.settings)

    def tuned(self, text: str) -> Entrant:
        """The same by other settings, "name=number,...", which join its name. Raises UnknownName, and InvalidInput for no number.

        >>> ENTRANTS["elo"].tuned("target=.85").settings["target"]
        0.85
        """
        settings = dict(self.settings)
        for assignment in text.split(","):
            name, _, value = assignment.partition("=")
            if name not in settings:
                raise unknown_name(f"setting of {self.name}", name, tuple(settings))
            try:
                settings[name] = type(settings[name])(value)
            except ValueError as error:
                rule = f"a setting is a number, {settings[name]} as it stands"
                raise InvalidInput(f"policy {self.name}", [Problem(name, rule, value, "write one")]) from error
        return replace(self, name=f"{self.name}:{text}", settings=settings)


def _threshold(settings: Settings) -> Policy:
    return RuledPolicy(_bare_threshold(settings))


def _bare_threshold(settings: Settings) -> Policy:
    return ThresholdPolicy(settings=ZoneSettings(**settings))  # type: ignore[arg-type]  # numbers of the fields' own types: see `tuned`


def _thompson(settings: Settings) -> Policy:
    return RuledPolicy(ThompsonPolicy(ZoneSettings(**settings)))  # type: ignore[arg-type]  # as above


def _review(settings: Settings) -> Policy:
    return RuledPolicy(ReviewPolicy(ZoneSettings(**settings)))  # type: ignore[arg-type]  # as above


def _diagnostic(settings: Settings) -> Policy:
    return RuledPolicy(DiagnosticPolicy(ZoneSettings(**settings)))  # type: ignore[arg-type]  # as above


def _expected_gain(settings: Settings) -> Policy:
    return RuledPolicy(ExpectedGainPolicy(ZoneSettings(**settings)))  # type: ignore[arg-type]  # as above


def _curriculum(of: Schooled, settings: Settings) -> Player:
    return CurriculumPlayer(of.classroom.world, len(of.classroom), in_a_row=int(settings["in_a_row"]))


def _mastery_learning(of: Schooled, settings: Settings) -> Player:
    world, n = of.classroom.world, len(of.classroom)
    return MasteryLearningPlayer(at_once(of.model("bkt"), world, n), world, n, threshold=settings["threshold"])


def _zpdes(of: Schooled, settings: Settings) -> Player:
    return ZpdesPlayer(of.classroom.world, len(of.classroom), ZpdesSettings(**settings))  # type: ignore[arg-type]  # as above


def _elo(of: Schooled, settings: Settings) -> Player:
    world = of.classroom.world
    return EloPlayer(world, len(of.classroom), elo_difficulties(of.attempts, world), target=settings["target"])


def _cat(of: Schooled, _: Settings) -> Player:
    fitted = Irt(of.classroom.world.catalog).fit(of.attempts, seed=of.classroom.seed)
    return CatPlayer(of.classroom.world, len(of.classroom), fitted.calibration())


def _fsrs(of: Schooled, settings: Settings) -> Player:
    return FsrsPlayer(of.classroom.world, len(of.classroom), retention=settings["retention"])


def _random(of: Schooled, _: Settings) -> Player:
    return RandomPlayer(of.classroom.world, len(of.classroom))


def _gain_oracle(of: Schooled, _: Settings) -> Player:
    return GainOracle(of.classroom.family)


def _mastery_oracle(of: Schooled, _: Settings) -> Player:
    return MasteryOracle(of.classroom.family, of.classroom.own_world, len(of.classroom))


def _ceiling(of: Schooled, settings: Settings) -> Player:
    room = of.classroom
    return CeilingPlayer(room.family, len(room), room.seed, n_particles=int(settings["n_particles"]))


N_DRAWS: Final = 48
"""Draws of a learner in the laboratory, where time is short: the standard error of Z is then at most .07."""

_LABORATORY: Final = "adaptive.evaluation.laboratory"
_PEERS: Final = f"{_LABORATORY}.peers"
_AT_ONCE: Final = tuple(
    f"{_LABORATORY}.{name}" for name in ("at_once", "bkt_at_once", "hierarchical_at_once", "state_space_at_once", "state_space_loops")
)
_SERVING: Final = (
    *_AT_ONCE,
    f"{_LABORATORY}.model_player",
    f"{_LABORATORY}.past",
    f"{_LABORATORY}.serving",
    "adaptive.evaluation.choosing",
    "adaptive.models",
    "adaptive.policies",
)

_CORE: Final = ("state_space_irt",)
_CHOSEN_AMONG: Final = (*_CORE, "bkt_hierarchical")
"""Of what the default row plays by one: skills that grow, and skills that are known or not."""

_BKT: Final = (f"{_PEERS}.mastery_learning", f"{_PEERS}.turns", f"{_LABORATORY}.bkt_at_once", "adaptive.models.bkt")


def _by_draws() -> tuple[Entrant, ...]:
    """What chooses by joint draws: the default by the model that forecasts best, the others by the core."""
    settings = asdict(replace(GAIN_SETTINGS, n_draws=N_DRAWS))
    served = {
        "expected_gain": Served(_CHOSEN_AMONG, _expected_gain, by_draws=True),
        "thompson": Served(_CORE, _thompson, by_draws=True),
        "review": Served(_CORE, _review, by_draws=True),
        "diagnostic": Served(_CORE, _diagnostic, by_draws=True),
    }
    return tuple(Entrant(name, "policy", made, _SERVING, settings=settings) for name, made in served.items())


TUNED: Final[Mapping[str, Settings]] = MappingProxyType(
    {
        "bkt_threshold": {"threshold": 0.85},
        "elo": {"target": 0.5},
        "zpdes": {"rate": 0.1, "exploration": 1.0},
    }
)
"""Where peers do better on development seeds by other settings than the published ones, which are the defaults of their classes:
found by experiments/laboratory/tune_peers.py, whose README has the tables."""

_ALL: Final = (
    Entrant("random", "random", _random),
    Entrant("oracle_gain", "oracle", _gain_oracle),
    Entrant("oracle_mastery", "oracle", _mastery_oracle),
    Entrant("ceiling", "ceiling", _ceiling, (f"{_LABORATORY}.ceiling",), settings={"n_particles": N_PARTICLES}),
    *_by_draws(),
    Entrant("threshold", "policy", Served(_CORE, _threshold), _SERVING, settings=asdict(ZoneSettings())),
    Entrant("curriculum", "peer", _curriculum, (f"{_PEERS}.curriculum", f"{_PEERS}.turns"), settings={"in_a_row": IN_A_ROW}),
    Entrant("bkt_threshold", "peer", _mastery_learning, _BKT, settings=TUNED["bkt_threshold"]),
    Entrant("zpdes", "peer", _zpdes, (f"{_PEERS}.zpdes", f"{_PEERS}.turns"), settings={**asdict(ZpdesSettings()), **TUNED["zpdes"]}),
    Entrant("elo", "peer", _elo, (f"{_PEERS}.elo",), settings=TUNED["elo"]),
    Entrant("cat", "peer", _cat, (f"{_PEERS}.cat", "adaptive.models.irt")),
    Entrant("fsrs", "peer", _fsrs, (f"{_PEERS}.fsrs_review", f"{_PEERS}.turns"), needs="fsrs", settings={"retention": RETENTION}),
)

ENTRANTS: Final[Mapping[str, Entrant]] = MappingProxyType({entrant.name: entrant for entrant in _ALL})
"""Every row that there may be."""

DEFAULT_POLICY: Final = "expected_gain"
"""The row that the bars are about."""

ORACLES: Final = tuple(entrant.name for entrant in _ALL if entrant.role == "oracle")


def entrant_of(spec: str) -> Entrant:
    """The entrant of that name, or of "name:setting=value,..." by other settings. Raises UnknownName, and InvalidInput as `tuned` does."""
    name, colon, settings = spec.partition(":")
    if name not in ENTRANTS:
        raise unknown_name("policy", name, tuple(ENTRANTS))
    return ENTRANTS[name].tuned(settings) if colon else ENTRANTS[name]


def entrants_of(specs: tuple[str, ...]) -> tuple[Entrant, ...]:
    """These policies with what their gaps are measured against, random and both oracles; without a name all that are installed.

    Raises as `entrant_of` does, and InvalidInput for one that needs a package which is not there.

    >>> [entrant.name for entrant in entrants_of(("threshold", "elo:target=0.5"))]
    ['random', 'oracle_gain', 'oracle_mastery', 'threshold', 'elo:target=0.5']
    """
    wanted = [entrant_of(spec) for spec in specs] or [entrant for entrant in _ALL if entrant.is_installed]
    missing = [entrant for entrant in wanted if not entrant.is_installed]
    if missing:
        problems = [Problem(e.name, f"it needs the package {e.needs}", "not installed", f"pip install {e.needs}") for e in missing]
        raise InvalidInput("policies", problems)
    measures = [entrant for entrant in _ALL if entrant.role in ("random", "oracle")]
    return tuple({entrant.name: entrant for entrant in (*measures, *wanted)}.values())
