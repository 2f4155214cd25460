"""The speed of every network; how fast it is, no test decides."""

import json
import shutil

import pytest

from pipeline.__main__ import main
from pipeline.benchmark import latency
from pipeline.classifier import BATCH
from pipeline.errors import RunError
from pipeline.runs import open_run


@pytest.fixture
def two_runs(brightness_run, monkeypatch):
    other = brightness_run.parent / "other"
    shutil.copytree(brightness_run, other)
    monkeypatch.setenv("XRAY_ARTIFACTS", str(brightness_run.parent.parent))
    return [open_run(other.parent, name) for name in ("brightness", "other")]


def test_every_network_is_timed_as_often(two_runs):
    said = []
    report = latency.measure(two_runs, rounds=3, say=said.append)
    assert list(report["runs"]) == ["brightness", "other"]
    for entry in report["runs"].values():
        assert (entry["ms"]["n"], entry["batch_ms"]["n"]) == (15, 3)
        assert 0 < entry["ms"]["median"] <= entry["ms"]["p95"]
        assert entry["batch_ms"]["size"] == BATCH
        assert (entry["parameters"], entry["size_px"]) == (4, 64)
        assert entry["onnx_mb"] > 0
    assert len(said) == 4


def test_a_damaged_network_is_left_out_with_its_reason(two_runs):
    (two_runs[1].folder / "model.onnx").write_bytes(b"broken")
    report = latency.measure(two_runs, rounds=1)
    assert list(report["runs"]) == ["brightness"]
    assert "other" in report["left_out"]["other"]


def test_without_any_network_there_is_a_sentence():
    with pytest.raises(RunError, match="no network to measure"):
        latency.measure([])


def test_the_command_measures_all_and_writes_where_the_pages_look(two_runs, capsys):
    assert main(["benchmark", "latency", "--repeats", "1", "--write", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    stored = two_runs[0].folder.parent.parent / "benchmarks" / "latency.json"
    assert json.loads(stored.read_text(encoding="utf-8")) == printed
    assert set(printed["runs"]) == {"brightness", "other"}


def test_the_command_measures_one_for_people_and_writes_nothing(two_runs, capsys):
    assert main(["benchmark", "latency", "--run", "other", "--repeats", "1"]) == 0
    printed = capsys.readouterr().out
    assert "other" in printed
    assert "brightness" not in printed
    assert not (two_runs[0].folder.parent.parent / "benchmarks").exists()
