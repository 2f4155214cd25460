import json
import os
import signal
import subprocess
import sys

import pytest

from pipeline.storage import replacing, write_json, write_text


def test_a_failed_block_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "run.json"
    write_text(path, "old")
    with pytest.raises(ZeroDivisionError), replacing(path) as temporary:
        temporary.write_text("half" * (1 // 0))
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["run.json"]


def test_a_killed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "run.json"
    write_text(path, "old")
    script = (
        "import os, signal, sys; from pathlib import Path; from pipeline.storage import replacing\n"
        "with replacing(Path(sys.argv[1])) as temporary:\n"
        "    temporary.write_text('half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert path.read_text() == "old"
    assert all(n.startswith(".partial-") for n in os.listdir(tmp_path) if n != "run.json")


def test_the_temporary_file_keeps_the_suffix_by_which_formats_are_chosen(tmp_path):
    with replacing(tmp_path / "model.keras") as temporary:
        assert temporary.suffix == ".keras"


def test_the_file_can_be_read_by_others(tmp_path):
    write_text(tmp_path / "a.txt", "x")
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o644


def test_what_json_cannot_say_becomes_null(tmp_path):
    write_json(tmp_path / "a.json", {"a": [1.5, float("nan")], "b": (float("inf"), "ä")})
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"a": [1.5, None], "b": [None, "ä"]}
    assert "ä" in text
