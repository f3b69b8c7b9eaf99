"""Named formats: the column maps of public sets, as published. A new set is one more value here.

Column names come from the publishers' pages and from pykt-toolkit's readers of the same files (github.com/pykt-team/
pykt-toolkit, pykt/preprocess). Where a set scores the first unaided action of each row (ASSISTments, KDD Cup, Junyi),
its hint and attempt counts lie after that outcome: mapping them to `hints_used` would take the wrong answers out of
the evidence, so they are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from adaptive.datasets.columns import Column, ColumnMap, Companion, Joined, Same
from adaptive.datasets.layouts import DelimitedText, FourLines, LearnerFiles
from adaptive.errors import unknown_name

__all__ = ["FORMATS", "DataFormat", "format_named"]


@dataclass(frozen=True, slots=True)
class DataFormat:
    """A column map with the set that it reads and where that comes from.

    `verified` says that the map was run on the set's own files and gave the published counts; a test holds it to that.
    """

    title: str
    origin: str
    column_map: ColumnMap
    verified: bool = False

    def __str__(self) -> str:
        return f"{self.title} [{'verified' if self.verified else 'unverified: never run on its files'}], {self.origin}"


def _columns(**theirs: str) -> dict[str, Column]:
    return {canonical: Column(name) for canonical, name in theirs.items()}


def _assistments_2009() -> ColumnMap:
    """`skill_builder_data_corrected.csv`: `order_id` numbers problem logs in time, and repeats once per skill."""
    return ColumnMap(
        _columns(
            learner_id="user_id", item_id="problem_id", skill_ids="skill_id", correct="correct", sequence="order_id", attempt_id="order_id"
        ),
        skill_separator="_",  # of the variant that is published collapsed
        collapse_repeated_rows=True,
        layout=DelimitedText(encoding="latin-1"),
    )


def _assistments_2012() -> ColumnMap:
    """`2012-2013-data-with-predictions-4-final.csv`; rows without a skill are rejected."""
    return ColumnMap(
        _columns(
            learner_id="user_id",
            item_id="problem_id",
            skill_ids="skill_id",
            correct="correct",
            occurred_at="start_time",
            attempt_id="problem_log_id",
        ),
        naive_times_are_utc=True,
    )


def _assistments_2015() -> ColumnMap:
    """`2015_100_skill_builders_main_problems.csv`: no items; a skill builder is the skill."""
    return ColumnMap(_columns(learner_id="user_id", skill_ids="sequence_id", correct="correct", sequence="log_id", attempt_id="log_id"))


def _assistments_2017() -> ColumnMap:
    """`anonymized_full_release_competition_dataset.csv`: Unix seconds, durations in seconds."""
    return ColumnMap(
        _columns(
            learner_id="studentId",
            item_id="problemId",
            skill_ids="skill",
            correct="correct",
            occurred_at="startTime",
            response_ms="timeTaken",
        ),
        scale={"response_ms": 1000.0},
    )


def _kdd_cup_2010(skills: str) -> ColumnMap:
    """`*_train.txt`: tab-separated steps of problems; times of first transactions without an offset."""
    return ColumnMap(
        {
            **_columns(
                learner_id="Anon Student Id",
                skill_ids=skills,
                correct="Correct First Attempt",
                occurred_at="First Transaction Time",
                sequence="Row",
                attempt_id="Row",
            ),
            "item_id": Joined(("Problem Name", "Step Name")),
        },
        skill_separator="~~",
        naive_times_are_utc=True,
        layout=DelimitedText(separator="\t"),
    )


def _ednet_kt1() -> ColumnMap:
    """The folder `KT1` beside `contents/questions.csv`, which has the key and the tags (-1: none). Milliseconds."""
    return ColumnMap(
        {
            **_columns(item_id="question_id", skill_ids="tags", occurred_at="timestamp", response_ms="elapsed_time"),
            "correct": Same("user_answer", "correct_answer"),
        },
        values={"skill_ids": {"-1": ""}},
        scale={"occurred_at": 1e-3},
        companions=(Companion("contents/questions.csv", key="question_id"),),
        layout=LearnerFiles(),
    )


def _eedi(task: str) -> ColumnMap:
    """`train_data/train_task_*.csv` with `metadata/` beside its folder; all subjects of the tree path are skills."""
    return ColumnMap(
        _columns(
            learner_id="UserId",
            item_id="QuestionId",
            skill_ids="SubjectId",
            correct="IsCorrect",
            occurred_at="DateAnswered",
            attempt_id="AnswerId",
        ),
        skill_separator=",",
        skill_wrapping="[]",
        naive_times_are_utc=True,
        companions=(
            Companion(f"../metadata/question_metadata_task_{task}.csv", key="QuestionId"),
            Companion(f"../metadata/answer_metadata_task_{task}.csv", key="AnswerId"),
        ),
    )


def _eedi_csc311() -> ColumnMap:
    """`train_data.csv` and its like, with `question_meta.csv` beside; no times."""
    return ColumnMap(
        _columns(learner_id="user_id", item_id="question_id", skill_ids="subject_id", correct="is_correct"),
        skill_separator=",",
        skill_wrapping="[]",
        companions=(Companion("question_meta.csv", key="question_id"),),
    )


def _junyi() -> ColumnMap:
    """`junyi_ProblemLog_original.csv`: an exercise is the skill, its problem types are the items. Microseconds."""
    return ColumnMap(
        {
            **_columns(learner_id="user_id", skill_ids="exercise", correct="correct", occurred_at="time_done"),
            "item_id": Joined(("exercise", "problem_type")),
        },
        values={"correct": {"true": "1", "false": "0", "True": "1", "False": "0"}},
        scale={"occurred_at": 1e-6},
    )


_ASSISTMENTS = "sites.google.com/site/assistmentsdata"
_KDD_CUP = "pslcdatashop.web.cmu.edu/KDDCup"
_EEDI = "eedi.com/projects/neurips-education-challenge"

FORMATS: Final[Mapping[str, DataFormat]] = MappingProxyType(
    {
        "akt": DataFormat(
            "AKT four-line files, one row per skill",
            "github.com/arghosh/AKT",
            ColumnMap(collapse_repeated_rows=True, layout=FourLines()),
            verified=True,
        ),
        "assistments2009": DataFormat("ASSISTments 2009-10 skill builder, corrected", _ASSISTMENTS, _assistments_2009()),
        "assistments2012": DataFormat("ASSISTments 2012-13 with predictions", _ASSISTMENTS, _assistments_2012()),
        "assistments2015": DataFormat("ASSISTments 2015, 100 skill builders", _ASSISTMENTS, _assistments_2015()),
        "assistments2017": DataFormat("ASSISTments 2017 competition", "sites.google.com/view/assistmentsdatamining", _assistments_2017()),
        "kddcup2010-algebra": DataFormat("KDD Cup 2010, Algebra I 2005-06 and 2006-07", _KDD_CUP, _kdd_cup_2010("KC(Default)")),
        "kddcup2010-subskills": DataFormat("KDD Cup 2010, Bridge to Algebra, Algebra I 2008-09", _KDD_CUP, _kdd_cup_2010("KC(SubSkills)")),
        "ednet-kt1": DataFormat("EdNet KT1, a folder of learners", "github.com/riiid/ednet", _ednet_kt1()),
        "eedi": DataFormat("Eedi, NeurIPS 2020 tasks 3 and 4", _EEDI, _eedi("3_4")),
        "eedi-tasks-1-2": DataFormat("Eedi, NeurIPS 2020 tasks 1 and 2", _EEDI, _eedi("1_2")),
        "eedi-csc311": DataFormat("Eedi as used in the course CSC311", "University of Toronto CSC311", _eedi_csc311(), verified=True),
        "junyi": DataFormat("Junyi Academy problem log", "pslcdatashop.web.cmu.edu/DatasetInfo?datasetId=1198", _junyi()),
    }
)
"""Named formats; `adaptive import --format list` prints them."""


def format_named(name: str) -> DataFormat:
    """The format of that name. Raises UnknownName.

    >>> format_named("akt").verified
    True
    """
    try:
        return FORMATS[name]
    except KeyError:
        raise unknown_name("format", name, FORMATS, way_out="use one of these, or --map canonical=theirs,...") from None
