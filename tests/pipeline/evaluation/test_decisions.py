import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from pipeline import evaluation


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


def test_decisions_need_both_classes():
    with pytest.raises(ValueError, match="Expected labels of both classes"):
        evaluation.operating_points(np.array([0.1, 0.2]), np.array([1, 1]))


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


@pytest.fixture
def overlapping():
    """Scores of 400 with pneumonia and 200 without, as (score, label)."""
    generator = np.random.default_rng(1)
    label = np.array([1] * 400 + [0] * 200)
    return np.where(label == 1, generator.beta(4, 2, 600), generator.beta(2, 4, 600)), label


@pytest.mark.parametrize(("name", "share"), [("sensitivity_90", 0.90), ("sensitivity_95", 0.95)])
def test_a_sensitivity_point_is_the_highest_threshold_that_finds_its_share(
    overlapping, name, share
):
    score, label = overlapping
    threshold = evaluation.operating_points(score, label)[name]["threshold"]
    positives = score[label == 1]
    assert np.mean(positives >= threshold) == pytest.approx(share)
    assert np.mean(positives > positives[positives >= threshold].min()) < share


def test_the_specificity_point_is_the_lowest_threshold_that_clears_its_share(overlapping):
    score, label = overlapping
    threshold = evaluation.operating_points(score, label)["specificity_90"]["threshold"]
    negatives = score[label == 0]
    assert np.mean(negatives < threshold) == pytest.approx(0.90)
    assert np.mean(negatives < negatives[negatives < threshold].max()) < 0.90
    # In the middle of the gap: rounding the scores loses nobody.
    assert np.mean(negatives.round(4) < threshold) >= 0.90


def test_the_specificity_point_mirrors_the_sensitivity_point(overlapping):
    score, label = overlapping
    points = evaluation.operating_points(score, label)
    mirrored = evaluation.operating_points(1 - score, 1 - label)
    assert mirrored["specificity_90"]["threshold"] == pytest.approx(
        1 - points["sensitivity_90"]["threshold"]
    )


def test_a_normal_picture_at_probability_one_is_cleared_all_the_same():
    score, label = np.array([1.0, 1.0, 0.9, 1.0]), np.array([0, 0, 1, 1])
    threshold = evaluation.operating_points(score, label)["specificity_90"]["threshold"]
    assert np.mean(score[label == 0] < threshold) >= 0.90


def test_the_points_keep_their_promises_on_the_validation_patients():
    table = predictions(1)
    fitted = evaluation.fit_decision(table)
    own = table[table["split"] == "validation"]
    score = evaluation.probability(own["logit"], fitted["calibration"]["temperature"])
    found = {
        name: evaluation.figures(score, own["label"].to_numpy(), entry["threshold"])
        for name, entry in fitted["operating_points"].items()
    }
    assert found["sensitivity_90"]["sensitivity"] >= 0.90
    assert found["sensitivity_95"]["sensitivity"] >= 0.95
    assert found["specificity_90"]["specificity"] >= 0.90
    assert all(entry["rule"] for entry in fitted["operating_points"].values())
    assert fitted["operating_point"] == "sensitivity_95"
    assert set(fitted["abstain"]) == {"low", "high", "rule"}
