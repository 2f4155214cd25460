"""Brings a database to the schema of this program; several processes may start at once."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from pipeline.errors import StoreError
from pipeline.readings.database import Database
from pipeline.readings.schema import HEAD, VERSION_TABLE

if TYPE_CHECKING:
    from alembic.config import Config

# Alembic keeps what it works on in a variable of its module: one thread at a time.
_one_at_a_time = threading.Lock()
# Any number that nobody else uses in the same PostgreSQL database.
_LOCK = 0x7265_6164_696E_6773


def upgrade(database: Database, revision: str = HEAD) -> None:
    """Bring the schema to `revision`; nothing is done where it is there already.

    Raises
    ------
    StoreError : if a newer version of this program has used the database.
    """
    with database.read() as connection:
        if _version(connection) == revision:
            return
    with _one_at_a_time, database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _upgrade(connection, revision)


def _upgrade(connection: Connection, revision: str) -> None:
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    version = _version(connection)
    if version is not None and version not in revisions():
        raise StoreError(
            "The database of the readings was used by a newer version of this program.",
            "Update this program, or set XRAY_DATABASE_URL to another database.",
        )
    command.upgrade(config, revision)


def revisions() -> list[str]:
    """Return all that this program knows, the first one first."""
    from alembic.script import ScriptDirectory

    found = ScriptDirectory.from_config(_config()).walk_revisions()
    return [one.revision for one in found][::-1]


def folder() -> Path:
    """Return where the migrations lie."""
    return Path(__file__).parent / "migrations"


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder()).replace("%", "%%"))
    return config


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
