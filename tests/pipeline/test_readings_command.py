"""`python -m pipeline readings`: a whole study from a shell."""

import io
import json
import stat
import zipfile

import numpy as np
import pytest

from pipeline.__main__ import main
from pipeline.images import encode_png
from pipeline.readings.reading import Answer
from pipeline.readings.store import Store


@pytest.fixture
def artifacts(brightness_run, monkeypatch):
    folder = brightness_run.parent.parent
    monkeypatch.setenv("XRAY_ARTIFACTS", str(folder))
    monkeypatch.delenv("XRAY_DATABASE_URL", raising=False)
    return folder


@pytest.fixture
def pictures(tmp_path):
    for number, name in enumerate(["NORMAL/a.png", "NORMAL/b.png", "PNEUMONIA/c.png"]):
        path = tmp_path / "pictures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_png(np.full((70, 70), 50 + 60 * number, np.uint8)))
    return tmp_path / "pictures"


@pytest.fixture
def call(artifacts, capsys):
    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(["readings", *arguments])
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


@pytest.fixture
def made(call, pictures) -> dict:
    status, out, _ = call(
        *("create", "--title", "Ours", "--cases", str(pictures), "--readers", "a, b"),
        *("--pass", "none", "--pass", "score:ai-first:2", "--washout", "7", "--json"),
        *("--findings", "effusion,opacity", "--scale", "100", "--quality", "--seed", "4"),
    )
    assert status == 0
    return json.loads(out)


def test_a_study_is_made_read_and_taken_away(call, made, tmp_path):
    study = made["study"]
    store = Store.from_environment()
    design = store.study(study).design
    assert [(one.arm, one.order, one.cases) for one in design.passes] == [
        ("none", "read-then-reveal", None),
        ("score", "ai-first", 2),
    ]
    assert (design.scale, design.quality, design.findings) == (100, True, ("effusion", "opacity"))
    answer = Answer(True, 60, quality="good")
    store.answer(study, "a", 1, 1, answer=answer, seconds=1, key="k")
    store.dispose()
    assert "Ours" in call("list")[1]
    assert json.loads(call("list", "--json")[1])[0]["readers"] == ["a", "b"]
    rows = json.loads(call("progress", study, "--json")[1])
    assert [(row["reader"], row["pass"], row["finished"], row["cases"]) for row in rows] == [
        ("a", 1, 1, 3),
        ("a", 2, 0, 2),
        ("b", 1, 0, 3),
        ("b", 2, 0, 2),
    ]
    assert "1 of 3" in call("progress", study)[1]
    out = tmp_path / "taken.zip"
    assert call("export", study, "--out", str(out))[0] == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with zipfile.ZipFile(io.BytesIO(out.read_bytes())) as archive:
        assert "readings.parquet" in archive.namelist()


def test_codes_are_shown_once_and_replaced(call, made):
    store = Store.from_environment()
    assert store.enter(made["owner"]).reader is None
    assert store.enter(made["readers"]["b"]).reader == "b"
    status, out, _ = call("codes", made["study"], "b", "--owner")
    owner, b = (line.split()[0] for line in out.splitlines())
    assert (status, store.enter(owner).reader, store.enter(b).reader) == (0, None, "b")
    store.dispose()
    status, out, told = call("codes", made["study"])
    assert (status, out) == (1, "")
    assert "cannot be shown again" in told


def test_the_truth_comes_from_a_table(call, made, tmp_path):
    table = tmp_path / "truth.csv"
    table.write_text("case,label\n1,PNEUMONIA\n2,0\n")
    assert call("truth", made["study"], str(table))[1] == "The truth of 2 cases is stored.\n"
    table.write_text("case,label\n1,PNEUMONIA\n2,perhaps\n")
    status, _, told = call("truth", made["study"], str(table))
    assert status == 1
    assert told.startswith("Line 3 of the table")
    assert call("truth", made["study"], str(tmp_path / "none.csv"))[0] == 1


def test_a_study_is_checked_closed_and_deleted(call, made):
    study = made["study"]
    status, out, _ = call("verify", study)
    head = out.splitlines()[-1].removeprefix("Last hash: ")
    assert status == 0
    assert call("verify", study, "--head", head)[0] == 0
    assert call("close", study)[0] == 0
    assert call("verify", study, "--head", head)[0] == 0  # the trail has only grown
    status, out, _ = call("verify", study, "--head", "0" * 64)
    assert status == 1
    assert "cut off or replaced" in out
    status, _, told = call("delete", study)
    assert status == 1
    assert "--yes" in told
    assert len(json.loads(call("list", "--json")[1])) == 1
    assert call("delete", study, "--yes")[0] == 0
    assert json.loads(call("list", "--json")[1]) == []
    assert call("verify", study)[0] == 0
    assert "No study yet" in call("list")[1]


def test_what_cannot_be_read_stops_it_unless_it_is_left_out(call, pictures):
    (pictures / "broken.png").write_bytes(b"no picture")
    wanted = ("create", "--title", "T", "--cases", str(pictures), "--readers", "a", "--arm", "none")
    status, out, told = call(*wanted)
    assert (status, out) == (1, "")
    assert "broken.png: " in told
    assert "nothing was made" in told
    assert json.loads(call("list", "--json")[1]) == []
    status, out, _ = call(*wanted, "--skip-bad")
    assert status == 0
    assert "3 cases" in out


def test_repeats_are_a_second_pass(call, pictures):
    wanted = ("create", "--title", "T", "--cases", str(pictures), "--readers", "a", "--arm", "text")
    assert call(*wanted, "--repeats", "2")[0] == 0
    store = Store.from_environment()
    (study,) = store.studies()
    assert [(one.arm, one.cases) for one in study.design.passes] == [("text", None), ("text", 2)]
    store.dispose()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--readers", "a@b.org"), "e-mail"),
        (("--title", "x" * 81), "title"),
        (("--findings", "x,x"), "findings"),
        (("--point", "nowhere"), "operating point"),
        (("--run", "nobody"), "no run called"),
        (("--cases", "missing folder"), "does not exist"),
        (("--cases", "test:2", "--truth", "t.csv"), "truth already"),
        (("--truth", "missing.csv"), "cannot be read"),
        (("--repeats", "50"), "Pass 2 wants 50"),
    ],
)
def test_what_cannot_be_is_told(call, pictures, options, said):
    plain = {"--title": "T", "--cases": str(pictures), "--readers": "a", "--arm": "none"}
    plain |= dict(zip(options[::2], options[1::2], strict=True))
    status, out, told = call("create", *(word for pair in plain.items() for word in pair))
    assert (status, out) == (1, "")
    assert said in told


@pytest.mark.parametrize("text", ["", "some", "none:never", "none::0", "none::x", "none::1:2"])
def test_a_pass_that_cannot_be_read_is_wrong_usage(call, capsys, text):
    with pytest.raises(SystemExit) as ended:
        call("create", "--title", "T", "--cases", "x", "--readers", "a", "--pass", text)
    assert ended.value.code == 2
    assert "must be one of none, text, score, overlay" in capsys.readouterr().err


def test_an_unknown_study_is_told(call):
    for action in ("codes", "progress", "verify", "close", "agreement"):
        status, _, told = call(action, "nosuchid")
        assert status == 1
        assert "no such study" in told


def test_a_database_that_is_not_there_is_told(call, monkeypatch):
    monkeypatch.setenv("XRAY_DATABASE_URL", "postgresql://me:pa55word@127.0.0.1:1/name")
    status, out, told = call("list")
    assert (status, out) == (1, "")
    assert "cannot be reached" in told
    assert "pa55word" not in told


def test_a_backup_is_written_and_brought_back(call, made, tmp_path, monkeypatch):
    file = tmp_path / "backup.zip"
    status, out, _ = call("backup", "--to", str(file))
    assert status == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    head = call("verify", made["study"])[1].rpartition(": ")[2].strip()
    assert f"{made['study']}  1 entries of the audit trail, the last hash {head}" in out
    status, _, err = call("restore", str(file))
    assert status == 1
    assert "nothing is ever overwritten" in err
    monkeypatch.setenv("XRAY_DATABASE_URL", f"sqlite:///{tmp_path / 'new.sqlite'}")
    status, out, _ = call("restore", str(file))
    assert status == 0
    assert head in out
    assert call("verify", made["study"])[0] == 0
    assert json.loads(call("list", "--json")[1])[0]["id"] == made["study"]


def test_a_study_is_made_of_what_a_batch_has_judged(call, capsys, tmp_path, radiograph):
    folder, out = tmp_path / "batch", tmp_path / "results.parquet"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.png").write_bytes(encode_png(radiograph // (number + 1)))
    assert main(["batch", str(folder), "--out", str(out)]) == 0
    capsys.readouterr()
    asked = ("create", "--title", "Doubt", "--readers", "a", "--arm", "score", "--json")
    status, told, _ = call(*asked, "--cases", f"{out}:3", "--least-sure")
    assert status == 0
    assert json.loads(told)["cases"] == 3
    assert "Leave --truth out" in call(*asked, "--cases", str(out), "--truth", str(out))[2]
    assert "Leave --least-sure out" in call(*asked, "--cases", str(folder), "--least-sure")[2]
