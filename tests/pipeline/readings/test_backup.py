"""Backups: taken while people write, brought back into either database, hostile ones refused."""

import base64
import dataclasses
import hashlib
import io
import json
import os
import stat
import struct
import threading
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import StoreError
from pipeline.explain import Explanation
from pipeline.images import encode_png
from pipeline.readings import schema
from pipeline.readings.backup import all_rows, back_up, ordered
from pipeline.readings.database import Database
from pipeline.readings.design import Pass
from pipeline.readings.reading import Answer, Shown
from pipeline.readings.restoring import restore
from pipeline.readings.store import Store, next_of


@pytest.fixture
def other(address, tmp_path, request) -> str:
    """An empty database of the other kind than `address`."""
    if address.startswith("sqlite"):
        return request.getfixturevalue("postgresql")()
    return f"sqlite:///{tmp_path / 'other.sqlite'}"


def everything(address: str) -> dict[str, list]:
    """Return every row of every table, to the last bit."""
    database = Database(address)
    with database.snapshot() as connection:
        found = {
            table.name: [
                tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
                for row in all_rows(connection, table)
            ]
            for table in ordered()
        }
    database.close()
    return found


def read_one(store: Store, study: str, reader: str, case: int) -> None:
    """Take every step of a reading."""
    place, key = (study, reader, 1, case), f"{reader}-{case}"
    store.begin(*place)
    store.save_draft(*place, draft={"case": case}, seconds=1.5)
    store.answer(*place, answer=Answer(case % 2 == 0, 3), seconds=2.5, key=key)
    call = store.model_call(study, case)
    shown = Shown("overlay", "a-run", "ab" * 32, call.probability, 0.5, call.pneumonia)
    store.reveal(*place, shown=shown, key=key)
    store.finish(
        *place,
        final=Answer(True, 5),
        ratings=(),
        comment="Ünicode, \u2028 and 'quotes'",
        seconds=1,
        key=key,
    )


@pytest.fixture
def studies(store, design, cases, explanation) -> list[str]:
    """An open study, a closed and a deleted one; a draft; truth; explanations of two cases."""
    explained = [
        dataclasses.replace(one, explanation=explanation(seed=number), reasons=("a reason",))
        for number, one in enumerate(cases(2))
    ]
    first = store.create(design(Pass(), Pass("none", cases=1)), explained, ["a", "b"])
    read_one(store, first.study_id, "a", 1)
    store.begin(first.study_id, "b", 1, 2)
    store.save_draft(first.study_id, "b", 1, 2, draft={"half": "filled"}, seconds=4.5)
    store.set_truth(first.study_id, {1: (1, "P9"), 2: None})
    store.new_code(first.study_id, "b")
    second = store.create(design(title="Closed"), cases(3), ["a"])
    store.close_study(second.study_id)
    third = store.create(design(title="Deleted"), cases(1), ["a"])
    store.delete_study(third.study_id)
    return [first.study_id, second.study_id, third.study_id]


@pytest.fixture
def file(store, address, studies, tmp_path) -> Path:
    """A backup of `studies`."""
    path = tmp_path / "backup.zip"
    back_up(address, path)
    return path


def test_what_comes_back_is_what_was_there(store, address, other, studies, file):
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    found = restore(other, file)
    assert everything(other) == everything(address)
    assert sorted(found) == sorted(studies)
    assert all(told.sound for told in found.values())
    back = Store(other)
    for study in studies[:2]:
        assert back.events(study) == store.events(study)
        assert back.readings(study) == store.readings(study)
        for case in store.cases(study):
            before = store.picture(study, case.number)
            after = back.picture(study, case.number)
            assert (after.image == before.image).all()
            assert after.sha256 == before.sha256
    for field in dataclasses.fields(Explanation):
        np.testing.assert_equal(
            getattr(back.explanation(studies[0], 2), field.name),
            getattr(store.explanation(studies[0], 2), field.name),
        )
    assert back.progress(studies[0], "b", 1, 2) == store.progress(studies[0], "b", 1, 2)
    assert back.verify(studies[0]) == store.verify(studies[0])
    # Readers go on where they were, and the trail with them.
    read_one(back, studies[0], "b", 1)
    assert back.verify(studies[0]).sound
    back.dispose()


def test_a_code_opens_after_restoring_what_it_opened(
    store, address, other, design, cases, tmp_path
):
    made = store.create(design(), cases(1), ["a"])
    back_up(address, tmp_path / "backup.zip")
    content = (tmp_path / "backup.zip").read_bytes()
    restore(other, tmp_path / "backup.zip")
    back = Store(other)
    assert back.enter(made.reader_codes["a"]) == store.enter(made.reader_codes["a"])
    assert back.enter(made.owner_code).reader is None
    back.dispose()
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist()) + content
    assert made.owner_code.encode() not in whole


def test_backups_are_taken_while_ten_threads_write(store, address, other, design, cases, tmp_path):
    readers = [f"r{number}" for number in range(10)]
    study = store.create(design(), cases(3), readers).study_id
    began, failed = threading.Barrier(11), []

    def read(reader: str) -> None:
        try:
            began.wait(60)
            while item := next_of(store.worklist(study, reader)):
                read_one(store, study, reader, item.case)
        except (StoreError, threading.BrokenBarrierError) as error:
            failed.append(error)

    threads = [threading.Thread(target=read, args=(reader,)) for reader in readers]
    for thread in threads:
        thread.start()
    began.wait(60)
    taken = []
    while any(thread.is_alive() for thread in threads):
        taken.append(tmp_path / f"{len(taken)}.zip")
        found = back_up(address, taken[-1])
        assert found[study].sound
    for thread in threads:
        thread.join(timeout=60)
    assert failed == []
    taken.append(tmp_path / "last.zip")
    back_up(address, taken[-1])
    trail = store.events(study)
    lengths = []
    for number, path in enumerate({taken[0], taken[len(taken) // 2]}):
        somewhere = f"sqlite:///{tmp_path / f'{number}.sqlite'}"
        assert restore(somewhere, path)[study].sound
        back = Store(somewhere)
        lengths.append(len(back.events(study)))
        assert back.events(study) == trail[: lengths[-1]]  # one moment, nothing of a later one
        back.dispose()
    assert min(lengths) < len(trail)
    restore(other, taken[-1])
    assert everything(other) == everything(address)
    assert len(store.readings(study)) == 30


def test_a_database_with_readings_is_not_overwritten(store, address, studies, file):
    before = everything(address)
    with pytest.raises(StoreError, match="There are reader studies in the database already"):
        restore(address, file)
    assert everything(address) == before


def test_a_backup_is_not_overwritten(store, address, file):
    before = file.read_bytes()
    with pytest.raises(StoreError, match="is there already"):
        back_up(address, file)
    assert file.read_bytes() == before


def test_a_backup_that_cannot_be_written_is_one_sentence(store, address, tmp_path):
    with pytest.raises(StoreError, match="cannot be written"):
        back_up(address, tmp_path / "missing" / "backup.zip")


def test_a_killed_restore_leaves_an_empty_database(file, tmp_path, monkeypatch):
    target = f"sqlite:///{tmp_path / 'new.sqlite'}"
    child = os.fork()
    if child == 0:
        # Ends without a word where everything is written and nothing acknowledged.
        from pipeline.readings import restoring

        seen = restoring.verified

        def dies(connection):
            if "new.sqlite" in str(connection.engine.url):
                os._exit(9)
            return seen(connection)

        restoring.verified = dies
        restore(target, file)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert all(rows == [] for rows in everything(target).values())
    restore(target, file)
    assert Store(target).studies()


# --- what was damaged, or written by somebody else ------------------------------------------------


@pytest.fixture
def empty(tmp_path) -> str:
    """An empty database; whatever is tried, it must stay so."""
    address = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    Store(address).dispose()
    yield address
    assert all(rows == [] for rows in everything(address).values())


@pytest.fixture
def sqlite_file(tmp_path, design, cases, explanation) -> Path:
    """A small backup to be spoilt."""
    address = f"sqlite:///{tmp_path / 'source.sqlite'}"
    store = Store(address)
    one = dataclasses.replace(cases(1)[0], explanation=explanation())
    study = store.create(design(), [one], ["a", "b"]).study_id
    read_one(store, study, "a", 1)
    store.begin(study, "b", 1, 1)
    store.save_draft(study, "b", 1, 1, draft={}, seconds=1)
    store.dispose()
    back_up(address, tmp_path / "backup.zip")
    return tmp_path / "backup.zip"


REFUSED = "is no backup of readings, or it is damaged"


def test_a_cut_backup_is_refused(sqlite_file, empty, tmp_path):
    content = sqlite_file.read_bytes()
    cut = tmp_path / "cut.zip"
    for length in (0, 1, 100, *range(1000, len(content), 3000), len(content) - 1):
        cut.write_bytes(content[:length])
        with pytest.raises(StoreError, match=REFUSED):
            restore(empty, cut)


def test_a_damaged_backup_is_refused_or_whole(sqlite_file, tmp_path):
    """A flipped bit either does not matter to what is read, or is noticed."""
    content = bytearray(sqlite_file.read_bytes())
    whole = f"sqlite:///{tmp_path / 'whole.sqlite'}"
    restore(whole, sqlite_file)
    expected = everything(whole)
    generator, spoilt, refused = np.random.default_rng(0), tmp_path / "spoilt.zip", 0
    for number in range(40):
        place = int(generator.integers(len(content)))
        changed = bytearray(content)
        changed[place] ^= 1 << int(generator.integers(8))
        spoilt.write_bytes(changed)
        target = f"sqlite:///{tmp_path / f'{number}.sqlite'}"
        try:
            restore(target, spoilt)
        except StoreError:
            refused += 1
            if Path(target.removeprefix("sqlite:///")).exists():
                assert all(rows == [] for rows in everything(target).values())
        else:
            assert everything(target) == expected
    assert refused > 30


def spoilt(file: Path, change) -> Path:
    """Return the backup with its parts changed, and hashes and counts that fit again.

    ``change(about, tables)`` changes in place; `tables` are lists of rows.
    """
    with zipfile.ZipFile(file) as archive:
        about = json.loads(archive.read("backup.json"))
        tables = {
            name: [json.loads(line) for line in archive.read(f"{name}.jsonl").splitlines()]
            for name in about["tables"]
        }
    change(about, tables)
    path = file.with_name("changed.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in tables.items():
            lines = "".join(f"{json.dumps(row)}\n" for row in rows).encode()
            archive.writestr(f"{name}.jsonl", lines)
            if name in about["tables"]:
                about["tables"][name] |= {
                    "rows": len(rows),
                    "sha256": hashlib.sha256(lines).hexdigest(),
                }
        archive.writestr("backup.json", json.dumps(about))
    return path


def cell(table: str, row: int, column: str, value):
    """Return a change that puts `value` there."""
    place = [one.name for one in schema.metadata.tables[table].columns].index(column)

    def change(_, tables):
        tables[table][row][place] = value

    return change


def test_the_tests_own_way_to_write_one_is_right(sqlite_file, tmp_path):
    found = restore(f"sqlite:///{tmp_path / 'a.sqlite'}", spoilt(sqlite_file, lambda *_: None))
    assert all(told.sound for told in found.values())


def object_arrays() -> str:
    """Return an explanation of which an array is a pickle that would write a file."""

    class Evil:
        def __reduce__(self):
            return (Path.touch, (Path("unpickled"),))

    buffer = io.BytesIO()
    np.savez(buffer, rest=np.array([Evil()], dtype=object), allow_pickle=True)
    return base64.b64encode(buffer.getvalue()).decode()


def huge_picture() -> str:
    """Return a PNG that claims ten thousand megapixels."""
    png = bytearray(encode_png(np.zeros((64, 64), np.uint8)))
    png[16:24] = struct.pack(">II", 100_000, 100_000)
    return base64.b64encode(png).decode()


HOSTILE = {
    "another format": lambda about, _: about.update(format="something else"),
    "another version of the form": lambda about, _: about.update(schema=2),
    "no tables": lambda about, tables: (about["tables"].clear(), tables.clear()),
    "a table missing": lambda about, tables: (
        about["tables"].pop("reading_draft"),
        tables.pop("reading_draft"),
    ),
    "a table too many": lambda about, tables: (
        about["tables"].update(sqlite_master={"columns": ["sql"], "rows": 0, "sha256": ""}),
        tables.update(sqlite_master=[["DROP TABLE reading_event"]]),
    ),
    "other columns": lambda about, _: about["tables"]["reading_study"].update(
        columns=["id", "created", "design; DROP TABLE reading_event"]
    ),
    "a path as a table": lambda about, tables: (
        about["tables"].update({"../../outside": about["tables"].pop("reading_draft")}),
        tables.update({"../../outside": tables.pop("reading_draft")}),
    ),
    "a row too short": lambda _, tables: tables["reading_case"][0].pop(),
    "a row that is no list": lambda _, tables: tables["reading_case"].insert(0, {"study": 1}),
    "a row of nothing": lambda _, tables: tables["reading_case"].insert(0, None),
    "an orphan": cell("reading_case", 0, "study", "zzzzzzzz"),
    "text for a number": cell("reading_case", 0, "label", "1"),
    "true for a number": cell("reading_case", 0, "called", True),
    "a huge number": cell("reading_event", 0, "turn", 2**63),
    "infinity": cell("reading_case", 0, "probability", float("inf")),
    "a list for text": cell("reading_study", 0, "created", ["x"]),
    "text too long": cell("reading_event", 0, "what", "x" * 17),
    "a zero byte": cell("reading_case", 0, "patient", "P\x001"),
    "half a character": cell("reading_case", 0, "patient", "\ud800"),
    "nothing where something must be": cell("reading_case", 0, "sha256", None),
    "no base64": cell("reading_picture", 0, "png", "???"),
    "no picture": cell("reading_picture", 0, "png", "AAAA"),
    "a picture that claims too much": cell("reading_picture", 0, "png", huge_picture()),
    "no explanation": cell("reading_picture", 0, "explanation", "AAAA"),
    "a pickle": cell("reading_picture", 0, "explanation", object_arrays()),
    "no design": cell("reading_study", 0, "design", "{}"),
    "design that is no JSON": cell("reading_study", 0, "design", "["),
    "no moment": cell("reading_study", 0, "created", "yesterday"),
    "a draft that is no JSON": cell("reading_draft", 0, "document", "{"),
    "a draft of nobody": cell("reading_draft", 0, "reader", "nobody"),
    "payload that is no JSON": cell("reading_event", 1, "payload", "nonsense"),
    "payload that is no object": cell("reading_event", 0, "payload", "3"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_backup_is_refused(what, sqlite_file, empty, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = sorted(path.name for path in tmp_path.parent.iterdir())
    changed = spoilt(sqlite_file, HOSTILE[what])
    for unsound in (False, True):
        with pytest.raises(StoreError, match=REFUSED):
            restore(empty, changed, unsound)
    assert not Path("unpickled").exists()
    assert sorted(path.name for path in tmp_path.parent.iterdir()) == before


def test_what_was_changed_behind_the_trail_is_told(sqlite_file, empty):
    changed = spoilt(sqlite_file, cell("reading_case", 0, "patient", "P77"))
    with pytest.raises(StoreError, match=r"Case 1 was changed.*--unsound"):
        restore(empty, changed)


def test_it_is_restored_all_the_same_if_somebody_says_so(sqlite_file, tmp_path):
    changed = spoilt(sqlite_file, cell("reading_case", 0, "patient", "P77"))
    (told,) = restore(f"sqlite:///{tmp_path / 'a.sqlite'}", changed, unsound=True).values()
    assert told.problems == ("Case 1 was changed, added or taken out.",)


@pytest.mark.parametrize("revision", ["fffe", "head", "base", "../x", None, ["0001"]])
def test_a_backup_of_a_newer_program_is_refused(revision, sqlite_file, empty):
    changed = spoilt(sqlite_file, lambda about, _: about.update(revision=revision))
    with pytest.raises(StoreError, match="written by a newer version"):
        restore(empty, changed)


def test_members_that_nobody_told_of_are_refused(sqlite_file, empty, tmp_path):
    for name in ("../outside", "/etc/outside", "reading_study.jsonl", "x"):
        changed = tmp_path / "more.zip"
        changed.write_bytes(sqlite_file.read_bytes())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a name that is there twice
            with zipfile.ZipFile(changed, "a") as archive:
                archive.writestr(name, "x")
        with pytest.raises(StoreError, match=REFUSED):
            restore(empty, changed)
    assert not (tmp_path.parent / "outside").exists()


def test_a_bomb_is_refused_before_it_is_unpacked(sqlite_file, empty, tmp_path):
    changed = tmp_path / "bomb.zip"
    with zipfile.ZipFile(sqlite_file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["reading_draft.jsonl"] = b" " * (64 << 20)
    with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert changed.stat().st_size < 1 << 20
    with pytest.raises(StoreError, match=REFUSED) as caught:
        restore(empty, changed)
    assert "cannot be trusted" in str(caught.value.__cause__)


def test_a_description_that_is_too_long_is_refused(sqlite_file, empty):
    changed = spoilt(sqlite_file, lambda about, _: about.update(created="x" * (1 << 20)))
    with pytest.raises(StoreError, match=REFUSED):
        restore(empty, changed)


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"SQLite format 3\x00"])
def test_what_is_no_backup_is_refused(content, empty, tmp_path):
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=REFUSED):
        restore(empty, path)


def test_a_file_that_is_not_there_is_told(empty, tmp_path):
    with pytest.raises(StoreError, match="cannot be read"):
        restore(empty, tmp_path / "missing.zip")
    with pytest.raises(StoreError, match="cannot be read"):
        restore(empty, tmp_path)
