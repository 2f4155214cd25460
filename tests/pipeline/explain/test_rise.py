"""RISE on a classifier that is linear in the picture, where the slope is known."""

import numpy as np
import pytest

from pipeline.explain.rise import CELLS, _Veil, explain

SIZE = 42
QUARTERS = np.kron(np.arange(4).reshape(2, 2), np.ones((21, 21))).astype(np.int32)
IMAGE = np.random.default_rng(0).integers(100, 256, (SIZE, SIZE)).astype(np.uint8)


def of_quarter(number, strength=1.0):
    inside = number == QUARTERS

    def predict(images):
        positive = 0.5 + strength * (images[:, inside].mean(axis=1) / 255 - 0.5) / 2
        return np.stack([1 - positive, positive], axis=1)

    return predict


def test_masks_are_soft_between_hidden_and_shown_with_one_half_on_average():
    veil = _Veil(IMAGE, np.zeros_like(IMAGE))
    masks = veil.masks(2000, np.random.default_rng(0))
    assert masks.shape == (2000, SIZE, SIZE)
    assert masks.min() == -0.5
    assert masks.max() == 0.5
    assert np.abs(masks.mean(axis=0)).max() < 0.05
    # Bilinear: from one pixel to the next at most one part of a cell.
    assert np.abs(np.diff(masks, axis=2)).max() <= 1 / (SIZE / CELLS) + 1e-6


def test_a_grid_is_spread_bilinearly_as_the_paper_does():
    from scipy import ndimage

    class Given:
        """Draws that are known: a grid, then a shift of 2 rows and 5 columns."""

        def __init__(self):
            self.grid = np.random.default_rng(5).integers(0, 2, (1, CELLS + 2, CELLS + 2))

        def integers(self, low, high, shape):
            return self.grid if len(shape) == 3 else np.array([[2], [5]])

    given = Given()
    mask = _Veil(IMAGE, IMAGE).masks(1, given)[0]
    rows, columns = np.mgrid[0:SIZE, 0:SIZE]
    cell = SIZE / CELLS
    expected = ndimage.map_coordinates(
        given.grid[0] - 0.5, [(rows + 2) / cell, (columns + 5) / cell], order=1
    )
    np.testing.assert_allclose(mask, expected, atol=1e-6)


def test_a_mask_and_its_opposite_show_the_whole_picture_between_them():
    hidden = np.full_like(IMAGE, 30)
    veil = _Veil(IMAGE, hidden)
    masks = veil.masks(3, np.random.default_rng(1))
    pictures = veil.pictures(masks).astype(int)
    np.testing.assert_allclose(
        pictures[:3] + pictures[3:], IMAGE.astype(int) + 30 + 0 * masks, atol=1
    )
    shown = masks + 0.5
    expected = shown * IMAGE + (1 - shown) * hidden
    np.testing.assert_allclose(pictures[:3], expected, atol=0.51)


def test_the_map_is_the_covariance_with_the_probability_over_the_variance_of_the_mask():
    seen, told = [], []
    predict = of_quarter(2)

    def watched(images):
        seen.extend(images.astype(float))
        told.extend(predict(images)[:, 1])
        return predict(images)

    found = explain(watched, IMAGE, segments=QUARTERS, fill="black", samples=400)
    # A picture over its original is the mask: what hides is black.
    masks, scores = np.array(seen[1:]) / IMAGE, np.array(told[1:])
    covariance = np.tensordot(scores - scores.mean(), masks - masks.mean(axis=0), axes=1)
    slope = covariance / len(scores) / masks.var(axis=0)
    # The pictures were rounded to whole grey levels.
    np.testing.assert_allclose(found.heat, slope, atol=0.02 * np.abs(slope).max())


def test_intervals_hold_the_weights_that_many_more_masks_give():
    predict = of_quarter(0)
    options = {"segments": QUARTERS, "fill": "black"}
    truth = explain(predict, IMAGE, samples=20000, seed=99, **options).weights
    drawn = [explain(predict, IMAGE, samples=300, seed=seed, **options) for seed in range(40)]
    covered = np.mean([np.abs(one.weights - truth) <= one.margins for one in drawn])
    assert covered > 0.88, "160 intervals of 95 %"
    widths = np.mean([one.margins for one in drawn], axis=0)
    spread = np.std([one.weights for one in drawn], axis=0, ddof=1)
    assert (widths < 4 * spread).all(), "and not for being wide"


def test_another_seed_draws_other_masks_and_samples_are_whole_chunks():
    first, other = (
        explain(of_quarter(1), IMAGE, segments=QUARTERS, samples=100, seed=seed) for seed in (0, 1)
    )
    assert first.samples == 121
    assert not np.array_equal(first.weights, other.weights)
    with pytest.raises(ValueError, match="Expected samples"):
        explain(of_quarter(1), IMAGE, segments=QUARTERS, samples=1)
