"""What the gate's model sees of a picture."""

import math

import numpy as np
import pytest

from pipeline.gate.features import CELL_PX, DIRECTIONS, FLAT, LENGTH, SIDE_PX, describe


def by_hand(image: np.ndarray) -> np.ndarray:
    """The same, pixel by pixel, of an image (64, 64)."""
    grey = (image - image.mean()) / (image.std() + 1e-3)
    cells = SIDE_PX // CELL_PX
    sums = np.zeros((cells, cells, DIRECTIONS))
    for row in range(SIDE_PX):
        for column in range(SIDE_PX):
            above, below = max(row - 1, 0), min(row + 1, SIDE_PX - 1)
            left, right = max(column - 1, 0), min(column + 1, SIDE_PX - 1)
            down = (grey[below, column] - grey[above, column]) / (below - above)
            across = (grey[row, right] - grey[row, left]) / (right - left)
            turn = math.atan2(down, across) / (2 * math.pi) % 1 * DIRECTIONS
            first = int(turn)
            cell = sums[row // CELL_PX, column // CELL_PX]
            cell[first % DIRECTIONS] += math.hypot(down, across) * (1 - (turn - first))
            cell[(first + 1) % DIRECTIONS] += math.hypot(down, across) * (turn - first)
    means = sums / CELL_PX**2
    lengths = np.sqrt((means**2).sum(axis=2, keepdims=True))
    return np.sqrt(means / (lengths + FLAT)).ravel()


def test_it_is_what_a_loop_over_the_pixels_gives():
    image = np.random.default_rng(0).integers(0, 256, (SIDE_PX, SIDE_PX)).astype(np.uint8)
    np.testing.assert_allclose(describe(image), by_hand(image.astype(float)), atol=1e-4)


@pytest.mark.parametrize(("turns", "direction"), [(0, 0), (1, 6), (2, 4), (3, 2)])
def test_a_ramp_shows_in_one_direction_alone(turns, direction):
    ramp = np.rot90(np.tile(np.arange(0, 256, 2, dtype=np.uint8), (128, 1)), turns)
    shares = describe(np.ascontiguousarray(ramp)).reshape(-1, DIRECTIONS)
    assert (shares.argmax(axis=1) == direction).all()
    assert np.delete(shares, direction, axis=1).max() < 0.1


def test_an_inverted_picture_has_every_direction_opposite(radiograph):
    upright = describe(radiograph).reshape(-1, DIRECTIONS)
    inverted = describe(255 - radiograph).reshape(-1, DIRECTIONS)
    np.testing.assert_allclose(inverted, np.roll(upright, DIRECTIONS // 2, axis=1), atol=0.03)


def test_a_flat_picture_has_nothing(radiograph):
    assert describe(np.full((80, 80), 7, np.uint8)).tolist() == [0.0] * LENGTH
    assert describe(radiograph).dtype == np.float32
