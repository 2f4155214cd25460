"""A backup of readings brought back into an empty database of either kind.

The file may come from anybody. It is read into a database of its own first, brought up to date
there, and read through; only what stands that reaches the real one, in one transaction.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, MetaData, Table, exc, func, insert, select, text

from pipeline import zips
from pipeline.errors import PipelineError, StoreError
from pipeline.readings import rows, schema, stimuli
from pipeline.readings.backup import all_rows, ordered, verified
from pipeline.readings.database import Database
from pipeline.readings.pictures import Packed, unpacked
from pipeline.readings.portable import Reader
from pipeline.readings.store import Store
from pipeline.readings.study import Verified
from pipeline.readings.upgrading import revisions, upgrade

# What a file can make go wrong that this program did not write, or that was damaged.
_FAULTS = (*zips.ERRORS, AttributeError, LookupError, TypeError, exc.StatementError)
_AT_ONCE = 8  # pictures are large


def restore(address: str, path: Path, unsound: bool = False) -> dict[str, Verified]:
    """Fill an empty database with what a backup holds, whole or not at all.

    Codes open what they opened; studies that were deleted since are back with their pictures.

    Parameters
    ----------
    address : see `pipeline.readings.database.Database`.
    path : a file that `pipeline.readings.backup.back_up` wrote.
    unsound : also restore where an audit trail does not fit what it tells of.

    Returns
    -------
    What was found of each study, by its id.

    Raises
    ------
    StoreError : if the file is damaged, was not written by this program or is newer than it, if
        the database is not empty or cannot be used. Nothing has then changed.
    """
    with _staged(path) as (stage, found):
        problems = [problem for study in found.values() for problem in study.problems]
        if problems and not unsound:
            raise StoreError(
                f"{path} holds readings that were changed behind this program's back: "
                f"{problems[0]}",
                "Restore an older backup, or say --unsound to restore it as it is.",
            )
        target = Database(address)
        try:
            upgrade(target)
            with stage.read() as source, target.write() as connection:
                _require_empty(connection, target)
                for table in ordered():
                    _insert(connection, table, (r._mapping for r in all_rows(source, table)))
                if verified(connection) != found:
                    raise StoreError(
                        "The readings did not arrive in the database as they were.",
                        "Use a PostgreSQL database whose encoding is UTF8.",
                    )
        except (exc.DataError, UnicodeError) as error:
            raise StoreError(
                "The database does not take the readings as they are.",
                "Use a PostgreSQL database whose encoding is UTF8.",
            ) from error
        finally:
            target.close()
    return found


@contextmanager
def _staged(path: Path) -> Iterator[tuple[Database, dict[str, Verified]]]:
    """Give a database of this program's schema with what the file holds, and what it is worth."""
    with tempfile.TemporaryDirectory(prefix="xray-restore-") as folder:
        address = f"sqlite:///{folder}/readings.sqlite"
        stage = Database(address)
        try:
            try:
                with path.open("rb") as file, zipfile.ZipFile(file) as archive:
                    reader = Reader(archive, path.stat().st_size)
                    if reader.about.revision not in revisions():
                        raise _newer(path)
                    upgrade(stage, reader.about.revision)
                    _fill(stage, reader)
                upgrade(stage)
                found = _read_through(address, stage)
            except _FAULTS as error:
                raise _unreadable(path, error) from error
            yield stage, found
        finally:
            stage.close()


def _fill(stage: Database, reader: Reader) -> None:
    tables = MetaData()
    with stage.write() as connection:
        tables.reflect(connection, only=lambda name, _: name != schema.VERSION_TABLE)
        if tables.tables.keys() != reader.about.tables.keys():
            raise ValueError("Expected the tables of this schema. Received: others")
        for table in tables.sorted_tables:
            _insert(connection, table, reader.rows(table.name, table.columns))


def _insert(connection: Connection, table: Table, values: Iterable[Mapping]) -> None:
    kept: list[dict] = []
    for row in values:
        kept.append(dict(row))
        if len(kept) == _AT_ONCE:
            connection.execute(insert(table), kept)
            kept.clear()
    if kept:
        connection.execute(insert(table), kept)


def _read_through(address: str, stage: Database) -> dict[str, Verified]:
    """Make everything that pages would make of the readings; return what each study is worth."""
    store = Store(address)
    try:
        for study in store.studies():
            store.readings(study.id)
            for reader in study.readers:
                store.worklist(study.id, reader)
        with stage.read() as connection:
            found = verified(connection)
            for study in store.studies():
                for _, stored in rows.pictures(connection, study.id):
                    about = json.loads(stored["about"])
                    unpacked(Packed(stored["png"], stored["deep_png"], about))
                    if stored["explanation"] is not None:
                        stimuli.unpacked(stored["explanation"])
            drafts = connection.execute(select(schema.draft)).all()
        for one in drafts:
            store.progress(one.study, one.reader, one.pass_number, one.case_number)
        return found
    except PipelineError as error:  # such as a draft of a case that nobody is asked to read
        raise ValueError("Expected readings that fit together. Received: others") from error
    finally:
        store.dispose()


def _require_empty(connection: Connection, target: Database) -> None:
    if not target.is_sqlite:  # where others could write at the same time
        connection.execute(text(f"LOCK TABLE {schema.study.name} IN SHARE ROW EXCLUSIVE MODE"))
    for table in ordered():
        if connection.execute(select(func.count()).select_from(table)).scalar():
            raise StoreError(
                f"There are reader studies in the database already ({target.place}).",
                "Set XRAY_DATABASE_URL to an empty one: nothing is ever overwritten.",
            )


def _newer(path: Path) -> StoreError:
    return StoreError(
        f"{path} was written by a newer version of this program.", "Update this program."
    )


def _unreadable(path: Path, error: Exception) -> StoreError:
    if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
        return StoreError(f"{path} cannot be read ({error.strerror}).", "Check its path.")
    return StoreError(
        f"{path} is no backup of readings, or it is damaged.",
        "Restore another file that 'python -m pipeline readings backup' wrote.",
    )
