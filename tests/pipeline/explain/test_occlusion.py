"""The sliding window, against one written out by hand."""

import numpy as np
import pytest

from pipeline.explain.occlusion import explain

SIZE = 30
HALVES = np.repeat([[0, 1]], 15, axis=1).repeat(SIZE, axis=0).astype(np.int32)
IMAGE = np.random.default_rng(0).integers(50, 256, (SIZE, SIZE)).astype(np.uint8)
MIDDLE = np.s_[:, 10:20, 12:18]


def predict(images):
    positive = images[MIDDLE].mean(axis=(1, 2)) / 255
    return np.stack([1 - positive, positive], axis=1)


def by_hand(window_px, stride_px, fill):
    """Pixel by pixel: the mean drop over the windows that hide it, the last at the edge."""
    starts = list(range(0, SIZE - window_px + 1, stride_px))
    if starts[-1] + window_px < SIZE:
        starts.append(SIZE - window_px)
    whole = predict(IMAGE[None])[0, 1]
    drops = [[[] for _ in range(SIZE)] for _ in range(SIZE)]
    for top in starts:
        for left in starts:
            hidden = IMAGE.copy()
            hidden[top : top + window_px, left : left + window_px] = fill
            drop = whole - predict(hidden[None])[0, 1]
            for row in range(top, top + window_px):
                for column in range(left, left + window_px):
                    drops[row][column].append(drop)
    return np.array([[np.mean(one) for one in row] for row in drops])


@pytest.mark.parametrize(("window_px", "stride_px"), [(6, 3), (7, 4), (30, 30), (4, 1)])
def test_the_map_is_the_mean_drop_over_the_windows_that_hide_a_pixel(window_px, stride_px):
    found = explain(
        predict, IMAGE, segments=HALVES, fill="black", window_px=window_px, stride_px=stride_px
    )
    np.testing.assert_allclose(found.heat, by_hand(window_px, stride_px, 0), atol=1e-6)


def test_a_window_shows_what_the_other_methods_put_there():
    # The mean of the superpixel a pixel belongs to, not that of the window.
    means = np.array([IMAGE[:, :15].mean(), IMAGE[:, 15:].mean()]).astype(np.uint8)
    seen = []

    def watched(images):
        seen.extend(images.copy())
        return predict(images)

    explain(watched, IMAGE, segments=HALVES, fill="mean", window_px=10, stride_px=10)
    np.testing.assert_array_equal(seen[0], IMAGE)
    np.testing.assert_array_equal(seen[2][:10, 10:15], np.full((10, 5), means[0]))
    np.testing.assert_array_equal(seen[2][:10, 15:20], np.full((10, 5), means[1]))
    np.testing.assert_array_equal(seen[2][10:], IMAGE[10:])


def test_an_eighth_of_the_side_is_hidden_and_the_window_moves_by_half_of_it():
    image = np.zeros((192, 192), np.uint8)
    constant = explain(lambda images: np.full((len(images), 2), 0.5), image, segments="grid")
    assert constant.samples == 1 + 15**2


@pytest.mark.parametrize(("window_px", "stride_px"), [(0, 0), (31, 3), (5, 6), (5, 0)])
def test_a_window_that_does_not_fit_or_leaves_gaps_is_refused(window_px, stride_px):
    with pytest.raises(ValueError, match=r"Expected 1 <= stride_px <= window_px <= 30"):
        explain(predict, IMAGE, segments=HALVES, window_px=window_px, stride_px=stride_px)
