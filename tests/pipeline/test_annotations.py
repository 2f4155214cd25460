"""What people write to a run stays, and a file of it is whole or not there."""

import json
import threading

import pytest

from pipeline.__main__ import main
from pipeline.annotations import (
    FILE,
    LONGEST_NOTE,
    LONGEST_TAG,
    MOST_TAGS,
    Annotations,
    read,
    write,
)
from pipeline.errors import RunError
from pipeline.runs import open_run
from pipeline.storage import write_json, write_text


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path))
    folder = tmp_path / "runs" / "mine"
    folder.mkdir(parents=True)
    document = {
        "name": "mine",
        "status": "recorded",
        "title": "Mine",
        "architecture": "compact",
        "parameters": {"total": 7},
        "config": {},
    }
    write_json(folder / "run.json", document)
    return open_run(folder.parent, "mine")


def test_what_is_written_is_read_again(run):
    assert read(run) == Annotations()
    told = Annotations(("keep", "für später"), "Zwei Zeilen:\nsie bleiben.")
    write(run, told)
    assert read(run) == told
    assert json.loads((run.folder / FILE).read_text(encoding="utf-8"))["schema"] == 1
    assert read(open_run(run.folder.parent, "mine")) == told


def test_without_tags_and_note_the_file_goes(run):
    write(run, Annotations(("keep",)))
    write(run, Annotations())
    write(run, Annotations())
    assert not (run.folder / FILE).exists()


def test_a_tag_counts_once_and_without_blanks_around():
    told = Annotations((" Keep ", "keep", "", "  ", "two   words"), "  a note \r\n over two lines ")
    assert told.tags == ("Keep", "two words")
    assert told.note == "a note \n over two lines"


@pytest.mark.parametrize(
    ("tags", "note", "why"),
    [
        (("a" * (LONGEST_TAG + 1),), "", "cannot be a tag"),
        (("one,two",), "", "cannot be a tag"),
        (("bell\x07",), "", "cannot be a tag"),
        (tuple(f"t{i}" for i in range(MOST_TAGS + 1)), "", "too many"),
        ((), "a" * (LONGEST_NOTE + 1), "too long"),
        ((), "\x1b[31m", "cannot be seen"),
    ],
)
def test_what_cannot_be_kept_has_a_sentence(tags, note, why):
    with pytest.raises(RunError, match=why):
        Annotations(tags, note)


def test_limits_can_be_reached():
    told = Annotations(tuple(f"{i:0{LONGEST_TAG}}" for i in range(MOST_TAGS)), "a" * LONGEST_NOTE)
    assert len(told.tags) == MOST_TAGS


def test_tags_come_and_go():
    told = Annotations(("keep", "Old"), "a note")
    changed = told.changed(tag=["new", "KEEP"], untag=["old", "never there"])
    assert changed == Annotations(("keep", "new"), "a note")
    assert changed.changed(note="").note == ""


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"tags": []}',
        '{"schema": 2, "tags": []}',
        '{"schema": 1, "tags": "keep"}',
        '{"schema": 1, "tags": [3]}',
        '{"schema": 1, "note": ["a"]}',
        '{"schema": 1, "tags": ["one,two"]}',
    ],
)
def test_a_damaged_file_has_a_sentence(run, content):
    write_text(run.folder / FILE, content)
    with pytest.raises(RunError, match=r"annotations\.json of mine"):
        read(run)


def test_a_folder_that_is_gone_has_a_sentence(run):
    (run.folder / "run.json").unlink()
    run.folder.rmdir()
    with pytest.raises(RunError, match="cannot be written"):
        write(run, Annotations(("keep",)))


def test_many_who_write_at_once_never_leave_a_broken_file(run):
    wanted = [Annotations((f"writer {i}",), f"{i} " * 500) for i in range(8)]
    seen, stop = [], threading.Event()

    def look():
        while not stop.is_set():
            seen.append(read(run))

    reader = threading.Thread(target=look)
    writers = [
        threading.Thread(target=lambda told=told: [write(run, told) for _ in range(10)])
        for told in wanted
    ]
    reader.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    stop.set()
    reader.join()
    assert read(run) in wanted
    assert seen
    assert all(told == Annotations() or told in wanted for told in seen)
    assert [path.name for path in run.folder.iterdir() if path.name.startswith(".")] == []


def test_the_command_keeps_and_prints_tags_and_note(run, capsys):
    assert main(["runs", "note", "mine"]) == 0
    assert capsys.readouterr().out == "mine: no tag\nno note\n"
    assert main(["runs", "note", "mine", "--tag", "keep", "--tag", "b", "--text", "Good."]) == 0
    assert main(["runs", "--json", "note", "mine", "--untag", "b"]) == 0
    out = capsys.readouterr().out.split("Good.\n", 1)[1]
    assert json.loads(out) == {"run": "mine", "tags": ["keep"], "note": "Good."}
    assert main(["runs", "note", "mine", "--text", ""]) == 0
    assert read(run) == Annotations(("keep",))


def test_the_command_names_what_cannot_be(run, capsys):
    assert main(["runs", "note", "mine", "--tag", "a,b"]) == 1
    assert "cannot be a tag" in capsys.readouterr().err
    assert main(["runs", "note", "nobody"]) == 1
    assert "no run called 'nobody'" in capsys.readouterr().err
