"""Does a map point where a reader drew?"""

import numpy as np
import pytest

from pipeline.explain.explanation import Explanation
from pipeline.explain.localisation import iou, point, pointing

SIZE = 40
GRID = np.kron(np.arange(16).reshape(4, 4), np.ones((10, 10))).astype(np.int32)


def explanation(weights, heat=None) -> Explanation:
    weights = np.asarray(weights, float)
    return Explanation(
        method="lime",
        run="",
        target=1,
        segments=GRID,
        weights=weights,
        margins=np.full(16, 0.05),
        heat=weights.astype(np.float32)[GRID] if heat is None else heat,
        unit="probability",
        intercept=0.0,
        seed=0,
        samples=10,
        segmentation="own",
        fill="mean",
        fidelity_r2=0.9,
        stability=1.0,
        settled=True,
        probability=0.8,
        seconds=0.0,
    )


def one(superpixel: int) -> np.ndarray:
    weights = np.zeros(16)
    weights[superpixel] = 1
    return weights


def test_the_point_of_a_superpixel_is_its_middle():
    assert point(explanation(one(6))) in {(14, 24), (14, 25), (15, 24), (15, 25)}


def test_a_hit_and_a_miss():
    assert pointing(explanation(one(6)), GRID == 6)
    assert not pointing(explanation(one(6)), GRID == 9)


def test_a_point_close_to_the_region_is_forgiven():
    heat = np.zeros((SIZE, SIZE), np.float32)
    heat[9, 5] = 1
    region = np.zeros((SIZE, SIZE), bool)
    region[10:20, :10] = True
    assert pointing(explanation(one(0), heat), region)
    assert not pointing(explanation(one(0), heat), region, tolerance=0)


def test_evidence_that_fills_the_region_has_an_iou_of_one():
    assert iou(explanation(one(6)), GRID == 6) == 1
    assert iou(explanation(one(6)), np.isin(GRID, (6, 7))) == 0.5
    assert iou(explanation(one(6)), GRID == 7) == 0


def test_what_speaks_against_the_class_or_is_uncertain_covers_nothing():
    assert iou(explanation(-one(6)), GRID == 6) == 0
    assert iou(explanation(0.01 * one(6)), GRID == 6) == 0


@pytest.mark.parametrize("region", [np.zeros((SIZE, SIZE), bool), np.ones((3, 3), bool)])
def test_a_region_that_does_not_fit_is_refused(region):
    with pytest.raises(ValueError, match="Expected a region"):
        iou(explanation(one(6)), region)
