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


MADE = ["explanation.json", "heatmap.png", "mask.png", "original.png", "report.html"]


def test_overlays_in_the_aspect_of_the_original_and_the_numbers(xray, tmp_path, capsys):
    out = tmp_path / "new" / "folder"
    status, printed = explain(xray, out, capsys, "--json")
    (told,) = json.loads(printed.out)
    assert status == 0
    assert told["method"] == "lime"
    assert told["run"] == "brightness"
    assert told["target"] == "PNEUMONIA"
    assert told["samples"] > 200, "whole blocks of masks, and the picture itself"
    assert told["segments"] == len(told["weights"]) > 20
    assert 0.5 < told["fidelity_r2"] <= 1
    assert told["seconds"] > 0
    assert sorted(path.name for path in out.iterdir()) == MADE
    original = read_image(out / "original.png")
    np.testing.assert_array_equal(original, read_image(xray))
    assert read_image(out / "mask.png").shape == (300, 400)
    heatmap = read_image(out / "heatmap.png")
    assert heatmap.shape[0] == 300
    assert heatmap.shape[1] > 400, "the colour bar stands beside the picture"
    document = json.loads((out / "explanation.json").read_text())
    assert document["explanation"]["weights"] == told["weights"]
    assert document["trust"] is None


def test_dicom_files_are_written_on_request(xray, tmp_path, capsys):
    import pydicom

    status, printed = explain(xray, tmp_path / "out", capsys, "--dicom", "--json")
    (told,) = json.loads(printed.out)
    assert status == 0
    names = ["overlay.dcm", "picture.dcm", "report.dcm"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(MADE + names)
    overlay, picture, report = (pydicom.dcmread(tmp_path / "out" / name) for name in names)
    np.testing.assert_array_equal(picture.pixel_array, read_image(xray))
    assert overlay.pixel_array.shape[0] == 300
    assert f"seed {told['seed']}" in overlay.DerivationDescription
    assert report.StudyInstanceUID == overlay.StudyInstanceUID == picture.StudyInstanceUID


def test_how_far_to_trust_it_is_measured_on_request(xray, tmp_path, capsys):
    status, printed = explain(xray, tmp_path / "out", capsys, "--trust")
    document = json.loads((tmp_path / "out" / "explanation.json").read_text())
    assert status == 0
    assert document["trust"]["sentence"] in printed.out
    assert document["trust"]["deletion"]["area"] > 0


def test_lime_looks_until_it_has_settled_unless_told_how_often(xray, tmp_path, capsys):
    main(["explain", str(xray), "--out", str(tmp_path / "out"), "--json"])
    (told,) = json.loads(capsys.readouterr().out)
    assert told["settled"]
    assert told["samples"] > 1000


@pytest.mark.parametrize("method", ["kernel_shap", "occlusion", "rise"])
def test_every_method_that_hides_parts_is_a_word(xray, tmp_path, capsys, method):
    options = ("--json", "--method", method, "--fill", "black")
    status, printed = explain(xray, tmp_path / "out", capsys, *options)
    (told,) = json.loads(printed.out)
    assert (status, told["method"]) == (0, method)


def test_a_network_without_feature_maps_is_said_in_one_sentence(xray, tmp_path, capsys):
    status, printed = explain(xray, tmp_path / "out", capsys, "--method", "gradcam")
    assert status == 1
    assert "has no feature maps" in printed.err


@pytest.fixture
def ward(xray, tmp_path) -> Path:
    """A folder with one picture at the top, two of the same stem below, and a broken one."""
    folder = tmp_path / "ward"
    (folder / "below").mkdir(parents=True)
    content = xray.read_bytes()
    (folder / "wide.png").write_bytes(content)
    (folder / "below" / "wide.png").write_bytes(content)
    (folder / "below" / "wide.jpeg").write_bytes(content)
    (folder / "below" / "broken.png").write_text("no picture")
    (folder / "below" / "notes.txt").write_text("no picture, and not called one")
    return folder


def test_a_folder_gets_a_folder_for_each_picture_and_an_index(ward, tmp_path, capsys):
    out = tmp_path / "out"
    status, printed = explain(ward, out, capsys, "--json")
    rows = json.loads(printed.out)
    assert status == 1, "one could not be read"
    assert rows == json.loads((out / "index.json").read_text())
    told = {Path(row["file"]).relative_to(ward).as_posix(): row for row in rows}
    assert list(told) == ["below/broken.png", "below/wide.jpeg", "below/wide.png", "wide.png"]
    assert "not a PNG, JPEG or DICOM" in told["below/broken.png"]["error"]
    folders = {Path(row["folder"]) for row in rows if "folder" in row}
    assert folders == {out / "below" / "wide", out / "below" / "wide-2", out / "wide"}
    for folder in folders:
        assert sorted(path.name for path in folder.iterdir()) == MADE
    weights = [row["weights"] for row in rows if "weights" in row]
    assert weights[0] == weights[1] == weights[2]


def test_many_are_explained_like_one(ward, xray, tmp_path, capsys):
    (one,) = json.loads(explain(xray, tmp_path / "one", capsys, "--json")[1].out)
    *_, many = json.loads(explain(ward, tmp_path / "many", capsys, "--json")[1].out)
    np.testing.assert_allclose(many["weights"], one["weights"], atol=1e-4)


def test_what_an_earlier_call_wrote_into_the_folder_is_not_explained(ward, capsys):
    explain(ward, ward / "out", capsys)
    _, printed = explain(ward, ward / "out", capsys, "--json")
    assert len(json.loads(printed.out)) == 4


def test_a_file_named_twice_is_explained_once(xray, tmp_path, capsys):
    main(["explain", str(xray), str(xray), "--out", str(tmp_path), "--samples", "99", "--json"])
    assert len(json.loads(capsys.readouterr().out)) == 1


def test_a_table_tells_every_picture_of_a_folder(ward, tmp_path, capsys):
    _, printed = explain(ward, tmp_path / "out", capsys, "--trust")
    title, *lines = printed.out.splitlines()
    assert title.split() == ["FILE", "PROBABILITY", "DECISION", "SETTLED", "TRUST"]
    assert len(lines) == 4
    assert "not a PNG, JPEG or DICOM" in lines[0]


def test_a_folder_without_pictures_is_said_in_one_sentence(xray, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    status, printed = explain(tmp_path / "empty", tmp_path / "out", capsys)
    assert status == 1
    assert "holds no PNG, JPEG or DICOM" in printed.err


@pytest.mark.parametrize("segments", ["slic", "quickshift"])
def test_a_seed_repeats_the_weights(xray, tmp_path, capsys, segments):
    def weights(seed):
        options = ("--json", "--segments", segments, "--seed", seed)
        return json.loads(explain(xray, tmp_path / "out", capsys, *options)[1].out)[0]["weights"]

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
    rows = [line for line in printed.out.splitlines() if line.startswith("  Superpixel ")]
    assert len(rows) == 3
    assert rows[0].endswith("for")


def test_a_file_that_is_no_picture_is_said_in_one_sentence(xray, tmp_path, capsys):
    (tmp_path / "text.png").write_text("no picture")
    status, printed = explain(tmp_path / "text.png", tmp_path / "out", capsys, "--json")
    assert (status, printed.out) == (1, "")
    assert "not a PNG, JPEG or DICOM" in printed.err
    assert list((tmp_path / "out").iterdir()) == []


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
    "options",
    [
        ("--samples", "1"),
        ("--seed", "-1"),
        ("--k", "x"),
        ("--segments", "felzenszwalb"),
        ("--fill", "noise"),
    ],
)
def test_a_wrong_option_is_a_usage_error(xray, tmp_path, capsys, options):
    with pytest.raises(SystemExit) as stopped:
        explain(xray, tmp_path / "out", capsys, *options)
    assert stopped.value.code == 2
    assert options[0] in capsys.readouterr().err
