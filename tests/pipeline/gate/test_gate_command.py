"""`python -m pipeline gate`: fit, ask and measure."""

import json

import numpy as np
import pytest
from skimage import data

from pipeline.__main__ import main
from pipeline.evaluation.wilson_score import wilson
from pipeline.gate.faults import FAULTS
from pipeline.gate.model import GateModel
from pipeline.images import encode_png


@pytest.fixture
def place(tmp_path, toy_dataset, monkeypatch):
    """Artifacts of the test's own, and a data set of noisy squares."""
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path / "artifacts"))
    monkeypatch.setenv("XRAY_DATASET", str(toy_dataset))
    return tmp_path


@pytest.fixture
def outside(place):
    """Three photographs, noise and a broken file: in one folder a family."""
    root = place / "outside"
    for family, images in {
        "photographs": [data.camera(), data.astronaut(), data.coins()],
        "noise": [np.random.default_rng(0).integers(0, 256, (200, 200)).astype(np.uint8)],
    }.items():
        (root / family).mkdir(parents=True)
        for number, image in enumerate(images):
            (root / family / f"{number}.png").write_bytes(encode_png(image))
    (root / "noise" / "broken.png").write_bytes(b"no picture")
    return root


def test_check_answers_for_every_file(radiograph, tmp_path, capsys):
    names = {"good.png": radiograph, "inverted.png": 255 - radiograph}
    for name, image in names.items():
        (tmp_path / name).write_bytes(encode_png(image))
    files = [str(tmp_path / name) for name in (*names, "missing.png")]
    assert main(["gate", "check", *files, "--json"]) == 1
    good, inverted, missing = json.loads(capsys.readouterr().out)
    assert good == {"file": files[0], "accepted": True, "reasons": []}
    assert inverted["accepted"] is False
    assert "inverted" in inverted["reasons"][0]
    assert list(missing) == ["file", "error", "hint"]
    assert main(["gate", "check", *files[:2]]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("accepted")
    assert lines[1].endswith("refused")
    assert "Invert it." in lines[2]


def test_a_fitted_model_is_stored_and_says_how(place, capsys):
    assert main(["gate", "fit", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    stored = GateModel.load(place / "artifacts" / "gate")
    assert printed["pictures"] == stored.document["pictures"] == 80
    assert stored.document["data_fingerprint"] == printed["data_fingerprint"]


def test_measured_figures_are_counts_with_intervals(place, outside, radiograph, capsys):
    (outside / "photographs" / "drawn.png").write_bytes(encode_png(radiograph))
    assert main(["gate", "measure", "--outside", str(outside), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    photographs = printed["outside"]["photographs"]
    assert (photographs["n"], photographs["refused_count"], photographs["unreadable"]) == (4, 3, 0)
    low, high = wilson(3, 4)
    assert photographs["refused"] == {"value": 0.75, "low": low, "high": high, "n": 4}
    assert any("coloured" in reason for reason in photographs["reasons"])
    assert not any("coloured" in reason for reason in photographs["in_grey"]["reasons"])
    assert printed["outside"]["noise"]["unreadable"] == 1
    assert set(printed["test"]) == {"upright", *(fault.name for fault in FAULTS)}
    # The squares of the toy data set are no chests.
    assert printed["test"]["upright"]["refused_count"] == printed["test"]["upright"]["n"] == 40
    assert printed["train_held_out"]["n"] == 5216
    stored = json.loads((place / "artifacts" / "gate" / "measured.json").read_text())
    assert stored == printed


def test_the_table_has_a_row_a_family(place, outside, capsys):
    assert main(["gate", "measure", "--outside", str(outside)]) == 0
    table = capsys.readouterr().out
    assert "photographs, in grey" in table
    assert "official test, inverted" in table


@pytest.mark.parametrize("folder", ["missing", "."])
def test_a_folder_without_families_gets_a_next_step(place, folder, capsys):
    (place / "picture.png").write_bytes(b"")
    assert main(["gate", "measure", "--outside", str(place / folder)]) == 1
    assert "one folder a family" in capsys.readouterr().err
