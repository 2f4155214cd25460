import json
from dataclasses import replace

import numpy as np
import pytest

from pipeline.explain import Explanation
from pipeline.explain.explanation import averaged, painted

SEGMENTS = np.array([[0, 1], [2, 1]], np.int32)


@pytest.fixture
def explanation():
    return Explanation(
        method="lime",
        run="a-run",
        target=1,
        segments=SEGMENTS.copy(),
        weights=np.array([0.1, -0.3, 0.0]),
        margins=np.array([0.02, 0.02, 0.02]),
        heat=painted(np.array([0.1, -0.3, 0.0]), SEGMENTS),
        unit="probability",
        intercept=0.4,
        seed=0,
        samples=10,
        segmentation="slic",
        fill="mean",
        fidelity_r2=0.8,
        stability=0.97,
        settled=True,
        probability=0.7,
        seconds=1.5,
    )


def test_a_painted_map_has_the_weight_of_its_superpixel_and_averages_to_it():
    weights = np.array([0.1, -0.3, 0.0])
    heat = painted(weights, SEGMENTS)
    assert heat.dtype == np.float32
    np.testing.assert_allclose(heat, [[0.1, -0.3], [0.0, -0.3]], rtol=1e-6)
    np.testing.assert_allclose(averaged(heat, SEGMENTS), weights, rtol=1e-6)


def test_what_may_have_either_sign_is_no_evidence_and_not_drawn(explanation):
    unsure = replace(explanation, margins=np.array([0.2, 0.2, 0.2]))
    assert unsure.evidence.tolist() == [False, True, False]
    assert unsure.ranked().tolist() == [1]
    np.testing.assert_allclose(unsure.drawn_heat, [[0, -0.3], [0, -0.3]], rtol=1e-6)


def test_ranked_orders_by_strength_keeps_the_sign_asked_for_and_leaves_out_zeros(explanation):
    assert explanation.ranked().tolist() == [1, 0]
    assert explanation.ranked("positive").tolist() == [0]
    assert explanation.ranked("negative").tolist() == [1]
    with pytest.raises(ValueError, match="sign"):
        explanation.ranked("up")


def test_json_counts_the_superpixels_and_names_the_target(explanation):
    stored = json.loads(json.dumps(explanation.to_json(), allow_nan=False))
    assert stored["segments"] == 3
    assert stored["target"] == "PNEUMONIA"
    assert stored["weights"] == [0.1, -0.3, 0.0]


@pytest.mark.parametrize(
    "change",
    [
        {"segments": SEGMENTS + 1},
        {"segments": np.zeros((2, 2), np.int32)},
        {"segments": SEGMENTS.astype(np.int64)},
        {"segments": SEGMENTS[:1]},
        {"weights": np.array([0.1, np.nan, 0.0])},
        {"weights": np.array([0.1, 0.2])},
        {"margins": np.array([0.1, 0.2])},
        {"margins": np.array([0.1, 0.2, -0.1])},
        {"heat": np.zeros((2, 2))},
        {"heat": np.zeros((2, 3), np.float32)},
        {"unit": "furlongs"},
        {"stability": 1.1},
        {"target": 2},
        {"probability": 1.2},
        {"fidelity_r2": 1.5},
        {"seconds": -1.0},
        {"samples": 0},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_explanation_that_does_not_fit_together_cannot_be_made(change, explanation):
    with pytest.raises(ValueError, match="Expected"):
        replace(explanation, **change)


def test_the_arrays_of_an_explanation_cannot_be_changed(explanation):
    with pytest.raises(ValueError, match="read-only"):
        explanation.weights[0] = 1
