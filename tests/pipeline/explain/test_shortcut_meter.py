"""Where does the evidence lie? Known weights on known places."""

import numpy as np
import pytest

from pipeline.explain import thorax
from pipeline.explain.explanation import Explanation, averaged, painted
from pipeline.explain.shortcut_meter import GREY, evidence_map, measure, share, strongest_outside

SIZE = 100
GRID = np.kron(np.arange(100).reshape(10, 10), np.ones((10, 10))).astype(np.int32)
CORNER, LUNG, ELSEWHERE = 0, 53, 9


def explanation(weights: dict, heat=None, margin=0.05, target=1) -> Explanation:
    own = np.zeros(100)
    for superpixel, weight in weights.items():
        own[superpixel] = weight
    if heat is not None:
        own = averaged(heat, GRID)
    return Explanation(
        method="lime",
        run="",
        target=target,
        segments=GRID,
        weights=own,
        margins=np.full(100, margin),
        heat=painted(own, GRID) if heat is None else heat.astype(np.float32),
        unit="probability",
        intercept=0.0,
        seed=0,
        samples=10,
        segmentation="own",
        fill="black",
        fidelity_r2=0.9,
        stability=1.0,
        settled=True,
        probability=0.8,
        seconds=0.0,
    )


def test_evidence_in_the_lung_is_inside_and_in_the_corner_outside():
    outside = ~thorax.field(SIZE)
    assert share(explanation({LUNG: 0.4}), outside) == 0
    assert share(explanation({CORNER: 0.4}), outside) == 1
    assert share(explanation({LUNG: 0.3, CORNER: 0.1}), outside) == pytest.approx(0.25)
    assert share(explanation({LUNG: 0.3, CORNER: 0.1}), thorax.border(SIZE)) == pytest.approx(0.25)


def test_what_speaks_against_the_class_or_may_be_chance_does_not_count():
    outside = ~thorax.field(SIZE)
    assert share(explanation({LUNG: 0.3, CORNER: -0.9}), outside) == 0
    assert share(explanation({LUNG: 0.3, CORNER: 0.04}), outside) == 0


def test_a_superpixel_across_the_outline_counts_by_its_parts():
    half = np.zeros((SIZE, SIZE), bool)
    half[50:55] = True
    assert share(explanation({LUNG: 0.4}), half) == pytest.approx(0.5)


def test_a_large_superpixel_counts_by_its_weight_and_not_by_its_area():
    spread = evidence_map(explanation({LUNG: 0.4, CORNER: 0.4}))
    assert spread.sum() == pytest.approx(0.8)


def test_of_a_map_of_pixels_the_heat_counts():
    heat = np.zeros((SIZE, SIZE))
    heat[50, 33], heat[2, 2], heat[60, 60] = 3, 1, -5
    assert share(explanation({}, heat), ~thorax.field(SIZE)) == pytest.approx(0.25)


def test_without_evidence_for_the_class_there_is_no_share():
    assert np.isnan(share(explanation({LUNG: -0.4}), ~thorax.field(SIZE)))


def test_the_strongest_part_outside_is_the_marker():
    assert strongest_outside(explanation({LUNG: 0.9, CORNER: 0.2, ELSEWHERE: 0.4})) == ELSEWHERE
    assert strongest_outside(explanation({LUNG: 0.9})) == -1


def sees_the_corner(images: np.ndarray) -> np.ndarray:
    positive = images[:, :10, :10].mean(axis=(1, 2)) / 255
    return np.stack([1 - positive, positive], axis=1)


def test_the_model_is_asked_without_border_and_without_marker():
    image = np.full((SIZE, SIZE), 255, np.uint8)
    found = measure(sees_the_corner, image, explanation({CORNER: 0.4, LUNG: 0.4}))
    assert found.without_border == pytest.approx(GREY / 255)
    assert (found.marker, found.without_marker) == (CORNER, 0.0)
    assert (found.outside_share, found.border_share) == pytest.approx((0.5, 0.5))


def test_the_explained_class_is_the_one_that_is_asked_about():
    image = np.full((SIZE, SIZE), 255, np.uint8)
    found = measure(sees_the_corner, image, explanation({LUNG: 0.4}, target=0))
    assert found.without_border == pytest.approx(1 - GREY / 255)
    assert found.marker == -1
    assert np.isnan(found.without_marker)
