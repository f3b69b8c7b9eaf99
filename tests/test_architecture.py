"""The floor plan is kept, public names are listed, and importing the package stays cheap."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import adaptive

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(m.name for m in pkgutil.walk_packages(adaptive.__path__, "adaptive.") if ".migrations" not in m.name)
HEAVY = ("torch", "pyro", "sklearn", "mlflow", "fastapi", "pydantic", "sqlalchemy", "alembic", "matplotlib", "polars")


def test_floors_import_only_floors_below() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = f"import sys, adaptive, adaptive.domain, adaptive.cli.main; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", MODULES)
def test_public_names_are_listed_and_exist(name: str) -> None:
    module = importlib.import_module(name)
    listed = getattr(module, "__all__", None)
    if name.count(".") == 1 and listed is None:
        pytest.skip("a floor without public names of its own")
    assert listed is not None, f"{name} lists no public names"
    assert [public for public in listed if not hasattr(module, public)] == []


def test_no_module_of_leftovers() -> None:
    assert [name for name in MODULES if name.rsplit(".", 1)[-1] in {"utils", "common", "helpers", "misc"}] == []


def test_files_stay_short() -> None:
    """House rule 4: a file over 300 lines hides a concept without a name."""
    long = {str(path.relative_to(ROOT)): n for path in ROOT.glob("adaptive/**/*.py") if (n := len(path.read_text().splitlines())) > 300}
    assert long == {}
