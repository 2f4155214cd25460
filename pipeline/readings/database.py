"""One database, SQLite or PostgreSQL, opened so that what is acknowledged stays.

A write is acknowledged once its transaction is on the disk: SQLite writes ahead with
``synchronous=FULL``, PostgreSQL with ``fsync`` and ``synchronous_commit``; a server that was set up
otherwise is refused.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy
from sqlalchemy import Connection, Engine, event, exc
from sqlalchemy.engine import URL, make_url

from pipeline.config import Paths
from pipeline.errors import StoreError
from pipeline.storage import mirrored
from pipeline.turns import Turns

# How long a write waits for those before it, and a server for its first answer.
PATIENCE_SECONDS = 20
_CONNECT_SECONDS = 5
# More sessions than this may read; only as many ask the database at the same moment.
_CONNECTIONS, _OVERFLOW = 5, 20

# What databases raise when they cannot do their work, whatever is asked of them.
_OUT_OF_ORDER = (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError)


class Database:
    """Connections to one database. May be shared by threads; every process opens its own.

    Parameters
    ----------
    address : ``sqlite:///FILE`` or ``postgresql://...``; a password in it is never shown.

    Raises
    ------
    StoreError : for an address that cannot be used.
    """

    def __init__(self, address: str):
        self._url = _checked(address)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            _make_file(Path(self._url.database))
            self._turns = Turns(Path(f"{self._url.database}-turn"), PATIENCE_SECONDS)
        self._engine = _engine(self._url)
        if self.is_sqlite:
            # The first connection turns the log on, which nobody else may disturb.
            with self._told(), self._turn(), self._engine.connect():
                pass

    @property
    def place(self) -> str:
        """Where readings are kept, in words, without a user or a password."""
        if self.is_sqlite:
            return f"SQLite, {self._url.database}"
        host = self._url.host or "this machine"
        return f"PostgreSQL, {self._url.database or 'its default database'} on {host}"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database.

        Raises
        ------
        StoreError : if the database cannot be reached.
        """
        with self._told(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Give a connection that reads everything as it is at one moment, while others write.

        Raises
        ------
        StoreError : if the database cannot be reached.
        """
        with self._told(), self._engine.connect() as connection:
            if not self.is_sqlite:  # there a transaction otherwise sees what others commit
                options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
                connection = connection.execution_options(**options)
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection whose changes are on the disk, all or none, when the block has ended.

        Raises
        ------
        StoreError : if the database cannot be reached, or others write for too long.
        """
        with self._told(), self._turn(), self._engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                yield connection

    def scrub(self) -> None:
        """Give the place of deleted pixels back, so that nothing of them is left on the disk."""
        vacuum = ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"]
        # Python's driver of SQLite forgets how it was prepared when its isolation is changed.
        outside = {"outside": True}
        if not self.is_sqlite:
            vacuum, outside = ["VACUUM reading_picture"], {"isolation_level": "AUTOCOMMIT"}
        with self._told(), self._turn(), self._engine.connect() as connection:
            connection = connection.execution_options(**outside)
            for statement in vacuum:
                connection.exec_driver_sql(statement)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        try:
            with self._turns.one():
                yield
        except TimeoutError as error:
            raise _busy() from error

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what a database raises into a sentence, without what was to be written."""
        try:
            yield
        except _OUT_OF_ORDER as error:
            raise self._unreachable(error) from None
        except exc.DatabaseError as error:
            # A file that is no database, or a damaged one. Its other kinds are faults of ours.
            if type(error) is not exc.DatabaseError:
                raise
            raise self._unreachable(error) from None

    def _unreachable(self, error: exc.SQLAlchemyError) -> StoreError:
        reason = str(getattr(error, "orig", error)).lower()
        if "locked" in reason or "lock timeout" in reason or isinstance(error, exc.TimeoutError):
            return _busy()
        if self.is_sqlite:
            return StoreError(
                f"The database of the readings, {self._url.database}, cannot be used.",
                "Check that it is a SQLite file that this program may write, and that the disk is "
                "not full.",
            )
        return StoreError(
            "The database server of the readings cannot be reached.",
            "Check that it runs and that XRAY_DATABASE_URL is right, then try again: what was "
            "acknowledged is stored.",
        )


def from_environment(environment: Mapping[str, str] | None = None) -> str:
    """Return ``XRAY_DATABASE_URL``, or the address of a file below the artifacts; it is made.

    Raises
    ------
    StoreError : if it cannot be made, or artifacts lie elsewhere.
    """
    environment = os.environ if environment is None else environment
    if address := environment.get("XRAY_DATABASE_URL"):
        return address
    artifacts = Paths.from_environment(environment).artifacts.absolute()
    if place := mirrored(artifacts):
        raise StoreError(
            f"The artifacts are read from {place}, where no readings can be kept.",
            "Set XRAY_DATABASE_URL to sqlite:////absolute/path/readings.sqlite or to PostgreSQL.",
        )
    folder = artifacts / "readings"
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _keep_entry(folder.parent)
    except OSError as error:
        raise _no_file(folder, error) from error
    return URL.create("sqlite", database=str(folder / "readings.sqlite")).render_as_string()


def _checked(address: str) -> URL:
    try:
        url = make_url(address.replace("postgres://", "postgresql://", 1))
    except (exc.ArgumentError, ValueError):  # which may quote a part of a password
        raise _wrong_address() from None
    if url.drivername in ("postgresql", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    in_memory = not url.database or ":memory:" in url.database or "mode" in url.query
    if url.drivername not in ("sqlite", "sqlite+pysqlite") or in_memory:
        raise _wrong_address()
    return url.set(database=str(Path(url.database).absolute()))


def _engine(url: URL) -> Engine:
    sqlite = url.get_backend_name() == "sqlite"
    waits = {"timeout": PATIENCE_SECONDS} if sqlite else {"connect_timeout": _CONNECT_SECONDS}
    engine = sqlalchemy.create_engine(
        url,
        connect_args=waits,
        pool_size=_CONNECTIONS,
        max_overflow=_OVERFLOW,
        pool_timeout=PATIENCE_SECONDS,
        pool_pre_ping=not sqlite,  # a server may have been started anew
        hide_parameters=True,  # readings do not belong into an exception's text
    )
    event.listen(engine, "connect", _prepare_sqlite if sqlite else _prepare_postgresql)
    if sqlite:
        event.listen(engine, "begin", _begin_on_sqlite)
    return engine


def _prepare_sqlite(connection, _) -> None:
    # Python's driver would begin transactions by rules of its own, and none for changes of tables.
    connection.isolation_level = None
    cursor = connection.cursor()
    log = cursor.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA fullfsync=ON")  # macOS: its fsync alone does not empty the disk's cache
    cursor.execute("PRAGMA checkpoint_fullfsync=ON")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")  # pixels that are deleted are gone
    cursor.close()
    if log != "wal":
        raise StoreError(
            "The database of the readings lies where SQLite cannot write ahead.",
            "Move it to a disk of this machine, or set XRAY_DATABASE_URL to PostgreSQL.",
        )


def _begin_on_sqlite(connection: Connection) -> None:
    # A transaction that reads before it writes fails if somebody else wrote in between; one that
    # takes the right to write at once only waits.
    options = connection.get_execution_options()
    if not options.get("outside"):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


def _prepare_postgresql(connection, _) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('fsync'), current_setting('full_page_writes'), "
            "CASE WHEN current_setting('synchronous_commit') = 'off' "
            "THEN set_config('synchronous_commit', 'on', false) END, "
            "set_config('lock_timeout', %s, false)",
            (f"{PATIENCE_SECONDS}s",),
        )
        safe = cursor.fetchone()[:2] == ("on", "on")
    connection.commit()  # or the settings would end with this transaction
    if not safe:
        raise StoreError(
            "The PostgreSQL server acknowledges what is not yet on its disk.",
            "Switch its settings fsync and full_page_writes on.",
        )


def _make_file(path: Path) -> None:
    """Make an empty file that only its owner can read; what SQLite puts beside it is like it."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        _keep_entry(path.parent)
    except FileExistsError:
        return
    except OSError as error:
        raise _no_file(path.parent, error) from error


def _keep_entry(folder: Path) -> None:
    """Have a new entry of `folder` survive a loss of power, where the system can be asked to."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _no_file(folder: Path, error: OSError) -> StoreError:
    return StoreError(
        f"The database of the readings cannot be made in {folder} "
        f"({error.strerror or 'unwritable'}).",
        "Mend the permissions of the folder, or set XRAY_DATABASE_URL.",
    )


def _wrong_address() -> StoreError:
    return StoreError(
        "XRAY_DATABASE_URL is no address of a database that readings can be kept in.",
        "Write sqlite:////absolute/path/readings.sqlite or postgresql://USER:PASSWORD@HOST/NAME; "
        "in the password write %40 for @, %2F for / and %3A for a colon.",
    )


def _busy() -> StoreError:
    return StoreError(
        "The database of the readings is busy.",
        "Try again in a moment: what was acknowledged is stored.",
    )
