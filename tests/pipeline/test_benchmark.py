"""The benchmarks measure what they say; how fast it is, no test decides."""

import json
import platform
import shutil

import numpy as np
import pytest

from pipeline.__main__ import main
from pipeline.benchmark import lime, machine, serve
from pipeline.errors import RunError
from pipeline.runs import open_run


@pytest.fixture
def brightness(brightness_run):
    return open_run(brightness_run.parent, brightness_run.name)


def test_a_fresh_process_answers_without_a_training_library(brightness):
    said = []
    report = serve.measure(brightness, repeats=2, warm=3, say=said.append)
    assert report["training_libraries"] == []
    assert len(report["cold_seconds"]["all"]) == len(said) == 2
    assert report["warm_ms"]["n"] == 6
    assert 0 < report["warm_ms"]["median"] <= report["warm_ms"]["p95"]
    # The first verdict of a process includes starting Python, the others do not.
    assert report["cold_seconds"]["median"] * 1000 > report["warm_ms"]["median"]
    assert report["peak_mb"] is None or 20 < report["peak_mb"] < 450


def test_a_process_that_fails_is_a_sentence(brightness):
    (brightness.folder / "model.onnx").write_bytes(b"broken")
    with pytest.raises(RunError, match="could not be served"):
        serve.measure(brightness, repeats=1, warm=1)


def test_every_contestant_is_timed_on_the_same_run(toy_run):
    report = lime.measure(toy_run, samples=12, repeats=3)
    seconds = report["seconds"]
    assert set(seconds) == {"stock", "stock_predict_on_batch", "ours", "forward"}
    for entry in seconds.values():
        assert len(entry["all"]) == 3
        assert entry["median"] == np.median(entry["all"]) > 0
    assert report["ratios"]["stock_to_ours"] == pytest.approx(
        seconds["stock"]["median"] / seconds["ours"]["median"], rel=0.05
    )
    assert report["samples"] == 12


def test_a_run_without_its_keras_network_is_refused(brightness):
    with pytest.raises(RunError, match=r"model\.keras"):
        lime.measure(brightness)


def test_the_command_prints_one_json_document_and_its_progress_elsewhere(
    brightness, capsys, monkeypatch
):
    monkeypatch.setenv("XRAY_ARTIFACTS", str(brightness.folder.parent.parent))
    assert main(["benchmark", "serve", "--repeats", "1", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["run"] == "brightness"
    assert "first verdict" in printed.err


def test_the_command_prints_ratios_for_people(toy_run, tmp_path, capsys, monkeypatch):
    shutil.copytree(toy_run.folder, tmp_path / "runs" / toy_run.name)
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path))
    assert main(["benchmark", "lime", "--samples", "8", "--repeats", "1"]) == 0
    printed = capsys.readouterr().out
    assert "times quicker than stock LIME" in printed
    assert "times the forward passes alone" in printed


def test_the_machine_is_described_without_naming_the_host():
    described = machine()
    assert described["cores"] >= 1
    assert {"python", "numpy", "onnxruntime"} <= set(described["versions"])
    assert platform.node() not in json.dumps(described).split('"')
