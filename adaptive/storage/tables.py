"""The tables. Every table and every key begins with the tenant, so no query can meet another tenant's rows.

Ids sort by code point, as Python's strings do: PostgreSQL needs the collation "C" for that, SQLite does it by itself.
Columns ending in `_us` are microseconds since 1970 in UTC. Foreign keys are checked at commit, so that a learner's
row may be written after the rows that name it.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKeyConstraint, Index, LargeBinary, MetaData, Table, Text

__all__ = ["METADATA", "answers", "attempts", "decisions", "learners", "placements", "plans", "snapshots"]

METADATA: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

_ID: Final = Text().with_variant(Text(collation="C"), "postgresql")


def _key(name: str) -> Column[str]:
    return Column(name, _ID, primary_key=True)


def _learner() -> tuple[Column[str], ForeignKeyConstraint]:
    """The learner of a row, who has a row of their own by the time the transaction commits."""
    reference = ForeignKeyConstraint(
        ["tenant_id", "learner_id"], ["learners.tenant_id", "learners.learner_id"], deferrable=True, initially="DEFERRED"
    )
    return Column("learner_id", _ID, nullable=False), reference


learners: Final = Table(
    "learners",
    METADATA,
    _key("tenant_id"),
    _key("learner_id"),
    # How many attempts and placements have arrived: raised by one in the transaction that stores each of them.
    Column("version", BigInteger, nullable=False),
)

attempts: Final = Table(
    "attempts",
    METADATA,
    _key("tenant_id"),
    _key("attempt_id"),
    *_learner(),
    Column("item_id", Text, nullable=False),
    Column("skill_ids", Text, nullable=False),  # JSON array, in the attempt's order
    Column("correct", Double),
    Column("occurred_us", BigInteger, nullable=False),  # FIRST_INSTANT where the time is unknown: such attempts come first
    Column("has_time", Boolean, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("study", Boolean, nullable=False),
    Column("attempt_number", BigInteger),
    Column("hints_used", BigInteger),
    Column("response_ms", BigInteger),
    Column("recommendation_id", Text),  # no reference: a decision may be erased, or an attempt name one of another system
    Column("mode", Text),
    Column("session_id", Text),
    Column("dont_know", Boolean, nullable=False),
    Column("arrival", BigInteger, nullable=False),  # the learner's version just after the attempt was stored
)
Index("ix_attempts_arrival", attempts.c.tenant_id, attempts.c.learner_id, attempts.c.arrival, unique=True)
Index("ix_attempts_history", *(attempts.c[name] for name in ("tenant_id", "learner_id", "occurred_us", "sequence", "attempt_id")))

snapshots: Final = Table(
    "snapshots",
    METADATA,
    _key("tenant_id"),
    Column("learner_id", _ID, primary_key=True),
    _key("model_version"),
    Column("state_version", BigInteger, nullable=False),
    Column("last_us", BigInteger),  # the order_key of the last attempt folded in; all three NULL before the first
    Column("last_sequence", BigInteger),
    Column("last_attempt_id", _ID),
    Column("document", Text, nullable=False),
    _learner()[1],
)

placements: Final = Table(
    "placements",
    METADATA,
    _key("tenant_id"),
    _key("placement_id"),
    *_learner(),
    Column("arrival", BigInteger, nullable=False),  # as of attempts: both take their numbers from the learner's version
    Column("added_us", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
)
Index("ix_placements_arrival", placements.c.tenant_id, placements.c.learner_id, placements.c.arrival, unique=True)

decisions: Final = Table(
    "decisions",
    METADATA,
    _key("tenant_id"),
    _key("decision_id"),
    *_learner(),
    Column("at_us", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
)
Index("ix_decisions_time", decisions.c.tenant_id, decisions.c.at_us, decisions.c.decision_id)
Index("ix_decisions_learner", decisions.c.tenant_id, decisions.c.learner_id, decisions.c.at_us, decisions.c.decision_id)

plans: Final = Table(
    "plans",
    METADATA,
    _key("tenant_id"),
    _key("plan_id"),
    *_learner(),
    Column("added_us", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
)
Index("ix_plans_learner", plans.c.tenant_id, plans.c.learner_id)

answers: Final = Table(
    "answers",
    METADATA,
    _key("tenant_id"),
    _key("answer_key"),
    Column("learner_id", _ID),  # whom the answer is about, so that erasing them erases it; NULL for nobody
    Column("request_sha256", Text, nullable=False),
    Column("stored_us", BigInteger, nullable=False),
    Column("status", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
Index("ix_answers_stored", answers.c.tenant_id, answers.c.stored_us)
Index("ix_answers_learner", answers.c.tenant_id, answers.c.learner_id)
