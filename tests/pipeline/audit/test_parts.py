"""What is hidden is hidden, in all of the picture's sizes, and nothing else is touched."""

import numpy as np
import pytest

from pipeline.audit.parts import GREY, PARTS, WITHOUT_LUNGS, only


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(1, 120, (3, 200, 200), dtype=np.uint8)


def test_the_whole_picture_is_the_picture_itself(images):
    assert only(images, "whole") is images


@pytest.mark.parametrize("part", [name for name in PARTS if name != "whole"])
def test_what_can_be_seen_is_unchanged_and_the_rest_is_one_grey_level(images, part):
    before = images.copy()
    changed = only(images, part)
    hidden = (changed != images).all(axis=0)
    assert 0 < hidden.mean() < 1
    assert np.unique(changed[:, hidden]).tolist() == [0 if part == "lungs_blacked_out" else GREY]
    assert (changed[:, ~hidden] == images[:, ~hidden]).all()
    assert (images == before).all()


@pytest.mark.parametrize("part", WITHOUT_LUNGS)
def test_the_middle_cannot_be_seen_without_lungs(images, part):
    assert len(np.unique(only(images, part)[:, 30:170, 25:175])) == 1


@pytest.mark.parametrize(("size_px", "width"), [(224, 3), (150, 2), (448, 6)])
def test_the_ring_keeps_its_share_of_the_side(size_px, width):
    images = np.ones((1, size_px, size_px), np.uint8)
    seen = only(images, "border_ring")[0] == 1
    assert seen.sum() == size_px**2 - (size_px - 2 * width) ** 2


def test_the_frame_and_the_blanked_border_are_each_others_rest(images):
    frame = only(images, "border_frame") == images
    inside = only(images, "border_blanked") == images
    assert (frame ^ inside).all()


def test_an_unknown_part_is_the_callers_mistake(images):
    with pytest.raises(ValueError, match="Expected part to be one of whole"):
        only(images, "heart")
