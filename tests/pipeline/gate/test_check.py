"""The gate lets radiographs through and says why it doubts anything else. With the stored model."""

import json
from dataclasses import replace

import numpy as np
import pytest
from skimage import data

from pipeline.config import REPOSITORY, Paths
from pipeline.dataset import index
from pipeline.errors import DatasetError
from pipeline.gate import Gate, Tags, check
from pipeline.gate.faults import FAULTS
from pipeline.gate.model import UNLIKE, stored_model
from pipeline.images import encode_png, read_picture


def picture(image: np.ndarray):
    return read_picture(encode_png(np.ascontiguousarray(image).astype(np.uint8)))


def judged(image: np.ndarray) -> Gate:
    return check(picture(image))


def document() -> np.ndarray:
    page = np.full((1400, 1000), 255)
    ink = np.random.default_rng(0).random((40, 67)) < 0.8
    for row, column in np.argwhere(ink):
        page[100 + 30 * row : 112 + 30 * row, 100 + 12 * column : 108 + 12 * column] = 20
    return page


def screenshot() -> np.ndarray:
    screen = np.full((900, 1600), 20)
    for row in range(60, 880, 22):
        screen[row : row + 8, 80 : 500 + row] = 200
    return screen


def slice_of_a_body() -> np.ndarray:
    """A CT-like picture: an ellipse with two dark lungs, a bright spine, and black around it."""
    y, x = np.mgrid[-1:1:512j, -1:1:512j]
    body = np.where((x / 0.85) ** 2 + (y / 0.65) ** 2 < 1, 140, 0)
    for side in (-0.4, 0.4):
        body[((x - side) / 0.28) ** 2 + (y / 0.42) ** 2 < 1] = 25
    body[(x**2 + (y - 0.42) ** 2) < 0.12**2] = 240
    return body


def bone() -> np.ndarray:
    """A radiograph-like picture of a limb: a soft dark trunk with a bright shaft and two ends."""
    y, x = np.mgrid[-1:1:400j, -1:1:400j]
    limb = 70.0 * (np.abs(x) < 0.5) + 20
    limb += 110 * (np.abs(x) < 0.12 + 0.15 * np.abs(y) ** 3)
    return limb


def test_a_radiograph_passes(radiograph):
    assert judged(radiograph) == Gate(True, ())


def test_brightness_contrast_noise_and_size_do_not_matter(radiograph):
    noise = np.random.default_rng(0).normal(0, 6, radiograph.shape)
    for image in (radiograph * 0.5, radiograph + 60, radiograph + noise, radiograph[::4, ::4]):
        assert judged(np.clip(image, 0, 255)).accepted


OUTSIDERS = {
    "colour photograph": (data.astronaut, "coloured"),
    "grey photograph": (data.camera, UNLIKE),
    "photographed coins": (data.coins, UNLIKE),
    "photographed page": (data.page, "fine detail"),
    "photographed letters": (data.text, "fine detail"),
    "moon": (data.moon, "no contrast"),
    "document": (document, "one flat shade"),
    "screenshot": (screenshot, "one flat shade"),
    "noise": (lambda: np.random.default_rng(0).integers(0, 256, (512, 512)), "fine detail"),
    "bricks": (data.brick, "fine detail"),
    "gradient": (lambda: np.tile(np.arange(256), (256, 1)), UNLIKE),
    "cross-section": (slice_of_a_body, "black"),
    "limb": (bone, UNLIKE),
    "plain": (lambda: np.full((300, 300), 120), "no contrast"),
}


@pytest.mark.parametrize("case", OUTSIDERS)
def test_what_is_no_radiograph_is_refused_with_the_reason(case):
    make, words = OUTSIDERS[case]
    gate = judged(make())
    assert not gate.accepted
    assert any(words in reason for reason in gate.reasons)
    assert all(reason.endswith(".") and "\n" not in reason for reason in gate.reasons)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.undo], ids=lambda f: f.name)
def test_a_radiograph_presented_wrongly_is_told_what_is_wrong(radiograph, fault):
    assert judged(fault.make(radiograph)) == Gate(False, (fault.reason,))


@pytest.mark.parametrize("fault", [f for f in FAULTS if not f.undo], ids=lambda f: f.name)
def test_a_part_of_a_radiograph_is_refused(radiograph, fault):
    gate = judged(fault.make(radiograph))
    assert not gate.accepted
    assert "cut off" in " ".join(gate.reasons)


def test_a_strip_and_a_thumbnail_are_refused(radiograph):
    assert "strip" in judged(radiograph[200:400]).reasons[0]
    assert "100 x 75 pixels" in judged(radiograph[::8, ::8]).reasons[0]


def test_a_faint_tint_is_no_colour(radiograph):
    tinted = np.dstack([radiograph, radiograph, np.clip(radiograph.astype(int) + 8, 0, 255)])
    assert judged(tinted).accepted
    assert not check(replace(picture(radiograph), colour=0.2)).accepted


def test_what_the_dicom_tags_say_comes_first(radiograph):
    adult = check(replace(picture(255 - radiograph), tags=Tags(age_years=58)))
    assert "an adult of 58 years" in adult.reasons[0]
    assert "inverted" in adult.reasons[1]
    child = Tags(age_years=3, view="AP", modality="DX")
    assert check(replace(picture(radiograph), tags=child)).accepted


def test_the_stored_figures_are_those_of_the_stored_model_and_keep_the_stated_rates():
    measured = json.loads((REPOSITORY / "artifacts/gate/measured.json").read_text("utf-8"))
    assert measured["model"] == stored_model().document["npz_sha256"]
    assert measured["test"]["upright"]["n"] == 624
    assert measured["test"]["upright"]["refused"]["value"] <= 0.01
    for fault in FAULTS:
        if fault.undo:
            assert measured["test"][fault.name]["refused"]["value"] >= 0.99
    for family in ("photographs", "documents", "screenshots", "ct_axial", "mr_slices"):
        assert measured["outside"][family]["in_grey"]["refused"]["value"] >= 0.99


@pytest.mark.slow
def test_hardly_a_training_picture_is_refused():
    """At most .35 % were, of patients held out in turn; the model has now seen them all."""
    try:
        items = index(Paths.from_environment().dataset, splits=("train",))
    except DatasetError as error:
        pytest.skip(str(error))
    refused = [item.name for item in items if not check(read_picture(item.path)).accepted]
    assert len(refused) <= 0.0035 * len(items)
