"""Warnings about a catalogue are told, not kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from adaptive.catalog import Catalog, write_catalog
from adaptive.cli.catalog_option import load_catalog
from adaptive.domain import Item, Skill


def test_warnings_are_told_and_the_catalogue_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    catalog = Catalog("thin", skills=(Skill("halves"), Skill("sums")), items=(Item("q1", ("halves",)),))
    write_catalog(catalog, tmp_path)
    assert load_catalog(tmp_path) == catalog
    told = capsys.readouterr().err
    assert "halves" in told
    assert "sums" in told
    assert told.startswith("warning: ")


def test_many_warnings_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_catalog(Catalog("bare", skills=tuple(Skill(f"s{n}") for n in range(40))), tmp_path)
    load_catalog(tmp_path)
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 21
    assert told[-1].startswith("and ")
