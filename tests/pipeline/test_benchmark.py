"""The benchmarks measure what they say; how fast it is, no test decides."""

import json
import platform
import shutil
import subprocess
import sys

import numpy as np
import pytest

from pipeline.__main__ import main
from pipeline.benchmark import explain, machine, serve, steadiness
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


def test_every_contestant_is_timed_on_the_same_run(toy_run, monkeypatch):
    monkeypatch.setattr(explain, "_REST_SECONDS", 0)
    report = explain.measure(toy_run, samples=12, repeats=3)
    seconds = report["seconds"]
    assert set(seconds) == {
        "stock",
        "stock_predict_on_batch",
        "ours",
        "settled",
        "forward",
        "around",
    }
    for entry in seconds.values():
        assert len(entry["all"]) == 3
        assert entry["median"] == np.median(entry["all"]) > 0
    assert report["ratios"]["stock_to_ours"] == pytest.approx(
        seconds["stock"]["median"] / seconds["ours"]["median"], rel=0.05
    )
    pictures = {entry["pictures"] for name, entry in seconds.items() if name != "settled"}
    assert report["samples"] == 12
    assert len(pictures) == 1
    assert pictures.pop() >= 12


def test_tensorflow_stays_out_of_the_process_that_ours_is_timed_in(toy_run):
    script = f"""
import pathlib, sys
from pipeline.benchmark import explain
from pipeline.runs import open_run
explain._REST_SECONDS = 0
explain.measure(open_run(pathlib.Path({str(toy_run.folder.parent)!r}), {toy_run.name!r}), 12, 1)
print("tensorflow" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr


def test_a_keras_network_that_cannot_be_loaded_is_a_sentence(brightness):
    (brightness.folder / "model.keras").write_bytes(b"broken")
    with pytest.raises(RunError, match=r"brightness's model\.keras"):
        explain.measure(brightness, samples=12, repeats=1)


def test_a_run_without_its_keras_network_is_refused(brightness):
    with pytest.raises(RunError, match=r"model\.keras"):
        explain.measure(brightness)


def test_the_command_prints_one_json_document_and_its_progress_elsewhere(
    brightness, capsys, monkeypatch
):
    monkeypatch.setenv("XRAY_ARTIFACTS", str(brightness.folder.parent.parent))
    assert main(["benchmark", "serve", "--repeats", "1", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["run"] == "brightness"
    assert "first verdict" in printed.err


def looks_at_a_block(images):
    """Sure of pneumonia where the middle is bright; a classifier and its network in one."""
    positive = np.clip(images[:, 20:40, 20:40].mean(axis=(1, 2)) / 255, 0.01, 0.99)
    return np.stack([1 - positive, positive], axis=1)


class LooksAtABlock:
    size_px = 64
    probabilities = staticmethod(looks_at_a_block)

    def threshold(self):
        return "balanced", 0.5


def test_steadiness_compares_both_on_the_same_pictures_and_passes():
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (3, 64, 64)).astype(np.uint8)
    images[:, 20:40, 20:40] = 230  # a bright block on noise, called pneumonia
    said = []
    report = steadiness.measure(LooksAtABlock(), images, seeds=2, samples=60, say=said.append)
    assert report["pictures"] == len(said) == 3
    for name in ("ours", "stock"):
        assert report[name]["pairs"] == 3
        assert report[name]["explanations"] == 6
        assert 0 <= report[name]["sign_changes"] <= report[name]["evidence"]
    assert report["ours"]["settled"] == 6
    assert report["ours"]["overlap"] == 1
    assert len(report["faithfulness"]) == 4
    for area in [area for areas in report["faithfulness"].values() for area in areas.values()]:
        assert area["n"] == 3
        assert area["low"] <= area["difference"] <= area["high"]
        assert area["difference"] == pytest.approx(area["ours"] - area["stock"])


def test_stock_lime_is_asked_as_it_is():
    from lime.lime_image import LimeImageExplainer

    image = np.random.default_rng(1).integers(0, 256, (64, 64)).astype(np.uint8)
    parts = np.kron(np.arange(16).reshape(4, 4), np.ones((16, 16))).astype(np.int32)
    found = steadiness.explain_by_stock(looks_at_a_block, image, 1, parts, samples=80, seed=3)
    said = LimeImageExplainer(random_state=3).explain_instance(
        np.repeat(image[..., None], 3, axis=-1),
        lambda images: looks_at_a_block(images[..., 0]),
        labels=(1,),
        top_labels=None,
        num_samples=80,
        segmentation_fn=lambda _: parts,
        random_seed=0,
    )
    assert dict(said.local_exp[1]) == dict(enumerate(found.weights))
    assert found.evidence.all()


def test_the_command_prints_ratios_for_people_and_leaves_out_what_needs_pictures(
    toy_run, tmp_path, capsys, monkeypatch
):
    shutil.copytree(toy_run.folder, tmp_path / "runs" / toy_run.name)
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path))
    monkeypatch.setenv("XRAY_DATASET", str(tmp_path / "nowhere"))
    assert main(["benchmark", "explain", "--samples", "8", "--repeats", "1"]) == 0
    printed = capsys.readouterr()
    assert "times quicker than stock LIME" in printed.out
    assert "times the forward passes alone" in printed.out
    assert "data fetch" in printed.err


def test_the_command_judges_test_pictures_where_they_are(
    toy_run, toy_dataset, tmp_path, capsys, monkeypatch
):
    shutil.copytree(toy_run.folder, tmp_path / "runs" / toy_run.name)
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path))
    monkeypatch.setenv("XRAY_DATASET", str(toy_dataset))
    options = ["--samples", "40", "--repeats", "1", "--pictures", "2", "--seeds", "2"]
    assert main(["benchmark", "explain", *options, "--write"]) == 0
    printed = capsys.readouterr().out
    assert "2 official test pictures, 2 seeds" in printed
    assert "Wilcoxon" in printed
    stored = json.loads((tmp_path / "benchmarks" / "explain.json").read_text(encoding="utf-8"))
    assert stored["steadiness"]["ours"]["explanations"] == 4


def test_the_machine_is_described_without_naming_the_host():
    described = machine()
    assert described["cores"] >= 1
    assert {"python", "numpy", "onnxruntime"} <= set(described["versions"])
    assert platform.node() not in json.dumps(described).split('"')
