"""A family by its name, or from a file of one's own; and whether it keeps what the laboratory relies on."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Protocol

import numpy as np

from adaptive.catalog.graph import cycles
from adaptive.errors import InvalidInput, Problem, unknown_name
from adaptive.evaluation.laboratory.families import FAMILIES
from adaptive.evaluation.laboratory.family import Family, State
from adaptive.evaluation.laboratory.oracles import p_answered

__all__ = ["FamilyClass", "check_family", "family_of"]

METHODS: Final = ("learners", "p_correct", "success", "practise", "rest")
_N_TRIED: Final = 6
"""Learners with whom a family is tried out."""


class FamilyClass(Protocol):
    """A class whose objects are worlds of that family."""

    @property
    def name(self) -> str:
        """The family's name."""

    def __call__(self, rng: np.random.Generator) -> Family:
        """One world."""


def family_of(spec: str) -> FamilyClass:
    """The family of that name, or the class of `path/to/file.py:ClassName`, checked for its methods alone.

    Raises UnknownName for a name that is none, and InvalidInput where the file or the class is missing, the file does not run,
    or the class lacks a method.

    >>> family_of("growth").name
    'growth'
    """
    path, colon, class_name = spec.rpartition(":")
    if not colon:
        if spec not in FAMILIES:
            raise unknown_name("family", spec, FAMILIES, way_out="use one of these, or path/to/file.py:ClassName")
        return _as_family_class(FAMILIES[spec])
    module = _module(Path(path), spec)
    found = getattr(module, class_name, None)
    if not inspect.isclass(found):
        classes = [name for name, value in vars(module).items() if inspect.isclass(value) and value.__module__ == module.__name__]
        raise _invalid(
            spec, class_name, f"{path} has a class of that name", repr(found), f"name one of: {', '.join(classes) or 'none there'}"
        )
    problems = list(_missing(found))
    if problems:
        raise InvalidInput(f"family {spec}", problems)
    return _as_family_class(found)


def check_family(family: FamilyClass, seed: int = 0) -> Family:
    """A small run of everything that the laboratory asks of a family; the world that was drawn for it.

    Raises InvalidInput with all that is wrong: methods, an item without skills, skills that are none, a cycle in the prerequisites,
    shapes, values that are NaN or outside [0, 1], a state that is changed, learners that depend on who stands beside them.

    >>> check_family(family_of("bkt")).name
    'bkt'
    """
    subject = f"family {getattr(family, 'name', None) or getattr(family, '__name__', repr(family))}"
    _raise_any(subject, _missing(family))
    rng = np.random.default_rng(seed)
    world: Family = _tried(subject, "a world is drawn by ClassName(rng)", partial(family, rng))
    _raise_any(subject, _content(world))
    state = _tried(subject, "learners(n, rng) gives named arrays", partial(world.learners, _N_TRIED, rng))
    _raise_any(subject, _wrong_state("learners", state))
    kept = {name: np.array(array, copy=True) for name, array in state.items()}
    _raise_any(subject, _values(subject, world, state, "before practice"))
    after = _practised(subject, world, state, rng)
    _raise_any(subject, _values(subject, world, after, "after practice and rest"))
    _raise_any(subject, _changed(kept, state))
    _raise_any(subject, _rows(subject, world, after))
    return world


def _as_family_class(found: Any) -> FamilyClass:  # Any: a class that was looked at, or is to be
    loaded: FamilyClass = found
    return loaded


def _module(path: Path, spec: str) -> ModuleType:
    if path.suffix != ".py" or not path.is_file():
        raise _invalid(
            spec, str(path), "a family of one's own is in a Python file that is there", str(path), "check the path; write file.py:ClassName"
        )
    name = f"adaptive_family_{sha256(str(path.resolve()).encode()).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    found = spec_from_file_location(name, path)
    assert found is not None  # noqa: S101 - a file that ends in .py has a loader
    assert found.loader is not None  # noqa: S101
    module = module_from_spec(found)
    sys.modules[name] = module  # dataclasses look their module up while the file runs
    try:
        found.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise _invalid(spec, str(path), "the file runs", f"{type(error).__name__}: {error}", "run it by itself to see where") from error
    return module


def _missing(family: Any) -> Iterator[Problem]:  # Any: whatever a stranger's file has under that name
    name = getattr(family, "name", None)
    if not (isinstance(name, str) and name):
        yield Problem("name", "a family has a name as a class attribute, a non-empty string", repr(name), 'write name = "mine"')
    for method in METHODS:
        if not callable(getattr(family, method, None)):
            yield Problem(method, "a family has this method", "nothing", "see docs/laboratory.md, Add a family")


def _content(world: Family) -> Iterator[Problem]:
    """What is wrong about items and prerequisites."""
    items, edges = getattr(world, "item_skills", None), getattr(world, "prerequisites", None)
    if items is None or edges is None or not len(items):
        yield Problem(
            "item_skills, prerequisites",
            "a world has items, and prerequisites or none",
            f"{items!r:.40}, {edges!r:.40}",
            "set both in __init__",
        )
        return
    for i, skills in enumerate(items):
        if not len(skills) or min(skills) < 0 or len(set(skills)) < len(skills):
            yield Problem(f"item_skills[{i}]", "an item has skills, counted from 0, each once", repr(tuple(skills)), "give it at least one")
    n_skills = 1 + max((int(skill) for skills in items for skill in skills), default=-1)
    pairs = [tuple(map(int, edge)) for edge in edges]
    for edge in pairs:
        if len(edge) != 2 or not all(0 <= skill < n_skills for skill in edge):
            yield Problem(
                "prerequisites", f"an edge is (before, after), skills of items, 0 to {n_skills - 1}", repr(edge), "mend or remove it"
            )
            return
    found = cycles([str(skill) for skill in range(n_skills)], [(str(pair[0]), str(pair[1])) for pair in pairs])
    for cycle in found:
        yield Problem("prerequisites", "prerequisites are without a cycle", " -> ".join([*cycle, cycle[0]]), "remove one of these edges")


def _wrong_state(method: str, state: Any) -> Iterator[Problem]:  # Any: what a stranger's method gave
    if not isinstance(state, Mapping) or not state:
        yield Problem(method, "a state is a mapping of arrays by name", type(state).__name__, "return a dict of arrays")
        return
    for name, array in state.items():
        if not isinstance(array, np.ndarray) or array.shape[:1] != (_N_TRIED,):
            got = f"shape {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
            yield Problem(
                f"{method}: {name!r}",
                f"the first axis of each array is the learner, here {_N_TRIED}",
                got,
                "write it as an array by learner",
            )


def _values(subject: str, world: Family, state: State, when: str) -> Iterator[Problem]:
    """What is wrong about probabilities, and about gains where there are."""
    n_items, n_skills = len(world.item_skills), 1 + max(skill for skills in world.item_skills for skill in skills)
    for method, width in (("p_correct", n_items), ("success", n_skills)):
        found = _tried(subject, f"{method} {when}", partial(getattr(world, method), state))
        yield from _wrong_array(f"{method}, {when}", found, (_N_TRIED, width), is_probability=True)
    if callable(getattr(world, "p_answer", None)):
        yield from _wrong_answers(subject, world, state, when)
    if callable(gain := getattr(world, "gain", None)):
        found = _tried(subject, f"gain {when}", partial(gain, state, 14.0))
        yield from _wrong_array(f"gain, {when}", found, (_N_TRIED, n_items), is_probability=False)


def _wrong_answers(subject: str, world: Family, state: State, when: str) -> Iterator[Problem]:
    """Whether P(correct) of one item each is what `p_correct` has."""
    item = np.arange(_N_TRIED) % len(world.item_skills)
    found, told = np.asarray(_tried(subject, f"p_answer {when}", partial(p_answered, world, state, item))), world.p_correct(state)
    if found.shape != (_N_TRIED,) or not np.allclose(found, told[np.arange(_N_TRIED), item], rtol=0.0, atol=1e-6):
        way_out = "mend it, or leave it out: `p_correct` is asked then"
        yield Problem(f"p_answer, {when}", "it is `p_correct` of the one item of each learner", str(found), way_out)


def _wrong_array(where: str, found: Any, shape: tuple[int, ...], *, is_probability: bool) -> Iterator[Problem]:  # Any: as above
    array = np.asarray(found)
    if array.shape != shape:
        yield Problem(where, f"its shape is {shape}, learners by items or skills", str(array.shape), "see what the protocol says of it")
    elif not np.isfinite(array).all():
        yield Problem(where, "values are finite", f"{np.sum(~np.isfinite(array))} that are not", "find where they come from")
    elif is_probability and not ((array >= 0.0) & (array <= 1.0)).all():
        yield Problem(where, "probabilities are in [0, 1]", f"{array.min():.3g} to {array.max():.3g}", "mend the equation")


def _practised(subject: str, world: Family, state: State, rng: np.random.Generator) -> State:
    """The learners after two answers each, right ones and wrong ones, and a rest."""
    for correct in (0.0, 1.0):
        item, score = rng.integers(0, len(world.item_skills), _N_TRIED), np.full(_N_TRIED, correct)
        state = _tried(subject, "practise(state, item, correct, rng)", partial(world.practise, state, item, score, rng))
        _raise_any(subject, _wrong_state("practise", state))
    state = _tried(subject, "rest(state, days, rng)", partial(world.rest, state, 3.0, rng))
    _raise_any(subject, _wrong_state("rest", state))
    return state


def _changed(kept: State, state: State) -> Iterator[Problem]:
    for name, array in kept.items():
        if name not in state or not np.array_equal(array, state[name]):
            yield Problem(
                f"state {name!r}", "no method changes the state it is given", "it was changed", "copy the array before you write to it"
            )


def _rows(subject: str, world: Family, state: State) -> Iterator[Problem]:
    """Particles and oracles pick and repeat learners."""
    chosen = np.array([_N_TRIED - 1, 0, 0])
    picked = {name: array[chosen] for name, array in state.items()}
    for method in ("p_correct", "success"):
        alone = _tried(subject, f"{method} of picked learners", partial(getattr(world, method), picked))
        if not np.allclose(alone, getattr(world, method)(state)[chosen], rtol=0.0, atol=1e-6):  # float32 states differ in their last bits
            yield Problem(
                method, "a learner is the same whoever stands beside", "other values for picked learners", "use no mean over learners"
            )


def _tried(subject: str, what: str, attempt: Callable[[], Any]) -> Any:  # Any: what a stranger's method gave
    try:
        return attempt()
    except Exception as error:
        raise InvalidInput(subject, [Problem(what, "it runs", f"{type(error).__name__}: {error}", "mend it")]) from error


def _raise_any(subject: str, problems: Iterator[Problem]) -> None:
    if found := list(problems):
        raise InvalidInput(subject, found)


def _invalid(spec: str, where: str, rule: str, value: str, way_out: str) -> InvalidInput:
    return InvalidInput(f"family {spec}", [Problem(where, rule, value, way_out)])
