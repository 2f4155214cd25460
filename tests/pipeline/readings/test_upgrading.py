"""A database of the first schema, as it was frozen then, is opened and read by this program."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from pipeline.readings import trail
from pipeline.readings.backup import back_up
from pipeline.readings.database import Database
from pipeline.readings.restoring import restore
from pipeline.readings.schema import HEAD
from pipeline.readings.store import Seat, Store
from pipeline.readings.upgrading import _version, revisions, upgrade

# What stands in the frozen databases: an invented study, with the codes of nobody.
FROZEN = Path(__file__).with_name("first_schema")
STUDY, CLOSED, DELETED = "99w34zg3", "mqmnwbhk", "9ecbwh6h"
OWNER, ANNA = "VSB1-YXZW-SDCE-0V3B", "ZZA7-E60H-E1WN-735Z"
HASH = "a9c3c22e5b0eebfe84c57b43b2dbfce2bed7e4316c39c49efe1f9955c5748a36"


@pytest.fixture
def old(address) -> str:
    """The address of a database as the first migration left it, with readings in it."""
    if address.startswith("sqlite"):
        script = (FROZEN / "sqlite.sql").read_text(encoding="utf-8")
        with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as connection:
            connection.executescript(script)
    else:
        script = (FROZEN / "postgresql.sql").read_text(encoding="utf-8")
        with closing(psycopg.connect(address, autocommit=True)) as connection:
            connection.execute(script)
    return address


def version(address: str) -> str | None:
    database = Database(address)
    with database.read() as connection:
        found = _version(connection)
    database.close()
    return found


def require_everything(address: str) -> None:
    """Read all that there is, as pages and commands do."""
    store = Store(address)
    assert [study.title for study in store.studies()] == ["Closed", "A drawn study"]
    assert store.study(DELETED).deleted
    assert store.study(CLOSED).closed
    study = store.study(STUDY)
    assert (study.n_cases, study.readers) == (2, ("anna", "bert"))
    assert [one.arm for one in study.design.passes] == ["overlay", "none"]
    assert store.enter(OWNER) == Seat(STUDY, None)
    assert store.enter(ANNA) == Seat(STUDY, "anna")
    for one in (STUDY, CLOSED, DELETED):
        assert store.verify(one).sound
    assert store.verify(STUDY).head == HASH
    first, second = store.readings(STUDY)
    assert (first.reader, first.case, first.label, second.label) == ("anna", 1, 0, 1)
    assert first.first.findings == ("opacity",)
    assert first.first.regions[0].width == 0.3
    assert (first.final.confidence, first.final.quality) == (5, "limited")
    assert first.comment == "Größe \u2028 'x' \"y\"; --"
    assert second.patient == "P9"
    assert store.progress(STUDY, "bert", 1, 1).draft == {"half": "filled"}
    assert [item.state for item in store.worklist(STUDY, "anna")].count("finished") == 2
    picture = store.picture(STUDY, 2)
    assert picture.image.shape == (64, 64)
    assert picture.image[0, 1] == 253
    assert picture.depth.values[63, 63] == 63 * 903
    assert picture.spacing_mm == (0.2, 0.2)
    assert store.explanation(STUDY, 2).seed == 4
    assert store.explanation(STUDY, 1).heat[0, 0] == 0.5
    assert store.model_call(STUDY, 2).reasons == ("too dark",)
    store.dispose()


def test_the_frozen_database_is_of_the_first_schema(old):
    assert version(old) == revisions()[0]


def test_a_database_of_the_first_schema_is_brought_up_to_date_and_read(old):
    Store(old).dispose()
    assert version(old) == HEAD
    require_everything(old)


def test_every_schema_on_the_way_leads_on(old):
    """One step at a time, as somebody would who never skipped a version."""
    for revision in revisions():
        database = Database(old)
        upgrade(database, revision)
        database.close()
        assert version(old) == revision
    require_everything(old)


def test_readings_go_on_after_the_upgrade(old):
    store = Store(old)
    case = next(item.case for item in store.worklist(STUDY, "bert") if item.pass_number == 1)
    store.begin(STUDY, "bert", 1, case)
    assert store.events(STUDY)[-1].what == trail.OPENED
    assert store.verify(STUDY).sound
    store.dispose()


def test_an_old_database_is_backed_up_and_restored(old, tmp_path):
    back_up(old, tmp_path / "backup.zip")
    restore(f"sqlite:///{tmp_path / 'new.sqlite'}", tmp_path / "backup.zip")
    require_everything(f"sqlite:///{tmp_path / 'new.sqlite'}")


def test_a_backup_of_the_first_schema_is_restored(tmp_path, address):
    """It was written when that schema was the newest, and is stored as it was written then."""
    restore(address, FROZEN / "backup.zip")
    assert version(address) == HEAD
    require_everything(address)
