import numpy as np
import pytest

from pipeline.explain.perturbation import Perturbation

SEGMENTS = np.array([[0, 0, 1], [2, 2, 1], [2, 2, 1]], np.int32)
IMAGE = np.array([[10, 21, 3], [100, 110, 4], [120, 130, 6]], np.uint8)


def test_hidden_superpixels_have_their_mean_grey_and_the_others_their_pixels():
    images = Perturbation(IMAGE, SEGMENTS, "mean").images(
        np.array([[1, 1, 1], [0, 1, 0], [1, 1, 0]])
    )
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(images[0], IMAGE)
    np.testing.assert_array_equal(images[1], [[15, 15, 3], [115, 115, 4], [115, 115, 6]])
    np.testing.assert_array_equal(images[2], [[10, 21, 3], [115, 115, 4], [115, 115, 6]])


def test_the_last_superpixel_is_hidden_like_any_other():
    images = Perturbation(IMAGE, SEGMENTS, "mean").images(np.array([[1, 1, 0]]))
    assert (images[0] != IMAGE).sum() == 4


def test_every_picture_of_a_pair_shows_what_the_other_hides():
    perturbation = Perturbation(IMAGE, SEGMENTS, "black")
    shown = np.array([[1, 0, 1], [0, 0, 1]])
    pairs = perturbation.pairs(shown)
    np.testing.assert_array_equal(pairs[:2], perturbation.images(shown))
    np.testing.assert_array_equal(pairs[2:], perturbation.images(1 - shown))


def test_an_image_and_segments_of_different_sizes_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        Perturbation(IMAGE, SEGMENTS[:2])
