"""Compiled code on disk is that of the sources as they are."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from adaptive.models.state_space import kernel
from adaptive.models.state_space.stamped import SOURCES, stamp

FOLDER = Path(kernel.__file__).parent


@pytest.mark.parametrize("changed", SOURCES)
def test_the_stamp_is_another_when_a_source_is(changed: str, tmp_path: Path) -> None:
    for name in SOURCES:
        shutil.copy(FOLDER / name, tmp_path)
    assert stamp(tmp_path) == stamp(FOLDER)
    path = tmp_path / changed
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert stamp(tmp_path) != stamp(FOLDER)


def test_every_cached_function_is_stamped() -> None:
    for function in (kernel.step, kernel.table, kernel.age, kernel.logits, kernel.success):
        assert function.py_func.__qualname__ == f"{function.py_func.__name__}_{stamp(FOLDER)}"
    assert (FOLDER / "kernel.py").read_text(encoding="utf-8").count("cache=True") == 5


def test_the_sources_are_all_that_the_kernel_takes_from_this_folder() -> None:
    """Files that it imports, and those that they import, but for the stamp itself."""
    seen, waiting = set(), {"kernel.py"}
    while waiting:
        name = waiting.pop()
        seen.add(name)
        waiting |= {path for path in _imported(name) if path not in seen | {"stamped.py"}}
    assert seen == set(SOURCES)


def _imported(name: str) -> set[str]:
    tree = ast.parse((FOLDER / name).read_text(encoding="utf-8"))
    modules = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    here = "adaptive.models.state_space."
    return {f"{module.removeprefix(here)}.py" for module in modules if module.startswith(here)}
