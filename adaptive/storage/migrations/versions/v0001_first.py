"""Version 0001: learners, attempts, snapshots, placements, decisions, plans and stored answers.

A migration is a record of what was done: it repeats the tables and imports nothing that may change.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKeyConstraint,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
)

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0001"
down_revision = None

_ID = Text().with_variant(Text(collation="C"), "postgresql")

_APPEND_ONLY = {
    "sqlite": (
        """
        CREATE TRIGGER attempts_append_only BEFORE UPDATE ON attempts
        BEGIN SELECT RAISE(ABORT, 'attempts is append-only: append a new attempt instead'); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION attempts_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'attempts is append-only: append a new attempt instead'; END $$
        """,
        "CREATE TRIGGER attempts_append_only BEFORE UPDATE ON attempts EXECUTE FUNCTION attempts_append_only()",
    ),
}


def upgrade() -> None:
    """Create the tables, their indexes and the trigger that keeps the log append-only."""
    _create_learners()
    _create_attempts()
    _create_snapshots()
    _create_records()
    _create_answers()
    for statement in _APPEND_ONLY[op.get_context().dialect.name]:
        op.execute(statement)


def _id(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, _ID, nullable=nullable)


def _key(table: str, *names: str) -> PrimaryKeyConstraint:
    return PrimaryKeyConstraint("tenant_id", *names, name=f"pk_{table}")


def _of_learner(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "learner_id"],
        ["learners.tenant_id", "learners.learner_id"],
        name=f"fk_{table}_learners",
        deferrable=True,
        initially="DEFERRED",
    )


def _create_learners() -> None:
    op.create_table(
        "learners",
        _id("tenant_id"),
        _id("learner_id"),
        Column("version", BigInteger, nullable=False),
        _key("learners", "learner_id"),
    )


def _create_attempts() -> None:
    op.create_table(
        "attempts",
        _id("tenant_id"),
        _id("attempt_id"),
        _id("learner_id"),
        Column("item_id", Text, nullable=False),
        Column("skill_ids", Text, nullable=False),
        Column("correct", Double),
        Column("occurred_us", BigInteger, nullable=False),
        Column("has_time", Boolean, nullable=False),
        Column("sequence", BigInteger, nullable=False),
        Column("study", Boolean, nullable=False),
        Column("attempt_number", BigInteger),
        Column("hints_used", BigInteger),
        Column("response_ms", BigInteger),
        Column("recommendation_id", Text),
        Column("mode", Text),
        Column("session_id", Text),
        Column("dont_know", Boolean, nullable=False),
        Column("arrival", BigInteger, nullable=False),
        _key("attempts", "attempt_id"),
        _of_learner("attempts"),
    )
    op.create_index("ix_attempts_arrival", "attempts", ["tenant_id", "learner_id", "arrival"], unique=True)
    op.create_index("ix_attempts_history", "attempts", ["tenant_id", "learner_id", "occurred_us", "sequence", "attempt_id"])


def _create_snapshots() -> None:
    op.create_table(
        "snapshots",
        _id("tenant_id"),
        _id("learner_id"),
        _id("model_version"),
        Column("state_version", BigInteger, nullable=False),
        Column("last_us", BigInteger),
        Column("last_sequence", BigInteger),
        _id("last_attempt_id", nullable=True),
        Column("document", Text, nullable=False),
        _key("snapshots", "learner_id", "model_version"),
        _of_learner("snapshots"),
    )


def _create_records() -> None:
    times = {
        "placements": (Column("arrival", BigInteger, nullable=False), Column("added_us", BigInteger, nullable=False)),
        "decisions": (Column("at_us", BigInteger, nullable=False),),
        "plans": (Column("added_us", BigInteger, nullable=False),),
    }
    for table, columns in times.items():
        key = f"{table.removesuffix('s')}_id"
        document = Column("document", Text, nullable=False)
        op.create_table(table, _id("tenant_id"), _id(key), _id("learner_id"), *columns, document, _key(table, key), _of_learner(table))
    op.create_index("ix_placements_arrival", "placements", ["tenant_id", "learner_id", "arrival"], unique=True)
    op.create_index("ix_decisions_time", "decisions", ["tenant_id", "at_us", "decision_id"])
    op.create_index("ix_decisions_learner", "decisions", ["tenant_id", "learner_id", "at_us", "decision_id"])
    op.create_index("ix_plans_learner", "plans", ["tenant_id", "learner_id"])


def _create_answers() -> None:
    op.create_table(
        "answers",
        _id("tenant_id"),
        _id("answer_key"),
        _id("learner_id", nullable=True),
        Column("request_sha256", Text, nullable=False),
        Column("stored_us", BigInteger, nullable=False),
        Column("status", BigInteger, nullable=False),
        Column("media_type", Text, nullable=False),
        Column("body", LargeBinary, nullable=False),
        _key("answers", "answer_key"),
    )
    op.create_index("ix_answers_stored", "answers", ["tenant_id", "stored_us"])
    op.create_index("ix_answers_learner", "answers", ["tenant_id", "learner_id"])
