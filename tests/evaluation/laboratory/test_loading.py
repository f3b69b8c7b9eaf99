"""Families from files: what is loaded, and what a stranger is told."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from adaptive.errors import InvalidInput, UnknownName
from adaptive.evaluation.laboratory.families import FAMILIES
from adaptive.evaluation.laboratory.loading import check_family, family_of

PAGE = Path(__file__).resolve().parents[3] / "docs" / "laboratory.md"
SOUND = """
    import numpy as np

    class Mine:
        name = "mine"

        def __init__(self, rng):
            self.item_skills, self.prerequisites = [(0,), (0, 1), (1,)], [(0, 1)]

        def learners(self, n, rng):
            return {"x": rng.normal(size=(n, 2))}

        def p_correct(self, state):
            return 1 / (1 + np.exp(-state["x"][:, [0, 1, 1]]))

        def success(self, state):
            return 1 / (1 + np.exp(-state["x"]))

        def practise(self, state, item, correct, rng):
            return {"x": state["x"] + 0.1}

        def rest(self, state, days, rng):
            return {"x": state["x"] * 0.9 ** days}
"""


def written(folder: Path, text: str, name: str = "mine.py") -> str:
    path = folder / name
    path.write_text(dedent(text))
    return f"{path}:Mine"


@pytest.mark.parametrize("name", FAMILIES)
def test_each_family_is_found_by_its_name_and_passes_the_checks(name: str) -> None:
    family = family_of(name)
    assert family.name == name
    assert check_family(family).item_skills


def test_a_class_in_a_file_of_ones_own_is_found_and_passes_the_checks(tmp_path: Path) -> None:
    spec = written(tmp_path, SOUND)
    assert check_family(family_of(spec)).name == "mine"
    assert family_of(spec) is family_of(spec)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="bkt, conjunctive, deep, growth, slopes, windows"):
        family_of("dkt")


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("{folder}/none.py:Mine", "in a Python file that is there"),
        ("{folder}/mine.py:Yours", "name one of: Mine"),
        ("{folder}/mine.py:np", "has a class of that name"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, spec: str, said: str) -> None:
    written(tmp_path, SOUND)
    with pytest.raises(InvalidInput, match=said):
        family_of(spec.format(folder=tmp_path))


def test_a_file_that_does_not_run_says_why(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="ModuleNotFoundError: No module named 'nowhere'"):
        family_of(written(tmp_path, "import nowhere\n"))


def test_all_missing_methods_are_named_at_once(tmp_path: Path) -> None:
    without = SOUND.replace("def rest", "def sleep").replace("def success", "def mastery").replace('name = "mine"', "title = 1")
    with pytest.raises(InvalidInput) as caught:
        family_of(written(tmp_path, without))
    assert [problem.where for problem in caught.value.problems] == ["name", "success", "rest"]


@pytest.mark.parametrize(
    ("sound", "broken", "said"),
    [
        ("[(0, 1)]", "[(0, 1), (1, 0)]", "without a cycle. Got '0 -> 1 -> 0'"),
        ("[(0, 1)]", "[(0, 7)]", "skills of items, 0 to 1"),
        ("[(0,), (0, 1), (1,)]", "[(0,), (), (1,)]", "item_skills[1]: an item has skills"),
        ("[(0,), (0, 1), (1,)]", "[]", "a world has items"),
        ("[:, [0, 1, 1]]", "", "its shape is (6, 3), learners by items or skills. Got '(6, 2)'"),
        ("return 1 / (1 + np.exp(-state[\"x\"]))", "return state['x'] * np.nan", "values are finite"),
        ("return 1 / (1 + np.exp(-state[\"x\"]))", "return 5 + state['x']", "probabilities are in [0, 1]"),
        ("size=(n, 2)", "size=(2, n)", "the first axis of each array is the learner"),
        ('return {"x": state["x"] + 0.1}', 'state["x"][:] += 0.1; return state', "no method changes the state it is given"),
        ('state["x"] * 0.9 ** days', "state['y']", "KeyError: 'y'"),
        ('np.exp(-state["x"]))', "np.exp(state['x'].mean(0) - state['x']))", "whoever stands beside"),
        ("def __init__(self, rng)", "def __init__(self)", "a world is drawn by ClassName(rng)"),
        ("def rest(", "p_answer = lambda _, state, item: np.full(6, 0.9)\n        def rest(", "`p_correct` of the one item"),
    ],
)  # fmt: skip
def test_the_checks_find_what_is_broken(tmp_path: Path, sound: str, broken: str, said: str) -> None:
    assert dedent(SOUND).count(sound) >= 1
    family = family_of(written(tmp_path, SOUND.replace(sound, broken)))
    with pytest.raises(InvalidInput, match=re.escape(said)):
        check_family(family)


def test_the_example_of_the_page_runs_and_learns(tmp_path: Path) -> None:
    example = re.search(r"```python\n(.*?class (\w+).*?)```", PAGE.read_text(), flags=re.DOTALL)
    assert example is not None
    assert len(example[1].splitlines()) <= 31
    path = tmp_path / "example.py"
    path.write_text(example[1])
    world = check_family(family_of(f"{path}:{example[2]}"))
    rng = np.random.default_rng(0)
    before = world.learners(20, rng)
    after = world.practise(before, np.zeros(20, dtype=np.int64), np.ones(20), rng)
    assert (world.success(after)[:, 0] > world.success(before)[:, 0]).all()
