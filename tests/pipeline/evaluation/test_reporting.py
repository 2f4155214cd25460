import json

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from pipeline import evaluation


@pytest.fixture
def sample():
    """300 scores with ties, as (score, label)."""
    generator = np.random.default_rng(3)
    label = (generator.random(300) < 0.6).astype(int)
    return np.clip((label + generator.normal(0.2, 0.7, 300)).round(1) / 2, 0, 1), label


def test_figures_of_a_table_worked_out_by_hand():
    # 10 with pneumonia, 8 found; 5 normal, 2 called pneumonia.
    label = np.array([1] * 10 + [0] * 5)
    score = np.array([0.9] * 8 + [0.1] * 2 + [0.8] * 2 + [0.2] * 3)
    report = evaluation.report(score, label, 0.5, resamples=50)
    assert report["counts"] == {"tp": 8, "fn": 2, "tn": 3, "fp": 2}
    expected = {
        "accuracy": (11 / 15, 15),
        "sensitivity": (8 / 10, 10),
        "specificity": (3 / 5, 5),
        "ppv": (8 / 10, 10),
        "npv": (3 / 5, 5),
        "balanced_accuracy": (0.7, 15),
        "auc": (40 / 50, 15),  # the 8 beat all 5, the 2 beat none
        "brier": ((8 * 0.01 + 2 * 0.81 + 2 * 0.64 + 3 * 0.04) / 15, 15),
    }
    for name, (value, n) in expected.items():
        entry = report["figures"][name]
        assert entry["value"] == pytest.approx(value), name
        assert entry["n"] == n, name
        assert entry["low"] <= entry["value"] <= entry["high"], name


def test_a_score_at_the_threshold_is_called_pneumonia():
    assert evaluation.confusion(np.array([0.5, 0.4999]), np.array([1, 1]), 0.5)["tp"] == 1


def test_auc_and_average_precision_equal_scikit_learn_also_with_ties(sample):
    score, label = sample
    found = evaluation.figures(score, label, 0.5)
    assert found["auc"] == pytest.approx(roc_auc_score(label, score), abs=1e-12)
    assert found["average_precision"] == pytest.approx(
        average_precision_score(label, score), abs=1e-12
    )


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3.
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval_equals_the_published_table(successes, n, low, high):
    assert evaluation.wilson(successes, n) == pytest.approx((low, high), abs=5e-5)


def test_one_class_leaves_the_figures_that_exist():
    report = evaluation.report(np.array([0.2, 0.7]), np.array([0, 0]), 0.5, resamples=20)
    without = {name for name, entry in report["figures"].items() if entry["value"] is None}
    assert without == {"sensitivity", "balanced_accuracy", "auc", "average_precision"}
    assert report["figures"]["specificity"]["value"] == 0.5
    json.dumps(report, allow_nan=False)


def test_scores_and_labels_must_be_as_many():
    with pytest.raises(ValueError, match="Expected as many scores as labels"):
        evaluation.report(np.array([0.1]), np.array([1, 0]), 0.5)


def test_the_same_seed_gives_the_same_report(sample):
    assert evaluation.report(*sample, 0.4) == evaluation.report(*sample, 0.4)
