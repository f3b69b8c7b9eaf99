"""Each named format over made-up rows with the columns of the published files.

What is not in the project's data is unverified: these rows hold the map to the publisher's description, not to the set.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adaptive.datasets import FORMATS, format_named, read_attempts
from adaptive.errors import UnknownName

KDD = (
    "Row\tAnon Student Id\tProblem Hierarchy\tProblem Name\tProblem View\tStep Name\tStep Start Time\tFirst Transaction Time\t"
    "Correct First Attempt\tIncorrects\tHints\tCorrects\tKC({kc})\tOpportunity({kc})\n"
    '1\tann\tUnit "A"\tP1\t1\tx+1=2\t\t2005-09-09 12:24:35.0\t0\t2\t0\t1\tadd~~solve\t1~~1\n'
)
EEDI_ANSWERS = "AnswerId,DateAnswered,Confidence,GroupId,QuizId,SchemeOfWorkId\n5,2020-02-27 18:03:00.000,,1,2,3\n"

FILES = {
    "akt": {"a.csv": "ann,9\nq1,q1\n7,8\n1,1\n"},
    "assistments2009": {
        "a.csv": "order_id,user_id,problem_id,correct,skill_id,skill_name,hint_count\n"
        "40,ann,q2,1,7,Caf\xe9,0\n33,ann,q1,0,7,x,1\n40,ann,q2,1,8,y,0\n50,ann,q3,1,,,0\n"
    },
    "assistments2012": {
        "a.csv": "problem_log_id,skill,problem_id,user_id,start_time,end_time,correct,hint_count,skill_id\n"
        "1,add,q1,ann,2012-09-28 15:11:25,2012-09-28 15:11:28.5,0.5,1,7\n"
    },
    "assistments2015": {"a.csv": "user_id,log_id,sequence_id,correct\nann,2,7014,1\nann,1,7014,0\n"},
    "assistments2017": {
        "a.csv": "studentId,action_num,skill,problemId,startTime,timeTaken,correct,hintCount\nann,1,add,q1,1096470301,17.5,1,0\n"
    },
    "kddcup2010-algebra": {"a.txt": KDD.format(kc="Default")},
    "kddcup2010-subskills": {"a.txt": KDD.format(kc="SubSkills")},
    "ednet-kt1": {
        "KT1/u1.csv": "timestamp,solving_id,question_id,user_answer,elapsed_time\n"
        "1548996377530,1,q1,d,47000\n1548996378149,1,q2,a,1\n1548996379149,1,q3,a,1\n",
        "contents/questions.csv": "question_id,bundle_id,explanation_id,correct_answer,part,tags\n"
        "q1,b1,e1,d,1,7;8\nq2,b1,e1,b,1,9\nq3,b1,e1,b,1,-1\n",
    },
    "eedi": {
        "train_data/a.csv": "QuestionId,UserId,AnswerId,IsCorrect,CorrectAnswer,AnswerValue\nq1,ann,5,1,2,2\n",
        "metadata/question_metadata_task_3_4.csv": 'QuestionId,SubjectId\nq1,"[3, 71, 98]"\n',
        "metadata/answer_metadata_task_3_4.csv": EEDI_ANSWERS,
    },
    "eedi-tasks-1-2": {
        "train_data/a.csv": "QuestionId,UserId,AnswerId,IsCorrect,CorrectAnswer,AnswerValue\nq1,ann,5,1,2,2\n",
        "metadata/question_metadata_task_1_2.csv": 'QuestionId,SubjectId\nq1,"[3, 71, 98]"\n',
        "metadata/answer_metadata_task_1_2.csv": EEDI_ANSWERS,
    },
    "eedi-csc311": {
        "a.csv": "question_id,user_id,is_correct\n716,ann,1\n",
        "question_meta.csv": 'question_id,subject_id\n716,"[0, 1, 5]"\n',
    },
    "junyi": {
        "a.csv": "user_id,exercise,problem_type,time_done,time_taken,correct,hint_used\nann,adding,0,1420714810324770,3,true,false\n"
    },
}

AT = {
    "assistments2012": datetime(2012, 9, 28, 15, 11, 25, tzinfo=UTC),
    "assistments2017": datetime(2004, 9, 29, 15, 5, 1, tzinfo=UTC),
    "kddcup2010-algebra": datetime(2005, 9, 9, 12, 24, 35, tzinfo=UTC),
    "kddcup2010-subskills": datetime(2005, 9, 9, 12, 24, 35, tzinfo=UTC),
    "eedi": datetime(2020, 2, 27, 18, 3, tzinfo=UTC),
    "eedi-tasks-1-2": datetime(2020, 2, 27, 18, 3, tzinfo=UTC),
    "junyi": datetime(2015, 1, 8, 11, 0, 10, 324770, tzinfo=UTC),
}

EXPECTED = {
    "akt": [("ann", "q1", ("7", "8"), 1.0)],
    "assistments2009": [("ann", "q1", ("7",), 0.0), ("ann", "q2", ("7", "8"), 1.0)],
    "assistments2012": [("ann", "q1", ("7",), 0.5)],
    "assistments2015": [("ann", "7014", ("7014",), 0.0), ("ann", "7014", ("7014",), 1.0)],
    "assistments2017": [("ann", "q1", ("add",), 1.0)],
    "kddcup2010-algebra": [("ann", "P1 / x+1=2", ("add", "solve"), 0.0)],
    "kddcup2010-subskills": [("ann", "P1 / x+1=2", ("add", "solve"), 0.0)],
    "ednet-kt1": [("u1", "q1", ("7", "8"), 1.0), ("u1", "q2", ("9",), 0.0)],
    "eedi": [("ann", "q1", ("3", "71", "98"), 1.0)],
    "eedi-tasks-1-2": [("ann", "q1", ("3", "71", "98"), 1.0)],
    "eedi-csc311": [("ann", "716", ("0", "1", "5"), 1.0)],
    "junyi": [("ann", "adding / 0", ("adding",), 1.0)],
}


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_reads_the_columns_of_its_set(tmp_path, name):
    for path, text in FILES[name].items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="latin-1")
    first = tmp_path / next(iter(FILES[name]))
    source = first.parent if name == "ednet-kt1" else first
    table, _ = read_attempts(source, format_named(name).column_map)
    attempts = [attempt for _, history in table.histories() for attempt in history]
    assert [(attempt.learner_id, attempt.item_id, attempt.skill_ids, attempt.correct) for attempt in attempts] == EXPECTED[name]
    assert name not in AT or attempts[0].occurred_at == AT[name]
    assert all(attempt.is_evidence for attempt in attempts)


def test_only_formats_that_were_run_on_their_set_are_verified():
    assert {name for name, described in FORMATS.items() if described.verified} == {"akt", "eedi-csc311"}
    assert "unverified" in str(FORMATS["junyi"])


def test_an_unknown_format_lists_the_known_ones():
    with pytest.raises(UnknownName, match=r"Unknown format 'assistments'. Known: akt, assistments2009"):
        format_named("assistments")
