"""What is taken away says what was said, in every form alike, and nothing else."""

import csv
import dataclasses
import hashlib
import io
import json
import zipfile

import numpy as np
import pytest
from pyarrow import parquet

from pipeline.images import Picture, encode_png
from pipeline.readings.columns import TABLES
from pipeline.readings.design import Pass
from pipeline.readings.export import as_zip, exported
from pipeline.readings.reading import Answer, Rating, Region, Shown
from pipeline.readings.store import NewCase, Store
from pipeline.spreadsheet import harmless

HIGHLIGHTED = [{"superpixel": 7, "weight": -0.5}]


@pytest.fixture
def store(tmp_path):
    opened = Store(f"sqlite:///{tmp_path / 'readings.sqlite'}")
    yield opened
    opened.dispose()


@pytest.fixture
def made(store, design, cases):
    """A study of which one case is read with everything, one half, and one in another pass."""
    plan = design(Pass(), Pass("none", cases=1), findings=("-effusion", "opacity"), quality=True)
    new = [dataclasses.replace(case, patient=f"=P{n}") for n, case in enumerate(cases(2))]
    created = store.create(plan, new, ["@a", "b"])
    study = created.study_id
    first = Answer(True, 5, ("opacity", "-effusion"), (Region(0.1, 0.2, 0.3, 0.4),), "good")
    final = Answer(False, 2, (), (Region(0, 0, 0.5, 0.5), Region(0.5, 0, 0.5, 1)), "limited")
    for case in (1, 2):
        place = (study, "@a", 1, case)
        store.answer(*place, answer=first, seconds=2.5, key=f"={case}")
        call = store.model_call(study, case)
        explanation = {"method": "lime", "segments": "slic", "fill": "blur", "seed": 3}
        shown = Shown(
            *("overlay", "a-run", "ab" * 32, call.probability, 0.5, call.pneumonia),
            explanation | {"highlighted": HIGHLIGHTED},
        )
        store.reveal(*place, shown=shown, key=f"={case}")
        store.finish(
            *place,
            final=final,
            ratings=(Rating(7, -0.5, "implausible", "=HYPERLINK(0)"),),
            comment='=cmd|"/c calc"!A1',
            seconds=4,
            key=f"={case}",
        )
    store.answer(study, "b", 1, 1, answer=Answer(False, 1, quality="good"), seconds=1, key="k")
    again = store.worklist(study, "@a")[-1].case
    said = Answer(True, 1, quality="not readable")
    store.answer(study, "@a", 2, again, answer=said, seconds=1, key="k", comment="+\nnew line, ;")
    return created


def rows(content: bytes) -> list[dict]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_every_table_has_the_columns_that_are_explained(store, made):
    found = exported(store, made.study_id)
    for table, columns in TABLES.items():
        names = [column.name for column in columns]
        assert found.tables[table]
        assert all(list(row) == names for row in found.tables[table])
        assert list(rows(found.csv(table))[0]) == names
        assert parquet.read_schema(io.BytesIO(found.parquet(table))).names == names
    explained = [(row["table"], row["column"]) for row in rows(found.dictionary())]
    assert explained == [(table, one.name) for table, columns in TABLES.items() for one in columns]


def test_readings_are_told_whole(store, made):
    found = exported(store, made.study_id)
    row = found.tables["readings"][0]
    told = {
        "reader": "@a",
        "pass": 1,
        "case": 1,
        "label": 0,
        "first_pneumonia": True,
        "first_confidence": 5,
        "first_score": 5,
        "first_findings": "opacity; -effusion",
        "final_pneumonia": False,
        "final_score": -2,
        "final_quality": "limited",
        "switched": True,
        "shown_run_sha256": "ab" * 32,
        "shown_method": "lime",
        "shown_seed": 3,
        "seconds_first": 2.5,
        "seconds_final": 4.0,
    }
    assert {name: row[name] for name in told} == told
    half = next(row for row in found.tables["readings"] if row["reader"] == "b")
    assert (half["first_score"], half["final_score"], half["switched"]) == (-1, None, None)
    assert len(found.tables["readings"]) == 4
    assert [row["weight"] for row in found.tables["ratings"]] == [-0.5, -0.5]
    assert len(found.tables["regions"]) == 2 * 3
    positions = {
        (row["reader"], row["pass"], row["case"]): row["position"]
        for row in found.tables["readings"]
    }
    for item in store.worklist(made.study_id, "@a"):
        assert positions["@a", item.pass_number, item.case] == item.position


def test_parquet_and_csv_say_the_same(store, made):
    found = exported(store, made.study_id)
    for table in TABLES:
        typed = parquet.read_table(io.BytesIO(found.parquet(table))).to_pylist()
        assert typed == [dict(row) for row in found.tables[table]]
        for row, plain in zip(typed, rows(found.csv(table)), strict=True):
            for name, value in row.items():
                text = "" if value is None else str(harmless(value))
                assert plain[name] == text


def test_no_cell_of_a_csv_is_a_formula_and_numbers_stay_numbers(store, made):
    found = exported(store, made.study_id)
    for table, columns in TABLES.items():
        numbers = {one.name for one in columns if one.kind in ("number", "whole number")}
        for row in rows(found.csv(table)):
            for name, cell in row.items():
                if name in numbers:
                    assert not cell or np.isfinite(float(cell))
                else:
                    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    first = rows(found.csv("readings"))[0]
    assert first["comment"] == "'" + '=cmd|"/c calc"!A1'
    assert first["final_score"] == "-2"
    assert rows(found.csv("ratings"))[0]["weight"] == "-0.5"
    assert {row["reader"] for row in rows(found.csv("readings"))} == {"'@a", "b"}


def test_everything_is_in_one_zip_and_the_same_study_gives_the_same_one(store, made):
    content = as_zip(store, made.study_id)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        forms = {f"{table}.{form}" for table in TABLES for form in ("csv", "parquet")}
        assert set(archive.namelist()) == {"study.json", "columns.csv", *forms}
        document = json.loads(archive.read("study.json"))
    assert document["study"]["design"]["title"] == "A study"
    assert len(document["readings"]) == 4
    assert document["readings"][0]["final"]["regions"][1]["x"] == 0.5
    assert [case["patient"] for case in document["cases"]] == ["=P0", "=P1"]
    assert as_zip(store, made.study_id) == content


def test_the_exported_trail_can_be_checked_without_this_program(store, made):
    document = json.loads(exported(store, made.study_id).json())
    previous = "0" * 64
    names = ("study", "number", "who", "turn", "at", "what", "pass", "case", "key", "payload")
    for row in document["audit"]:
        text = json.dumps([row[name] for name in names], sort_keys=True, separators=(",", ":"))
        previous = hashlib.sha256((previous + text).encode()).hexdigest()
        assert (row["hash"], row["payload"] is not None) == (previous, True)
    assert previous == store.verify(made.study_id).head


def test_no_code_and_no_pixel_is_taken_away(store, design):
    image = np.random.default_rng(5).integers(0, 256, (64, 64), dtype=np.uint8)
    case = NewCase(Picture(image, 0.0, "ef" * 32), "P1", 1, 0.75, True, True)
    made = store.create(design(), [case], ["a"])
    content = as_zip(store, made.study_id)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    for code in (made.owner_code, made.reader_codes["a"]):
        assert code.encode() not in everything
        assert code.replace("-", "").encode() not in everything
    assert image.tobytes()[:16] not in everything
    assert encode_png(image)[64:96] not in everything
    assert b"ef" * 32 in everything  # the file is told by its hash


def test_text_that_utf8_cannot_say_is_escaped(store, design, cases):
    made = store.create(design(Pass("none")), cases(1), ["a"])
    place = (made.study_id, "a", 1, 1)
    store.answer(*place, answer=Answer(True, 1), seconds=1, key="k", comment="half \ud83d")
    found = exported(store, made.study_id)
    assert b"half \\ud83d" in found.csv("readings")
    (row,) = parquet.read_table(io.BytesIO(found.parquet("readings"))).to_pylist()
    assert row["comment"] == "half \\ud83d"
    assert json.loads(found.json())["readings"][0]["comment"] == "half \ud83d"
