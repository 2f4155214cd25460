"""Fitting the chest field: drawn chests whose lungs are known."""

import json

import numpy as np
import pytest
from scipy import ndimage

from pipeline.__main__ import main
from pipeline.audit.thorax import SIZE_PX, examine, lungs, outline
from pipeline.errors import DatasetError
from pipeline.explain import thorax
from pipeline.images import encode_jpeg

ROWS, COLUMNS = np.mgrid[0:SIZE_PX, 0:SIZE_PX] / SIZE_PX


def ellipse(row, column, height, width):
    return ((ROWS - row) / height) ** 2 + ((COLUMNS - column) / width) ** 2 <= 1


def chest(shift=0.0, opaque=False, seed=0):
    """A body with two dark lungs on black air, and the lungs."""
    lung = ellipse(0.5, 0.3 + shift, 0.26, 0.11) | ellipse(0.5, 0.7 + shift, 0.26, 0.11)
    image = np.where(np.abs(COLUMNS - 0.5) < 0.46, 180, 5)
    image[lung] = 180 if opaque else 60
    noise = np.random.default_rng(seed).normal(0, 6, image.shape)
    return np.clip(ndimage.gaussian_filter(image.astype(float), 1) + noise, 0, 255).astype(
        np.uint8
    ), lung


@pytest.mark.parametrize("shift", [-0.04, 0.0, 0.04])
def test_the_lungs_of_a_drawn_chest_are_found(shift):
    image, lung = chest(shift)
    found = lungs(image)
    assert 2 * (found & lung).sum() / (found.sum() + lung.sum()) > 0.95


def test_opaque_lungs_are_refused_and_not_guessed():
    assert isinstance(lungs(chest(opaque=True)[0]), str)


def test_a_picture_without_a_chest_is_refused():
    noise = np.random.default_rng(0).integers(0, 256, (SIZE_PX, SIZE_PX)).astype(np.uint8)
    assert isinstance(lungs(noise), str)


def test_the_outline_is_the_hull_of_what_is_rarely_lung():
    atlas = np.zeros((SIZE_PX, SIZE_PX))
    atlas[32:96, 32:48] = atlas[32:96, 80:96] = 1.0
    mask = thorax.inside(tuple(map(tuple, outline(atlas))), SIZE_PX)
    expected = np.zeros_like(mask)
    expected[32:96, 32:96] = True
    # Corners are rounded to hundredths of the side.
    assert (mask ^ expected).mean() < 0.02


@pytest.fixture(scope="module")
def chests(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chests")
    for split, name in (("train", "NORMAL"), ("train", "PNEUMONIA")):
        (folder / split / name).mkdir(parents=True)
    for number in range(40):
        image, _ = chest(0.002 * (number - 20))
        (folder / f"train/NORMAL/IM-{number:04d}-0001.jpeg").write_bytes(encode_jpeg(image))
        ill, _ = chest(opaque=True, seed=number)
        (folder / f"train/PNEUMONIA/person{number}_virus_{number}.jpeg").write_bytes(
            encode_jpeg(ill)
        )
    return folder


def test_drawn_chests_lie_in_the_field(chests):
    told = []
    document = examine(chests, told.append)
    assert document["segmented"]["train"]["accepted"] == 34
    assert document["segmented"]["validation"]["pictures"] == 6
    assert document["validation"]["covered"]["value"] > 0.95
    assert document["validation"]["covered_95"]["n"] == 6
    assert document["ill"] is None
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_the_command_prints_one_document_and_stores_it(chests, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path))
    assert main(["data", "thorax", str(chests), "--write", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert json.loads((tmp_path / "audit/thorax.json").read_text()) == printed
    assert main(["data", "thorax", str(chests)]) == 0
    told = capsys.readouterr().out
    assert "34 of 34 pictures (train)" in told
    # Drawn chests do not give the outline of children.
    assert "Caution" in told


def test_too_few_lungs_say_what_to_do(tmp_path):
    for name in ("NORMAL", "PNEUMONIA"):
        (tmp_path / "train" / name).mkdir(parents=True)
        for number in range(3):
            image = encode_jpeg(np.full((64, 64), 20 * number + 10, np.uint8))
            file = f"IM-{number}-1.jpeg" if name == "NORMAL" else f"person{number}_virus_1.jpeg"
            (tmp_path / "train" / name / file).write_bytes(image)
    with pytest.raises(DatasetError, match="too few to fit") as caught:
        examine(tmp_path)
    assert "data fetch" in caught.value.hint
