"""Readings backed up whole into a file, while people go on reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Table, select

from pipeline.errors import StoreError
from pipeline.readings import portable, rows, schema, verifying
from pipeline.readings.database import Database
from pipeline.readings.study import Verified
from pipeline.readings.upgrading import upgrade
from pipeline.storage import replacing


def back_up(address: str, path: Path) -> dict[str, Verified]:
    """Write everything that a database holds at one moment to a new file for its owner alone.

    Nobody has to stop writing meanwhile; what they write after that moment is not in it.

    Parameters
    ----------
    address : see `pipeline.readings.database.Database`.
    path : must not exist yet; it is there whole or not at all.

    Returns
    -------
    What was found of each study at that moment, by its id. One with problems is in the file, too.

    Raises
    ------
    StoreError : if the database cannot be used, or the file cannot be written.
    """
    if path.exists():
        raise StoreError(f"{path} is there already.", "Name another file: no backup is replaced.")
    database = Database(address)
    try:
        upgrade(database)
        with database.snapshot() as connection:
            tables = {one.name: (one.columns, all_rows(connection, one)) for one in ordered()}
            created = datetime.now(UTC).isoformat(timespec="seconds")
            with replacing(path, mode=0o600) as temporary:
                portable.write(temporary, schema.HEAD, created, tables)
            return verified(connection)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written ({error.strerror or type(error).__name__}).",
            "Name a file in a folder that is there, on a disk that is not full.",
        ) from error
    finally:
        database.close()


def ordered() -> list[Table]:
    """Return all tables, each after those that its rows belong to."""
    return schema.metadata.sorted_tables


def all_rows(connection: Connection, table: Table) -> Iterator[Sequence]:
    """Yield every row in the order of its key, a few at a time: pictures are large."""
    at_once = 8 if table.name == schema.picture.name else 1000
    query = select(table).order_by(*table.primary_key.columns)
    yield from connection.execute(query, execution_options={"yield_per": at_once})


def verified(connection: Connection) -> dict[str, Verified]:
    """Check every study, by its id."""
    return {
        study.id: verifying.verified(connection, study.id) for study in rows.studies(connection)
    }
