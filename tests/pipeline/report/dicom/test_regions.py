"""Superpixels as lines: what lies inside is the superpixel, and nothing else does."""

import numpy as np
import pytest
from skimage.measure import points_in_poly

from pipeline.explain.segments import segment
from pipeline.report.dicom.regions import outlines

HEIGHT, WIDTH = 300, 400
SIDE = 40


def inside(lines: list[np.ndarray]) -> np.ndarray:
    """Return which cells' centres lie inside of an odd number of lines, by scikit-image."""
    rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
    centres = np.stack([columns.ravel() * WIDTH / SIDE, rows.ravel() * HEIGHT / SIDE], axis=1)
    found = np.zeros(SIDE * SIDE, bool)
    for line in lines:
        found ^= points_in_poly(centres, line)
    return found.reshape(SIDE, SIDE)


def drawn(*places: tuple[slice, slice]) -> np.ndarray:
    area = np.zeros((SIDE, SIDE), bool)
    for place in places:
        area[place] = True
    return area


@pytest.mark.parametrize("kind", ["slic", "quickshift", "grid"])
def test_every_cell_of_a_superpixel_and_no_other_lies_inside(kind):
    generator = np.random.default_rng(1)
    image = np.kron(generator.integers(0, 255, (8, 8)), np.ones((5, 5))).astype(np.uint8)
    segments = segment(image, kind)
    for label in range(segments.max() + 1):
        lines = outlines(segments == label, HEIGHT, WIDTH)
        np.testing.assert_array_equal(inside(lines), segments == label)


def test_a_square_has_the_size_and_place_that_it_has_in_the_picture():
    (line,) = outlines(drawn((slice(10, 20), slice(5, 10))), HEIGHT, WIDTH)
    assert line.min(axis=0).tolist() == [5 * WIDTH / SIDE, 10 * HEIGHT / SIDE]
    assert line.max(axis=0).tolist() == [10 * WIDTH / SIDE, 20 * HEIGHT / SIDE]
    assert len(line) == 9, "eight corners, for each is cut, and the first again"


def test_a_superpixel_at_the_edge_reaches_the_edge_and_no_further():
    (line,) = outlines(np.ones((SIDE, SIDE), bool), HEIGHT, WIDTH)
    assert line.min() == 0
    assert line.max(axis=0).tolist() == [WIDTH, HEIGHT]


def test_lines_are_closed():
    for line in outlines(drawn((slice(3, 9), slice(3, 9)), (slice(20, 30), 7)), HEIGHT, WIDTH):
        np.testing.assert_array_equal(line[0], line[-1])


def test_pieces_are_lines_of_their_own_the_largest_first():
    small, large = (slice(2, 4), slice(2, 4)), (slice(10, 30), slice(10, 30))
    lines = outlines(drawn(small, large), HEIGHT, WIDTH)
    assert [len(lines), inside(lines[:1])[20, 20]] == [2, True]
    np.testing.assert_array_equal(inside(lines), drawn(small, large))


def test_pieces_that_touch_at_a_corner_are_two():
    area = drawn((slice(0, 5), slice(0, 5)), (slice(5, 10), slice(5, 10)))
    assert len(outlines(area, HEIGHT, WIDTH)) == 2


def test_holes_are_outside():
    area = drawn((slice(5, 35), slice(5, 35)))
    area[10:15, 10:15] = area[20:30, 12:14] = area[32, 33] = False
    lines = outlines(area, HEIGHT, WIDTH)
    assert len(lines) == 1
    np.testing.assert_array_equal(inside(lines), area)
