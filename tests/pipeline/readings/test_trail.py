"""The audit trail: the database refuses to change it, and its hashes tell if somebody did."""

import dataclasses
import hashlib
import json
import shutil
import sqlite3
from contextlib import closing

import psycopg
import pytest

from pipeline.readings import trail
from pipeline.readings.reading import Answer, Shown
from pipeline.readings.schema import KEPT_FOREVER
from pipeline.readings.store import Store


@pytest.fixture
def study(store, design, cases) -> str:
    """A study in which something was said."""
    made = store.create(design(), cases(3), ["a", "b"])
    for reader, case in (("a", 1), ("b", 1), ("a", 2)):
        place = (made.study_id, reader, 1, case)
        store.begin(*place)
        store.answer(*place, answer=Answer(True, 3), seconds=1, key=str(case))
    call = store.model_call(made.study_id, 1)
    shown = Shown("overlay", "a-run", "ab" * 32, call.probability, 0.5, call.pneumonia)
    store.reveal(made.study_id, "a", 1, 1, shown=shown, key="1")
    return made.study_id


def connection(address: str):
    """Connect past the store, as somebody with other programs would."""
    if address.startswith("sqlite"):
        return closing(sqlite3.connect(address.removeprefix("sqlite:///")))
    return closing(psycopg.connect(address, autocommit=True))


def execute(address: str, statement: str) -> None:
    with connection(address) as opened:
        opened.execute(statement)
        if isinstance(opened, sqlite3.Connection):
            opened.commit()


REFUSED = (sqlite3.IntegrityError, psycopg.errors.RaiseException)


@pytest.mark.parametrize("table", KEPT_FOREVER)
@pytest.mark.parametrize("change", ["UPDATE {} SET study = study", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_was_written(address, store, study, table, change):
    statement = change.format(table).replace(
        "study = study", "id = id" if table == "reading_study" else "study = study"
    )
    with pytest.raises(REFUSED, match="never changed or deleted"):
        execute(address, statement)
    assert store.verify(study).sound


def test_replacing_and_emptying_are_refused_too(address, store, study):
    statement = "TRUNCATE reading_event"
    if address.startswith("sqlite"):
        statement = (
            "INSERT OR REPLACE INTO reading_event SELECT study, number, who, turn, at, what, "
            "pass_number, case_number, once, key, '{}', previous, hash FROM reading_event "
            "WHERE number = 2"
        )
    with pytest.raises(REFUSED, match="never changed or deleted"):
        execute(address, statement)
    assert store.verify(study).sound


@pytest.mark.parametrize("what", ["answered", "opened"])
def test_no_step_stands_there_twice(address, store, study, what):
    """The database itself refuses the double of a step that is taken once."""
    double = (
        "INSERT INTO reading_event SELECT study, 99, who, 99, at, what, pass_number, case_number, "
        "once, 'another key', payload, previous, hash FROM reading_event WHERE number = "
        f"(SELECT min(number) FROM reading_event WHERE what = '{what}')"
    )
    if what == "opened":  # which may happen as often as it does
        execute(address, double)
        return
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.UniqueViolation)):
        execute(address, double)


# Behind the triggers' back, as somebody who owns the database could; then the hashes tell.
FORGERIES = {
    "payload": ("UPDATE reading_event SET payload = '{}' WHERE number = 3", "Entry 3 was changed"),
    "who": ("UPDATE reading_event SET who = 'b', turn = 9 WHERE number = 6", "is missing before"),
    "at": ("UPDATE reading_event SET at = '2020-01-01T00:00:00+00:00' WHERE number = 2", "Entry 2"),
    "hash": (f"UPDATE reading_event SET hash = '{'0' * 64}' WHERE number = 4", "Entry 5 does not"),
    "gap": ("DELETE FROM reading_event WHERE number = 4", "missing before entry 5"),
    "label": ("UPDATE reading_case SET label = 1 WHERE case_number = 1", "Case 1 was changed"),
    "case": ("UPDATE reading_case SET probability = 0.5 WHERE case_number = 2", "Case 2 was"),
    "order": ("UPDATE reading_order SET position = position + 9", "orders of cases were changed"),
    "design": (
        "UPDATE reading_study SET design = replace(design, '\"scale\": 5', '\"scale\": 100')",
        "design was changed",
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_what_was_changed_all_the_same_is_found(address, store, study, name):
    statement, found = FORGERIES[name]
    table = statement.split()[2 if statement.startswith("DELETE") else 1]
    unlock(address, table)
    execute(address, statement)
    told = store.verify(study)
    assert any(found in problem for problem in told.problems), told.problems


def test_a_picture_that_was_changed_or_taken_is_found(address, store, study):
    execute(
        address, "UPDATE reading_picture SET png = deep_png, deep_png = png WHERE case_number = 9"
    )
    assert store.verify(study).sound
    other = "x'00'" if address.startswith("sqlite") else "'\\x00'::bytea"
    execute(address, f"UPDATE reading_picture SET png = {other} WHERE case_number = 1")
    execute(address, "DELETE FROM reading_picture WHERE case_number = 2")
    assert store.verify(study).problems == (
        "The picture of case 1 was changed.",
        "The picture of case 2 is missing.",
    )


def test_an_end_that_was_cut_off_is_missed_by_its_hash(address, store, study):
    head = store.verify(study).head
    unlock(address, "reading_event")
    execute(address, "DELETE FROM reading_event WHERE number = 8")
    told = store.verify(study)
    assert told.sound  # the chain that is left is whole
    assert head != told.head
    assert head not in [event.hash for event in store.events(study)]


def unlock(address: str, table: str) -> None:
    if address.startswith("sqlite"):
        for change in ("update", "delete"):
            execute(address, f"DROP TRIGGER {table}_{change}")
    else:
        execute(address, f"DROP TRIGGER {table}_kept ON {table}")


def test_an_entry_says_who_did_what_when_and_with_which_network(store, study):
    events = store.events(study)
    assert [(event.number, event.who, event.turn, event.what) for event in events] == [
        (1, "owner", 1, "created"),
        (2, "a", 1, "opened"),
        (3, "a", 2, "answered"),
        (4, "b", 1, "opened"),
        (5, "b", 2, "answered"),
        (6, "a", 3, "opened"),
        (7, "a", 4, "answered"),
        (8, "a", 5, "revealed"),
    ]
    assert events[-1].payload["run_sha256"] == "ab" * 32
    assert events[0].payload["design"]["method"] == "lime"
    assert all(event.at.utcoffset().total_seconds() == 0 for event in events)


def test_the_hash_can_be_computed_by_anybody(store, study):
    previous = "0" * 64
    for event in store.events(study):
        content = [event.study, event.number, event.who, event.turn, event.at.isoformat()]
        content += [event.what, event.pass_number, event.case, event.key, dict(event.payload)]
        text = previous + json.dumps(content, sort_keys=True, separators=(",", ":"))
        previous = hashlib.sha256(text.encode()).hexdigest()
        assert event.hash == previous


def test_no_code_is_stored(tmp_path, design, cases):
    store = Store(f"sqlite:///{tmp_path / 'readings.sqlite'}")
    made = store.create(design(), cases(1), ["a"])
    new = store.new_code(made.study_id, "a")
    store.dispose()
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path, copy)
    content = b"".join(path.read_bytes() for path in copy.iterdir())
    for code in (made.owner_code, made.reader_codes["a"], new):
        for written in (code, code.replace("-", "")):
            assert written.encode() not in content
    assert new not in repr(made)


def test_faults_are_told_of_any_list_of_entries(store, study):
    events = store.events(study)
    assert trail.faults(events) == []
    assert trail.faults(events[1:]) == ["An entry is missing before entry 2."]
    swapped = [events[0], dataclasses.replace(events[2], number=2, turn=1), *events[2:]]
    assert trail.faults(swapped)
