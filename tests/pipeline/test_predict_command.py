"""`python -m pipeline predict` answers for every file it is given, in order."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from pipeline.__main__ import main
from pipeline.images import encode_jpeg, encode_png

KEYS = ["file", "sha256", "run", "probability", "threshold", "decision", "accepted", "reasons"]


@pytest.fixture
def artifacts(brightness_run, monkeypatch):
    monkeypatch.setenv("XRAY_ARTIFACTS", str(brightness_run.parent.parent))
    return brightness_run.parent.parent


@pytest.fixture
def files(radiograph, tmp_path):
    contents = {
        "good.png": encode_png(radiograph),
        "inverted.png": encode_png(255 - radiograph),
        "cut.jpeg": encode_jpeg(radiograph)[:-100],
        "jpeg named.png": encode_jpeg(radiograph),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return {name: str(tmp_path / name) for name in contents}


def predict(capsys, *arguments: str) -> tuple[int, list[dict]]:
    status = main(["predict", *arguments, "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_every_verdict_has_all_its_parts(artifacts, files, capsys):
    status, rows = predict(capsys, files["good.png"])
    assert status == 0
    (row,) = rows
    assert list(row) == KEYS
    assert row["file"] == files["good.png"]
    assert row["sha256"] == hashlib.sha256(Path(files["good.png"]).read_bytes()).hexdigest()
    assert (row["run"], row["threshold"], row["decision"]) == ("brightness", 0.5, "NORMAL")
    assert (row["accepted"], row["reasons"]) == (True, [])


def test_an_unreadable_file_does_not_stop_the_others(artifacts, files, capsys, tmp_path):
    asked = [
        files["cut.jpeg"],
        files["good.png"],
        str(tmp_path),
        str(tmp_path / "missing.png"),
        files["inverted.png"],
        files["jpeg named.png"],
    ]
    status, rows = predict(capsys, *asked)
    assert status == 1
    assert [row["file"] for row in rows] == asked
    for position in (0, 2, 3):
        assert list(rows[position]) == ["file", "error", "hint"]
    assert "breaks off" in rows[0]["error"]
    assert "folder" in rows[2]["error"]
    assert "No such file" in rows[3]["error"]
    assert rows[4]["accepted"] is False
    assert rows[4]["reasons"]
    assert 0 < rows[4]["probability"] < 1
    assert rows[5]["accepted"] is True


def test_run_and_operating_point_can_be_named(artifacts, files, capsys):
    arguments = ["--run", "brightness", "--point", "sensitivity_95"]
    status, rows = predict(capsys, files["good.png"], *arguments)
    assert (status, rows[0]["threshold"], rows[0]["decision"]) == (0, 0.2, "PNEUMONIA")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--run", "nobody"], "brightness"), (["--point", "best"], "balanced, sensitivity_95")],
)
def test_an_unknown_run_or_point_names_those_that_exist(artifacts, files, capsys, arguments, words):
    assert main(["predict", files["good.png"], *arguments]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err


def test_without_a_run_the_next_step_is_named(files, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path / "nothing here"))
    assert main(["predict", files["good.png"]]) == 1
    assert "python -m pipeline train" in capsys.readouterr().err


def test_several_hundred_files_come_back_in_order(artifacts, radiograph, tmp_path, capsys):
    small = radiograph[::4, ::4]
    paths = []
    for number in range(300):
        paths.append(tmp_path / f"{number}.png")
        paths[-1].write_bytes(encode_png((small * (0.4 + number / 400)).astype("uint8")))
    status, rows = predict(capsys, *map(str, paths))
    assert status == 0
    assert [row["file"] for row in rows] == [str(path) for path in paths]
    scores = [row["probability"] for row in rows]
    assert scores[0] < 0.3
    assert scores[299] > scores[150] > scores[0]


def test_a_name_that_is_no_text_is_printed_safely(artifacts, radiograph, tmp_path, capsys):
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\x1b[31m\n \xc3\xa9.png")
    Path(odd).write_bytes(encode_png(radiograph))
    status, rows = predict(capsys, odd)
    assert (status, rows[0]["file"]) == (0, odd)
    assert main(["predict", odd]) == 0
    table = capsys.readouterr().out
    assert r"/\udcff\x1b[31m\n é.png" in table
    assert "\x1b" not in table


def test_the_table_says_what_is_doubtful_and_why(artifacts, files, capsys):
    assert main(["predict", files["inverted.png"], files["cut.jpeg"]]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "(doubtful)" in lines[1]
    assert "inverted" in lines[2]
    assert "Download or export it again." in lines[-1]


def test_an_override_records_its_reason_with_refused_pictures_alone(artifacts, files, capsys):
    asked = [files["good.png"], files["inverted.png"], files["cut.jpeg"]]
    status, rows = predict(capsys, *asked, "--override", " shown inverted on purpose ")
    assert status == 1
    assert list(rows[0]) == KEYS
    assert list(rows[1]) == [*KEYS, "override"]
    assert rows[1]["override"] == {"reason": "shown inverted on purpose"}
    assert rows[1]["accepted"] is False
    assert list(rows[2]) == ["file", "error", "hint"]
    assert main(["predict", files["inverted.png"], "--override", "a\x1b[31m test"]) == 0
    table = capsys.readouterr().out
    assert r"Judged anyway: a\x1b[31m test" in table
    assert "\x1b" not in table


def test_an_override_must_say_why(artifacts, files, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["predict", files["inverted.png"], "--override", "  "])
    assert stopped.value.code == 2
    assert "must say why" in capsys.readouterr().err
