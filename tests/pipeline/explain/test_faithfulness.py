"""Deletion and insertion of maps whose worth is known, on a classifier that sees one block."""

import numpy as np
import pytest

from pipeline.config import NORMAL, PNEUMONIA
from pipeline.errors import Cancelled
from pipeline.explain.faithfulness import _order, curves, deletion, insertion

SIZE = 60
# A grid of 36 squares of ten pixels.
SQUARES = np.kron(np.arange(36).reshape(6, 6), np.ones((10, 10))).astype(np.int32)
BLOCK = SQUARES == 21
IMAGE = np.where(BLOCK, 200, 40).astype(np.uint8)
RIGHT = BLOCK.astype(np.float32)


def predict(images: np.ndarray) -> np.ndarray:
    """Say pneumonia as far as the block is bright, in equal steps of its grey."""
    positive = images[:, BLOCK].mean(axis=1) / 200
    return np.stack([1 - positive, positive], axis=1)


def measured(heat, **options):
    return curves(predict, IMAGE, heat, PNEUMONIA, fill="black", segments=SQUARES, **options)


def test_taking_away_what_decides_drops_the_probability_at_once():
    away, back = measured(RIGHT, steps=36)
    assert away.probabilities[0] == 1.0
    assert away.probabilities[1] == pytest.approx(0, abs=0.01)
    assert back.probabilities[1] == pytest.approx(1, abs=0.01)
    # A trapezoid over the first of 36 steps, and nothing after it.
    assert away.area == pytest.approx(0.5 / 36)
    assert back.area == pytest.approx(1 - 0.5 / 36)


def test_the_right_map_beats_every_random_order():
    away, back = measured(RIGHT)
    assert away.area < away.random_low < away.random_area < away.random_high
    assert back.area > back.random_high > back.random_area > back.random_low


def test_the_opposite_map_is_worse_than_every_random_order():
    away, back = measured(-RIGHT)
    assert away.area > away.random_high
    assert back.area < back.random_low


def test_random_orders_lie_around_one_half_for_a_single_block():
    away, back = measured(RIGHT, randoms=200, steps=36)
    assert away.random_area == pytest.approx(0.5, abs=0.07)
    assert back.random_area == pytest.approx(away.random_area)
    assert away.random[0] == 1.0
    assert away.random[-1] == 0.0
    assert away.random[9] == pytest.approx(0.75, abs=0.1)
    assert all(low <= high for low, high in zip(away.band_low, away.band_high, strict=True))


def test_the_two_curves_meet_at_the_whole_and_the_hidden_picture():
    away, back = measured(np.random.default_rng(0).normal(size=IMAGE.shape))
    assert away.probabilities[0] == back.probabilities[-1] == 1.0
    assert away.probabilities[-1] == back.probabilities[0] == 0.0
    assert away.shares[0] == 0
    assert away.shares[-1] == 1
    assert len(away.shares) == 21


def test_the_area_is_that_of_a_loop_over_single_pictures():
    heat = np.random.default_rng(1).normal(size=IMAGE.shape).astype(np.float32)
    away = deletion(predict, IMAGE, heat, PNEUMONIA, fill="black", steps=10, randoms=0)
    flat, scores = np.argsort(-heat.ravel(), kind="stable"), []
    for step in range(11):
        picture = IMAGE.copy()
        picture.ravel()[flat[: 360 * step]] = 0
        scores.append(predict(picture[None])[0, PNEUMONIA])
    assert away.probabilities == pytest.approx(scores)
    assert away.area == pytest.approx(sum((scores[i] + scores[i + 1]) / 20 for i in range(10)))


def test_the_other_class_is_watched_when_it_is_explained():
    away = deletion(predict, IMAGE, RIGHT, NORMAL, fill="black")
    assert away.probabilities[0] == 0.0
    assert away.probabilities[1] > 0.9


def test_equal_heat_favours_no_corner():
    firsts = []
    for seed in range(40):
        generator = np.random.default_rng(seed)
        grain = generator.normal(size=(SIZE, SIZE))
        order = _order(np.zeros((SIZE, SIZE)), grain)
        firsts.append(np.argwhere(order < 360).mean(axis=0))
    assert np.mean(firsts, axis=0) == pytest.approx([29.5, 29.5], abs=1)


def test_a_map_that_is_the_same_everywhere_is_one_of_the_random_ones():
    away, _ = measured(np.zeros(IMAGE.shape))
    assert away.random_low - 0.2 < away.area < away.random_high + 0.2
    # Not row by row from the top left.
    rows = np.argwhere(
        _order(np.zeros(IMAGE.shape), np.random.default_rng(0).normal(size=(60, 60))) < 60
    )
    assert len(np.unique(rows[:, 0])) > 20


def test_the_same_seed_gives_the_same_curves():
    assert measured(RIGHT, seed=3) == measured(RIGHT, seed=3)
    assert measured(RIGHT, seed=3)[0].random != measured(RIGHT, seed=4)[0].random


def test_without_random_orders_nothing_is_said_of_them():
    away = insertion(predict, IMAGE, RIGHT, PNEUMONIA, randoms=0)
    assert np.isnan(away.random_area)
    assert away.random == ()
    assert away.to_json()["random_area"] is None


def test_every_picture_is_judged_once():
    judged = []

    def counting(images):
        judged.append(len(images))
        return predict(images)

    curves(counting, IMAGE, RIGHT, PNEUMONIA, steps=10, randoms=3)
    # The whole and the hidden one, and nine between them of two curves and three random orders.
    assert sum(judged) == 2 + 9 * 5


def test_progress_reaches_one_and_a_stop_is_heard():
    told = []
    curves(predict, IMAGE, RIGHT, PNEUMONIA, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    with pytest.raises(Cancelled):
        curves(predict, IMAGE, RIGHT, PNEUMONIA, should_stop=lambda: True)


@pytest.mark.parametrize("heat", [np.zeros((3, 3)), np.full((SIZE, SIZE), np.nan)])
def test_a_map_that_does_not_fit_is_refused(heat):
    with pytest.raises(ValueError, match="Expected finite heat"):
        curves(predict, IMAGE, heat, PNEUMONIA)


def test_wrong_counts_are_refused():
    with pytest.raises(ValueError, match="Expected steps"):
        curves(predict, IMAGE, RIGHT, PNEUMONIA, steps=0)
