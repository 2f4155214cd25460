import json

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
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


def test_calibration_error_of_a_hand_example():
    # Bin .2-.3: mean .25, none ill, half of the cases; bin .9-1: mean .95, all ill.
    score = np.array([0.25, 0.25, 0.9, 1.0])
    assert evaluation.expected_calibration_error(score, np.array([0, 0, 1, 1])) == pytest.approx(
        0.5 * 0.25 + 0.5 * 0.05
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


def test_calibration_recovers_a_known_temperature():
    generator = np.random.default_rng(0)
    true_logit = generator.normal(0, 2, 20_000)
    label = (generator.random(20_000) < expit(true_logit)).astype(int)
    assert evaluation.calibrate(3 * true_logit, label) == pytest.approx(3, rel=0.05)


def test_two_sigmoids_and_a_softmax_give_log_odds():
    scores = np.array([[0.2, 0.8], [0.5, 0.25], [0.0, 1.0]])
    logit = evaluation.pneumonia_logit(scores)
    assert logit[:2] == pytest.approx([np.log(4), np.log(0.5)])
    assert np.isfinite(logit).all()


def test_the_sensitivity_point_finds_95_percent_and_no_higher_threshold_does():
    generator = np.random.default_rng(1)
    label = np.array([1] * 400 + [0] * 200)
    score = np.where(label == 1, generator.beta(4, 2, 600), generator.beta(2, 4, 600))
    threshold = evaluation.operating_points(score, label)["sensitivity_95"]["threshold"]
    found = score[label == 1] >= threshold
    assert found.mean() == pytest.approx(0.95)
    next_higher = np.sort(score[label == 1][found])[0]
    assert np.mean(score[label == 1] > next_higher) < 0.95


def test_the_sensitivity_point_survives_rounding_of_the_scores():
    label = np.array([1] * 40 + [0] * 40)
    score = np.random.default_rng(2).random(80)
    threshold = evaluation.operating_points(score, label)["sensitivity_95"]["threshold"]
    assert np.mean(score.round(4)[label == 1] >= threshold) >= 0.95


def test_the_balanced_point_lies_where_two_equal_bells_cross():
    generator = np.random.default_rng(4)
    label = np.repeat([0, 1], 3000)
    score = expit(generator.normal(label * 3.0, 1))  # they cross at 1.5 on the logit scale
    threshold = evaluation.operating_points(score, label)["balanced"]["threshold"]
    assert np.log(threshold / (1 - threshold)) == pytest.approx(1.5, abs=0.25)


def test_the_balanced_point_of_separated_classes_lies_in_the_gap():
    score, label = np.array([0.1, 0.2, 0.8, 0.9]), np.array([0, 0, 1, 1])
    assert 0.2 < evaluation.operating_points(score, label)["balanced"]["threshold"] <= 0.8


def test_one_class_leaves_the_figures_that_exist():
    report = evaluation.report(np.array([0.2, 0.7]), np.array([0, 0]), 0.5, resamples=20)
    without = {name for name, entry in report["figures"].items() if entry["value"] is None}
    assert without == {"sensitivity", "balanced_accuracy", "auc", "average_precision"}
    assert report["figures"]["specificity"]["value"] == 0.5
    json.dumps(report, allow_nan=False)


def test_decisions_need_both_classes():
    with pytest.raises(ValueError, match="Expected labels of both classes"):
        evaluation.operating_points(np.array([0.1, 0.2]), np.array([1, 1]))


def test_scores_and_labels_must_be_as_many():
    with pytest.raises(ValueError, match="Expected as many scores as labels"):
        evaluation.report(np.array([0.1]), np.array([1, 0]), 0.5)


def test_the_bootstrap_interval_covers_the_truth_about_95_times_in_100():
    generator = np.random.default_rng(5)
    truth = 0.7602  # AUC of two unit bells one apart: Phi(1 / sqrt 2)
    covered = 0
    for seed in range(60):
        label = np.repeat([0, 1], 60)
        report = evaluation.report(
            expit(generator.normal(label * 1.0, 1)), label, 0.5, resamples=200, seed=seed
        )
        auc = report["figures"]["auc"]
        covered += auc["low"] <= truth <= auc["high"]
    assert covered >= 51


def test_pictures_of_one_patient_are_drawn_together():
    generator = np.random.default_rng(6)
    label = np.repeat(np.repeat([0, 1], 25), 8)  # 50 patients with 8 like pictures each
    patients = [f"p{i // 8}" for i in range(400)]
    score = expit(np.repeat(generator.normal(np.repeat([0, 1], 25), 1), 8))

    def width(groups):
        auc = evaluation.report(score, label, 0.5, groups, resamples=300)["figures"]["auc"]
        return auc["high"] - auc["low"]

    assert width(patients) > 2 * width(None)


def test_the_same_seed_gives_the_same_report(sample):
    assert evaluation.report(*sample, 0.4) == evaluation.report(*sample, 0.4)


def predictions(test_label: int) -> pd.DataFrame:
    generator = np.random.default_rng(7)
    label = np.tile([0, 1], 40)
    split = np.repeat(["validation", "test"], 40)
    return pd.DataFrame(
        {
            "split": split,
            "label": np.where(split == "test", test_label, label),
            "patient": [f"p{i}" for i in range(80)],
            "logit": generator.normal(label * 3 - 1, 1).round(6),
        }
    )


def test_decisions_are_fitted_on_validation_patients_alone():
    fitted = evaluation.fit_decision(predictions(0))
    assert fitted == evaluation.fit_decision(predictions(1))
    assert fitted["calibration"]["n"] == 40


def test_judging_reports_every_split_at_every_point():
    table = predictions(1)
    table["probability"] = evaluation.probability(table["logit"], 1.0)
    points = evaluation.fit_decision(table)["operating_points"]
    judged = evaluation.judge(table, points)
    assert {split: set(entry) for split, entry in judged.items()} == {
        "test": set(points),
        "validation": set(points),
    }
    assert judged["test"]["balanced"]["n"] == 40
