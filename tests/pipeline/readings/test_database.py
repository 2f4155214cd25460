"""Opening a database: addresses, permissions, durability, secrets, and newer schemas."""

import contextlib
import io
import os
import sqlite3
import stat
import threading
import time
import traceback

import pytest
import sqlalchemy
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from pipeline.errors import StoreError
from pipeline.readings import schema
from pipeline.readings.database import Database, from_environment
from pipeline.readings.store import Store
from pipeline.readings.upgrading import folder, revisions, upgrade
from pipeline.turns import Turns

SECRET = "pa55word"


def test_by_default_readings_lie_below_the_artifacts_for_their_owner_alone(tmp_path):
    store = Store.from_environment({"XRAY_ARTIFACTS": str(tmp_path)})
    store.ping()
    made = tmp_path / "readings"
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in made.iterdir()}
    assert "readings.sqlite" in files
    assert set(files.values()) == {0o600}
    store.dispose()


def test_the_environment_names_another_database(tmp_path):
    address = f"sqlite:///{tmp_path / 'elsewhere.sqlite'}"
    environment = {"XRAY_ARTIFACTS": str(tmp_path), "XRAY_DATABASE_URL": address}
    assert from_environment(environment) == address
    assert not (tmp_path / "readings").exists()


def test_sqlite_is_opened_so_that_an_acknowledged_write_is_on_the_disk(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'a.sqlite'}")
    with database.write() as connection:

        def pragma(name):
            return connection.exec_driver_sql(f"PRAGMA {name}").scalar()

        assert pragma("journal_mode") == "wal"
        assert pragma("synchronous") == 2  # FULL: the log reaches the disk before commit returns
        assert pragma("foreign_keys") == 1
        assert pragma("secure_delete") == 1
        assert pragma("busy_timeout") == 20_000
    database.close()


@pytest.mark.parametrize("form", ["postgresql://", "postgresql+psycopg://", "postgres://"])
def test_every_spelling_of_postgresql_is_understood(postgresql, form):
    store = Store(postgresql().replace("postgresql://", form, 1))
    store.ping()
    assert store.place.startswith("PostgreSQL")
    store.dispose()


def test_postgresql_commits_to_the_disk_whatever_its_default(postgresql):
    database = Database(f"{postgresql()}%20-csynchronous_commit%3Doff")
    for _ in range(2):
        with database.write() as connection:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
            assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "20s"
    database.close()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
        "mysql://me:pa55word@host/name",
        f"postgresql://me:{SECRET}/x@host:5432/name",
        f"{SECRET}",
        f"postgresql+asyncpg://me:{SECRET}@host/name",
        f"postgresql://me:{SECRET}@127.0.0.1:1/name",
        f"postgresql://me:{SECRET}@no-such-host.invalid/name",
        f"postgresql://me:{SECRET}@127.0.0.1:1/name?sslmode=nonsense",
    ],
)
def test_an_address_that_does_not_work_is_told_without_its_password(address, caplog):
    caplog.set_level(0)
    printed = io.StringIO()
    with contextlib.redirect_stderr(printed), contextlib.redirect_stdout(printed):
        with pytest.raises(StoreError) as caught:
            Store(address)
        told = "".join(traceback.format_exception(caught.value))
    for text in (told, caplog.text, printed.getvalue(), str(caught.value)):
        # The test's own line and pytest's parameters are no part of what the program says.
        assert SECRET not in text


def test_a_file_that_is_no_database_is_told(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("no database" * 1000)
    with pytest.raises(StoreError, match="cannot be used"):
        Store(f"sqlite:///{path}")
    assert path.read_text().startswith("no database")


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(StoreError, match="cannot be made"):
        Store(f"sqlite:///{tmp_path / 'missing' / 'a.sqlite'}")
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        Store.from_environment({"XRAY_ARTIFACTS": str(tmp_path / "file")})


def test_a_server_that_went_away_is_told_and_found_again(postgresql_server, design, cases):
    server = postgresql_server()
    store = Store(server.url("postgres"))
    study = store.create(design(), cases(1), ["a"]).study_id
    server.kill()
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        store.begin(study, "a", 1, 1)
    assert str(server.folder) not in "".join(traceback.format_exception(caught.value))
    server.up()
    assert store.begin(study, "a", 1, 1).state == "begun"
    store.dispose()


def test_nothing_that_is_written_stands_in_an_exception(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'a.sqlite'}")
    upgrade(database)
    row = {"study": "x", "case_number": 1, "png": b"PIXELS", "about": "SECRET"}
    with pytest.raises(sqlalchemy.exc.IntegrityError) as caught:
        put(database, schema.picture, row)
    assert "SECRET" not in str(caught.value)
    assert "PIXELS" not in str(caught.value)
    database.close()


def test_a_write_that_fails_leaves_nothing(address):
    database = Database(address)
    upgrade(database)
    whole, half = {"id": "x", "created": "", "design": "{}"}, {"id": "y"}
    with pytest.raises(sqlalchemy.exc.IntegrityError):
        put(database, schema.study, whole, half)
    with database.read() as connection:
        assert connection.execute(sqlalchemy.select(schema.study)).all() == []
    database.close()


def put(database: Database, table: sqlalchemy.Table, *rows: dict) -> None:
    with database.write() as connection:
        for row in rows:
            connection.execute(sqlalchemy.insert(table).values(row))


def test_a_database_of_a_newer_program_is_refused(address):
    Store(address).dispose()
    database = Database(address)
    with database.write() as connection:
        connection.exec_driver_sql(f"UPDATE {schema.VERSION_TABLE} SET version_num = 'fffe'")
    with pytest.raises(StoreError, match="newer version of this program"):
        Store(address)
    database.close()


def test_the_schema_names_the_newest_migration():
    assert revisions()[-1] == schema.HEAD


def compared(database: Database, metadata: sqlalchemy.MetaData) -> tuple[str, list]:
    """Return the revision of a database, and how its tables differ from `metadata`."""
    with database.read() as connection:
        options = {"version_table": schema.VERSION_TABLE, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        return context.get_current_revision(), compare_metadata(context, metadata)


def test_every_migration_leads_to_the_tables_that_the_program_knows(address):
    database = Database(address)
    for revision in revisions():
        upgrade(database, revision)
        now, differences = compared(database, schema.metadata)
        assert now == revision
    assert differences == []
    database.close()
    store = Store(address)
    assert store.studies() == []
    store.dispose()


def test_the_comparison_would_notice_a_forgotten_migration(address):
    database = Database(address)
    upgrade(database)
    other = sqlalchemy.MetaData(naming_convention=schema.metadata.naming_convention)
    for table in schema.metadata.sorted_tables:
        table.to_metadata(other)
    other.tables["reading_draft"].append_column(sqlalchemy.Column("new", sqlalchemy.Integer))
    _, ((what, _, table, _),) = compared(database, other)
    assert (what, table) == ("add_column", "reading_draft")
    database.close()


def test_many_that_start_at_once_make_one_schema(address):
    failed, opened = [], []

    def start() -> None:
        try:
            opened.append(Store(address))
        except StoreError as error:
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failed == []
    assert len(opened) == 8
    for store in opened:
        assert store.studies() == []
        store.dispose()


def test_processes_that_start_at_once_make_one_schema(address, tmp_path):
    children = []
    for _ in range(6):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                Store(address).ping()
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert ended == [0] * 6
    store = Store(address)
    assert store.studies() == []
    store.dispose()


def test_writers_of_one_file_take_turns(tmp_path):
    """Two that name the same file, as two processes do."""
    first, second = Turns(tmp_path / "turn", 5), Turns(tmp_path / "turn", 0.05)
    with first.one():
        with pytest.raises(TimeoutError), second.one():
            raise AssertionError("two at once")
        waited = threading.Thread(target=lambda: wait(first, seen))
        seen: list[float] = []
        waited.start()
        time.sleep(0.05)
        assert seen == []
    waited.join(timeout=5)
    assert len(seen) == 1
    with second.one():
        pass


def wait(turns: Turns, seen: list) -> None:
    with turns.one():
        seen.append(time.monotonic())


def test_others_who_write_too_long_are_told(tmp_path, design, cases):
    path = tmp_path / "a.sqlite"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database._turns._patience = 0.05
    other = Turns(tmp_path / "a.sqlite-turn", 1)
    with other.one(), pytest.raises(StoreError, match="busy"), database.write():
        raise AssertionError("two at once")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM reading_study").fetchone() == (0,)
    database.close()


def test_migrations_are_run_by_their_name(tmp_path):
    """The folder works for Alembic's own commands, too."""
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(folder()))
    command.history(config)
    assert schema.HEAD in config.stdout.getvalue()
