"""``python -m pipeline explain`` as a user meets it."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from pipeline.__main__ import main
from pipeline.images import encode_png, read_image

BLOCK = (slice(80, 160), slice(240, 320))


@pytest.fixture
def contrast_run(brightness_run) -> Path:
    """A run whose log odds are those of `brightness_run` for the squares of the pixels.

    LIME hides a superpixel behind its own mean, so brightness as such never changes; contrast
    within a superpixel does.
    """
    path = brightness_run / "model.onnx"
    network = onnx.load(path)
    square = helper.make_node("Mul", ["image", "image"], ["squares"])
    scale = onnx.numpy_helper.from_array(np.float32(1 / 40), "scale")
    network.graph.initializer.append(scale)
    network.graph.node[0].input[0] = "scaled_squares"
    network.graph.node.insert(0, square)
    network.graph.node.insert(1, helper.make_node("Mul", ["squares", "scale"], ["scaled_squares"]))
    onnx.save(network, path)
    document = json.loads((brightness_run / "run.json").read_text())
    document["model_sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (brightness_run / "run.json").write_text(json.dumps(document))
    return brightness_run


@pytest.fixture
def xray(tmp_path, contrast_run, monkeypatch):
    """A wide grey picture with a chequered block right of the middle."""
    monkeypatch.setenv("XRAY_ARTIFACTS", str(contrast_run.parent.parent))
    image = np.full((300, 400), 60, np.uint8)
    rows, columns = np.mgrid[0:80, 0:80] // 10  # finer than a superpixel
    image[BLOCK] = np.where((rows + columns) % 2, 250, 10)
    path = tmp_path / "wide.png"
    path.write_bytes(encode_png(image))
    return path


def explain(xray, out, capsys, *options):
    status = main(["explain", str(xray), "--samples", "200", "--out", str(out), *options])
    return status, capsys.readouterr()


def test_three_pictures_in_the_aspect_of_the_original_and_the_numbers(xray, tmp_path, capsys):
    out = tmp_path / "new" / "folder"
    status, printed = explain(xray, out, capsys, "--json")
    told = json.loads(printed.out)
    assert status == 0
    assert told["method"] == "lime"
    assert told["run"] == "brightness"
    assert told["target"] == "PNEUMONIA"
    assert told["samples"] == 200
    assert told["segments"] == len(told["weights"]) > 20
    assert 0.5 < told["fidelity_r2"] <= 1
    assert told["seconds"] > 0
    assert sorted(path.name for path in out.iterdir()) == [
        "heatmap.png",
        "mask.png",
        "original.png",
    ]
    original = read_image(out / "original.png")
    np.testing.assert_array_equal(original, read_image(xray))
    assert read_image(out / "mask.png").shape == (300, 400)
    heatmap = read_image(out / "heatmap.png")
    assert heatmap.shape[0] == 300
    assert heatmap.shape[1] > 400, "the colour bar stands beside the picture"


@pytest.mark.parametrize("segments", ["slic", "quickshift"])
def test_a_seed_repeats_the_weights(xray, tmp_path, capsys, segments):
    def weights(seed):
        options = ("--json", "--segments", segments, "--seed", seed)
        return json.loads(explain(xray, tmp_path / "out", capsys, *options)[1].out)["weights"]

    assert weights("1") == weights("1")
    assert weights("1") != weights("2")


def test_the_mask_shows_the_block_that_decides_and_dims_the_rest(xray, tmp_path, capsys):
    explain(xray, tmp_path / "out", capsys, "--k", "3")
    original = read_image(tmp_path / "out" / "original.png").astype(float)
    kept = read_image(tmp_path / "out" / "mask.png") > 0.8 * original
    elsewhere = kept.copy()
    elsewhere[BLOCK] = False
    assert kept[BLOCK].mean() > 3 * elsewhere.mean()
    assert elsewhere.mean() < 0.2


def test_without_json_the_strongest_superpixels_are_listed(xray, tmp_path, capsys):
    status, printed = explain(xray, tmp_path / "out", capsys, "--k", "3")
    assert status == 0
    rows = [line for line in printed.out.splitlines() if line.endswith((" for", " against"))]
    assert len(rows) == 3
    assert rows[0].endswith("for")


def test_a_file_that_is_no_picture_is_said_in_one_sentence(xray, tmp_path, capsys):
    (tmp_path / "text.png").write_text("no picture")
    status, printed = explain(tmp_path / "text.png", tmp_path / "out", capsys, "--json")
    assert (status, printed.out) == (1, "")
    assert "not a PNG or JPEG" in printed.err
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_said_before_any_work(xray, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    status, printed = explain(xray, tmp_path / "file" / "out", capsys)
    assert status == 1
    assert "--out" in printed.err


def test_an_unknown_run_is_named(xray, tmp_path, capsys):
    status, printed = explain(xray, tmp_path / "out", capsys, "--run", "other")
    assert status == 1
    assert "'other'" in printed.err


@pytest.mark.parametrize(
    "options", [("--samples", "1"), ("--seed", "-1"), ("--k", "x"), ("--segments", "felzenszwalb")]
)
def test_a_wrong_option_is_a_usage_error(xray, tmp_path, capsys, options):
    with pytest.raises(SystemExit) as stopped:
        explain(xray, tmp_path / "out", capsys, *options)
    assert stopped.value.code == 2
    assert options[0] in capsys.readouterr().err
