"""A picture with parts hidden by hand."""

import numpy as np
import pytest

from pipeline.explain.counterfactual import area, without


@pytest.fixture
def halves():
    """A (4, 4) picture of 9s in two superpixels, left and right, and what would replace it."""
    segments = np.repeat([[0, 0, 1, 1]], 4, axis=0).astype(np.int32)
    return np.full((4, 4), 9, np.uint8), np.full((4, 4), 2, np.uint8), segments


def test_hidden_superpixels_are_replaced_and_the_others_kept(halves):
    assert without(*halves, superpixels=[1]).tolist() == [[9, 9, 2, 2]] * 4
    assert (without(*halves, superpixels=[0, 1]) == 2).all()
    assert (without(*halves, superpixels=[]) == 9).all()
    assert (without(*halves, superpixels=[7]) == 9).all()


def test_a_rectangle_covers_the_pixels_whose_centre_it_holds():
    top_right = {"x": 0.5, "y": 0.0, "width": 0.5, "height": 0.25}
    assert np.argwhere(area(4, [top_right])).tolist() == [[0, 2], [0, 3]]
    assert not area(4, [{"x": 0.3, "y": 0.3, "width": 0.05, "height": 0.05}]).any()
    assert area(4, [{"x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0}]).all()


def test_rectangles_and_superpixels_add_up(halves):
    left = {"x": 0, "y": 0, "width": 0.25, "height": 1}
    assert without(*halves, [1], [left]).tolist() == [[2, 9, 2, 2]] * 4


def test_what_lies_outside_of_the_picture_does_not_count(halves):
    outside = {"x": -1, "y": 2, "width": 0.5, "height": 5}
    assert (without(*halves, [], [outside]) == 9).all()
