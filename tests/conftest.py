"""Shared fixtures: the real data where it is present, and a hypothesis profile that fits two busy cores."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("default", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def attempt_data() -> Path:
    """The folder of real attempt data, read through ADAPTIVE_DATA_DIR; skips where it is absent."""
    folder = Path(os.environ.get("ADAPTIVE_DATA_DIR", ROOT.parent / "shared" / "data"))
    if not (folder / "attempts").is_dir():
        pytest.skip("the real attempt data is absent: set ADAPTIVE_DATA_DIR to its folder")
    return folder
