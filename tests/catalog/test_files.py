"""The catalogue directory: what is written comes back, and what is broken is named by file and row."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive.catalog import Catalog, inspect_catalog, read_catalog, write_catalog
from adaptive.catalog.rows import Row, join_escaped
from adaptive.domain import Item, Prerequisite, Skill
from adaptive.errors import InvalidInput

from .strategies import catalogs, trimmed

CATALOG = Catalog(
    "small",
    "rit",
    skills=(Skill("halves", difficulty=190.0), Skill("sums", parent_id="halves")),
    items=(Item("q1", ("halves", "sums"), options=("a;b", "c\\"), answer="c\\"),),
    prerequisites=(Prerequisite("halves", "sums", 0.5),),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_catalog(CATALOG, tmp_path)
    return tmp_path


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        read_catalog(folder)
    return [str(problem) for problem in caught.value.problems]


def warnings_of(folder: Path) -> list[str]:
    return [str(finding.problem) for finding in inspect_catalog(folder)[1]]


@given(catalogs())
def test_what_is_written_is_read_back(catalog: Catalog) -> None:
    with TemporaryDirectory() as name:
        write_catalog(catalog, Path(name))
        back = read_catalog(Path(name))
    assert back == catalog
    assert back.version == catalog.version


@given(st.lists(trimmed, min_size=1))
def test_joined_texts_come_apart_again(texts: list[str]) -> None:
    assert Row("items.csv", 2, {"options": join_escaped(texts)}, []).texts("options") == tuple(texts)


def test_files_are_those_of_the_format(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["catalog.json", "edges.csv", "items.csv", "skills.csv"]
    assert (folder / "skills.csv").read_text(encoding="utf-8").splitlines() == [
        "skill_id,title,grade,domain,code,difficulty,parent_id",
        "halves,,,,,190.0,",
        "sums,,,,,,halves",
    ]
    assert (folder / "items.csv").read_text(encoding="utf-8").splitlines()[1] == r"q1,halves;sums,,,a\;b;c\\,,c\,,0"
    assert (folder / "edges.csv").read_text(encoding="utf-8").splitlines()[1] == "halves,sums,0.5"
    assert json.loads((folder / "catalog.json").read_text()) == {"name": "small", "version": CATALOG.version, "scale": "rit"}


def test_other_files_of_the_folder_stay(folder: Path) -> None:
    (folder / "README.md").write_text("ours")
    write_catalog(replace(CATALOG, items=()), folder)
    assert (folder / "README.md").read_text() == "ours"
    assert read_catalog(folder).items == ()


def test_the_least_that_a_hand_can_write_is_read(tmp_path: Path) -> None:
    (tmp_path / "skills.csv").write_text("\ufeffskill_id\nhalves\n\nsums\n", encoding="utf-8")
    (tmp_path / "items.csv").write_text("item_id,skill_ids\nq1,halves; sums\n")
    (tmp_path / "edges.csv").write_text("prerequisite_id,skill_id,weight\nhalves,sums,\n")
    (tmp_path / "catalog.json").write_text('{"scale": "logit"}')
    assert read_catalog(tmp_path) == Catalog(
        tmp_path.name, "logit", (Skill("halves"), Skill("sums")), (Item("q1", ("halves", "sums")),), (Prerequisite("halves", "sums"),)
    )


def test_a_backslash_before_any_other_character_is_itself(folder: Path) -> None:
    lines = r"item_id,skill_ids,options,answer" + "\n" + r"q1,halves,\frac{1}{2}; \frac{1}{3},\frac{1}{2}" + "\n"
    (folder / "items.csv").write_text(lines)
    assert read_catalog(folder).items[0].options == (r"\frac{1}{2}", r"\frac{1}{3}")


def test_absent_files_are_all_named(tmp_path: Path) -> None:
    problems = problems_of(tmp_path / "nowhere")
    assert [problem.split(":")[0] for problem in problems] == ["catalog.json", "skills.csv", "items.csv", "edges.csv"]
    assert all("No such file" in problem for problem in problems)


def test_absent_and_repeated_columns_are_named(folder: Path) -> None:
    (folder / "skills.csv").write_text("name,name\nhalves,x\n")
    (folder / "edges.csv").write_text("")
    problems = problems_of(folder)
    assert problems[0].startswith("skills.csv row 1: column skill_id must be there. Got 'name,name'; add it")
    assert problems[1] == "skills.csv row 1: each column has its own name. Got 'name'; rename or remove the repeat."
    assert [problem[:53] for problem in problems[2:]] == [
        "edges.csv row 1: column prerequisite_id must be there",
        "edges.csv row 1: column skill_id must be there. Got '",
    ]


def test_bad_cells_are_named_by_row_together_with_errors_of_content(folder: Path) -> None:
    (folder / "skills.csv").write_text("skill_id,difficulty\nhalves,hard\nsums,nan\n")
    (folder / "items.csv").write_text("item_id,skill_ids,retired\nq1,halves,yes\nq2,thirds,1\n")
    (folder / "edges.csv").write_text("prerequisite_id,skill_id,weight\nhalves,sums,strong\nsums,halves,2\n")
    assert problems_of(folder) == [
        "skills.csv row 2: difficulty must be a number or empty. Got 'hard'; write it with a decimal point.",
        "items.csv row 2: retired must be 0, 1 or empty. Got 'yes'; write 1 for yes.",
        "edges.csv row 2: weight must be a number or empty. Got 'strong'; write it with a decimal point.",
        "skills.csv, skill 'sums': a difficulty is a finite number. Got 'nan'; correct it, or leave it empty where unknown.",
        "edges.csv, edge 'sums -> halves': a weight lies in (0, 1]. Got '2.0'; rescale it, or remove the edge for weight 0.",
        "edges.csv: the skill graph must be acyclic. Got 'halves -> sums -> halves'; remove one prerequisite on the path.",
        "items.csv, item 'q2': an item names skills of the catalogue. Got 'thirds'; add the skill or correct the id.",
    ]


def test_ragged_rows_broken_quotes_and_other_encodings_are_named(folder: Path) -> None:
    (folder / "skills.csv").write_text("skill_id,title\nhalves\n")
    (folder / "items.csv").write_text('item_id,skill_ids\nq1,"halves\n')
    (folder / "edges.csv").write_bytes("prerequisite_id,skill_id\nétés,sums\n".encode("latin-1"))
    problems = problems_of(folder)
    assert problems[0] == "skills.csv row 2: a row has 2 cells, as the header. Got '1'; quote cells that hold a comma, or fill the row."
    assert problems[1].startswith("items.csv: must be CSV in UTF-8. Got 'unexpected end of data'")
    assert problems[2].startswith("edges.csv: must be CSV in UTF-8. Got \"'utf-8' codec can't decode")


@pytest.mark.parametrize(
    ("label", "complaint"),
    [
        ("{", "must be JSON in UTF-8"),
        ("[]", "must be an object of texts with a scale"),
        ('{"name": "x"}', "must be an object of texts with a scale"),
        ('{"name": 3, "scale": "rit"}', "must be an object of texts with a scale"),
        ('{"scale": "lexile"}', "the scale of difficulty is known. Got 'lexile'; use logit or rit"),
    ],
)
def test_a_label_that_cannot_be_used_is_named(folder: Path, label: str, complaint: str) -> None:
    (folder / "catalog.json").write_text(label)
    [problem] = problems_of(folder)
    assert problem.startswith("catalog.json")
    assert complaint in problem


def test_content_decides_the_version_and_a_stale_label_is_reported(folder: Path) -> None:
    with (folder / "skills.csv").open("a") as lines:
        lines.write("thirds,,,,,,halves\n")
    catalog, _ = inspect_catalog(folder)
    assert catalog.version != CATALOG.version
    [stale] = [warning for warning in warnings_of(folder) if "catalog.json" in warning]
    assert f"the hash of the content, {catalog.version}. Got '{CATALOG.version}'" in stale
    write_catalog(catalog, folder)
    assert not [warning for warning in warnings_of(folder) if "catalog.json" in warning]


def test_columns_outside_the_format_are_reported(folder: Path) -> None:
    (folder / "edges.csv").write_text("prerequisite_id,skill_id,author\nhalves,sums,ann\n")
    assert "edges.csv row 1: columns outside the format are not read. Got 'author'" in " ".join(warnings_of(folder))


def test_a_catalogue_with_errors_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="an item exercises at least one skill"):
        write_catalog(replace(CATALOG, items=(Item("q1", ()),)), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(InvalidInput, match="folder: must be writable"):
        write_catalog(CATALOG, tmp_path / "taken")


def test_an_interrupted_write_leaves_the_old_catalogue(folder: Path) -> None:
    unwritable = replace(CATALOG, items=(replace(CATALOG.items[0], hint="\ud800"),))
    with pytest.raises(UnicodeEncodeError):
        write_catalog(unwritable, folder)
    assert read_catalog(folder) == CATALOG
    assert len(list(folder.iterdir())) == 4
