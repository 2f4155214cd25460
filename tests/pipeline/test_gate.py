"""The gate lets radiographs through and says why it doubts anything else."""

import numpy as np
import pytest
from skimage import data

from pipeline.config import Paths
from pipeline.dataset import index
from pipeline.errors import DatasetError
from pipeline.gate import Gate, check
from pipeline.images import encode_png, read_picture


def judged(image: np.ndarray) -> Gate:
    return check(read_picture(encode_png(np.ascontiguousarray(image).astype(np.uint8))))


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


def test_a_radiograph_passes(radiograph):
    assert judged(radiograph) == Gate(True, ())


OUTSIDERS = {
    "colour photograph": (data.astronaut, "coloured"),
    "grey photograph": (data.camera, "darker than the sides"),
    "photographed page": (data.page, "fine detail"),
    "photographed letters": (data.text, "fine detail"),
    "document": (document, "one flat shade"),
    "screenshot": (screenshot, "one flat shade"),
    "noise": (lambda: np.random.default_rng(0).integers(0, 256, (512, 512)), "fine detail"),
    "bricks": (data.brick, "fine detail"),
    "cross-section": (slice_of_a_body, "black"),
    "plain": (lambda: np.full((300, 300), 120), "no contrast"),
}


@pytest.mark.parametrize("case", OUTSIDERS)
def test_what_is_no_radiograph_is_refused_with_the_reason(case):
    make, words = OUTSIDERS[case]
    gate = judged(make())
    assert not gate.accepted
    assert any(words in reason for reason in gate.reasons)
    assert all(reason.endswith(".") and "\n" not in reason for reason in gate.reasons)


def test_an_inverted_radiograph_is_refused(radiograph):
    assert "inverted" in judged(255 - radiograph).reasons[0]


def test_a_strip_and_a_thumbnail_are_refused(radiograph):
    assert "strip" in judged(radiograph[200:400]).reasons[0]
    assert "100 x 75 pixels" in judged(radiograph[::8, ::8]).reasons[0]


def test_a_faint_tint_is_no_colour(radiograph):
    tinted = np.dstack([radiograph, radiograph, np.clip(radiograph.astype(int) + 8, 0, 255)])
    assert judged(tinted).accepted


@pytest.mark.slow
def test_no_training_picture_is_refused():
    try:
        items = index(Paths.from_environment().dataset, splits=("train",))
    except DatasetError as error:
        pytest.skip(str(error))
    refused = [item.name for item in items if not check(read_picture(item.path)).accepted]
    assert refused == []
