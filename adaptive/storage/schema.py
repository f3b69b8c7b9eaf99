"""The schema's version, and the way from an older one to this package's."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from adaptive.errors import StorageUnavailable
from adaptive.storage.database import Database

__all__ = ["VERSION_TABLE", "stored_version", "upgrade"]

VERSION_TABLE: Final = "adaptive_schema"
"""Not Alembic's default name, so that a database shared with another program (MLflow's, say) is not mistaken for ours."""


def upgrade(database: Database) -> None:
    """Bring the schema to this package's version, in one transaction and one process at a time.

    Raises StorageUnavailable where the schema is newer than this package.
    """
    scripts = ScriptDirectory(str(Path(__file__).with_name("migrations")))
    newest = scripts.get_current_head()
    with database.begin(write=False) as connection:
        if stored_version(connection) == newest:
            return
    with database.begin(write=True) as connection:
        for statement in database.before_migrating:
            connection.exec_driver_sql(statement)
        version = stored_version(connection)  # again: another process may have been first
        _require_known(version, scripts, database.name)
        if version != newest:
            _run(scripts, connection)


def stored_version(connection: Connection) -> str | None:
    """The schema's version, None where there is none."""
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def _require_known(version: str | None, scripts: ScriptDirectory, name: str) -> None:
    known = [script.revision for script in scripts.walk_revisions()]
    if version is not None and version not in known:
        raise StorageUnavailable(
            f"The schema of {name} must not be newer than this package. Got version {version}, known up to {known[0]}; "
            "upgrade adaptive-practice, or restore the backup made before the schema was upgraded."
        )


def _run(scripts: ScriptDirectory, connection: Connection) -> None:
    # `_upgrade_revs` is what `alembic upgrade` itself passes; that command would need an env.py that only it can import.
    with EnvironmentContext(Config(), scripts) as environment:
        environment.configure(
            connection=connection,
            version_table=VERSION_TABLE,
            fn=lambda revision, _context: scripts._upgrade_revs("head", revision),
        )
        environment.run_migrations()
