"""A network whose answer is the mean grey level, shown parts of pictures whose truth is known."""

import json

import numpy as np
import pytest

from pipeline import shortcuts
from pipeline.__main__ import main
from pipeline.audit.parts import PARTS
from pipeline.dataset import index
from pipeline.errors import RunError
from pipeline.images import encode_png
from pipeline.runs import open_run
from pipeline.storage import write_json


def write(root, of):
    """Write ten pictures of each class to test/; `of` gives the picture of a label."""
    for label, name in enumerate(("NORMAL", "PNEUMONIA")):
        folder = root / "test" / name
        folder.mkdir(parents=True)
        for number in range(10):
            file = f"person{number}_virus_1.png" if label else f"IM-{number:04}-0001.png"
            (folder / file).write_bytes(encode_png(of(label, number)))
    return index(root, ("test",))


def bright_ring(label: int, number: int) -> np.ndarray:
    """The class is in the outermost pixels alone."""
    image = np.full((224, 224), 100 + number, np.uint8)
    if label:
        image[:3] = image[-3:] = image[:, :3] = image[:, -3:] = 250
    return image


def bright_chest(label: int, number: int) -> np.ndarray:
    """The class is in the middle alone."""
    image = np.full((224, 224), 90, np.uint8)
    image[60:160, 60:160] = (200 if label else 60) + number
    return image


@pytest.fixture
def run(brightness_run):
    return open_run(brightness_run.parent, "brightness")


def test_a_network_that_reads_the_border_is_caught(run, tmp_path):
    told = []
    parts = shortcuts.examine(run, write(tmp_path / "data", bright_ring), told.append)["parts"]
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert list(parts) == list(PARTS)
    for part in ("border_ring", "border_frame", "lungs_blacked_out"):
        assert parts[part]["auc"]["value"] == 1.0
        assert parts[part]["shortcut"] == "strong"
    assert parts["lungs_only"]["auc"]["value"] == 0.5
    assert parts["border_blanked"]["auc_change"]["value"] == pytest.approx(
        0.5 - parts["whole"]["auc"]["value"]
    )


def test_a_network_that_reads_the_chest_is_not(run, tmp_path):
    parts = shortcuts.examine(run, write(tmp_path / "data", bright_chest))["parts"]
    for part in ("border_ring", "border_frame", "lungs_blacked_out"):
        assert parts[part]["auc"]["value"] == 0.5
        assert parts[part]["shortcut"] == "none"
    for part in ("whole", "border_blanked", "lungs_only"):
        assert parts[part]["auc"]["value"] == 1.0
        assert "shortcut" not in parts[part]
    assert "auc_change" not in parts["whole"]


def test_figures_are_those_of_the_runs_own_threshold(run, tmp_path):
    document = shortcuts.examine(run, write(tmp_path / "data", bright_chest))
    assert (document["operating_point"], document["threshold"]) == ("balanced", 0.5)
    # The outer ring alone: mean grey level 128, less 38 on the ring: 1 / (1 + exp(-28 / 40)) less.
    ring = document["parts"]["border_ring"]
    assert ring["counts"] == {"tp": 10, "fn": 0, "tn": 0, "fp": 10}
    assert ring["sensitivity"]["value"] == 1.0
    assert ring["specificity"]["n"] == 10
    mean = 128 + (90 - 128) * (64**2 - 62**2) / 64**2
    assert ring["mean_probability"]["NORMAL"]["value"] == pytest.approx(
        1 / (1 + np.exp(-(mean - 100) / 40)), abs=1e-3
    )


@pytest.mark.parametrize(
    ("low", "high", "meaning"),
    [(0.61, 0.7, "strong"), (0.51, 0.7, "trace"), (0.45, 0.55, "none"), (0.3, 0.4, "reversed")],
)
def test_what_an_auc_means_is_told_by_its_interval(low, high, meaning):
    assert shortcuts.strength({"low": low, "high": high}) == meaning


def test_one_class_is_the_callers_mistake(run, tmp_path):
    items = write(tmp_path / "data", bright_ring)
    with pytest.raises(ValueError, match="Expected pictures of both classes"):
        shortcuts.examine(run, items[:10])


def test_what_is_stored_comes_back_until_the_network_or_threshold_changes(run, tmp_path):
    assert shortcuts.stored(run) is None
    document = shortcuts.examine(run, write(tmp_path / "data", bright_ring))
    write_json(run.folder / shortcuts.FILE, document)
    assert shortcuts.stored(run) == document
    for change in ({"model_sha256": "0" * 64}, {"operating_point": "sensitivity_95"}):
        write_json(run.folder / "run.json", {**run.document, **change})
        with pytest.raises(RunError, match="another network or threshold"):
            shortcuts.stored(open_run(run.folder.parent, run.name))


@pytest.mark.parametrize("content", ["{", "[]", "{}"])
def test_a_damaged_file_says_how_to_make_it_again(run, content):
    (run.folder / shortcuts.FILE).write_text(content, encoding="utf-8")
    with pytest.raises(RunError) as caught:
        shortcuts.stored(run)
    assert "python -m pipeline shortcuts brightness --write" in caught.value.hint


@pytest.fixture
def installation(run, tmp_path, monkeypatch):
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path / "artifacts"))
    monkeypatch.setenv("XRAY_DATASET", str(tmp_path / "data"))
    return tmp_path


def test_the_command_prints_one_document_and_stores_it_when_asked(installation, run, capsys):
    write(installation / "data", bright_ring)
    assert main(["shortcuts", "brightness", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)["runs"][0]
    assert not (run.folder / shortcuts.FILE).exists()
    assert main(["shortcuts", "brightness", "--write"]) == 0
    assert shortcuts.stored(run) == printed
    assert "uses a shortcut" in capsys.readouterr().out


def test_a_test_set_of_one_class_is_the_users_situation(installation, capsys):
    write(installation / "data", bright_ring)
    for file in (installation / "data/test/NORMAL").iterdir():
        file.unlink()
    assert main(["shortcuts", "brightness"]) == 1
    assert "one class only" in capsys.readouterr().err
