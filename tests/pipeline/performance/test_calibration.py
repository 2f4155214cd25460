import numpy as np
import pytest

from pipeline import evaluation
from pipeline.performance.calibration import calibration_error, reliability


@pytest.fixture
def judged():
    generator = np.random.default_rng(0)
    score = generator.uniform(0, 1, 2000)
    return score, (generator.uniform(0, 1, 2000) < score).astype(int)


def test_bins_hold_every_case_once_and_one_of_1_0_is_in_the_last():
    bins = reliability(np.array([0.0, 0.05, 0.55, 1.0]), np.array([0, 1, 1, 1]))
    assert [(entry["from"], entry["n"]) for entry in bins] == [(0.0, 2), (0.5, 1), (0.9, 1)]
    assert bins[0]["value"] == 0.5
    assert bins[0]["probability"] == pytest.approx(0.025)


def test_honest_probabilities_lie_on_the_diagonal(judged):
    bins = reliability(*judged)
    assert len(bins) == 10
    inside = [entry["low"] <= entry["probability"] <= entry["high"] for entry in bins]
    assert sum(inside) >= 8


def test_the_bins_add_up_to_the_calibration_error(judged):
    bins = reliability(*judged)
    total = sum(entry["n"] * abs(entry["value"] - entry["probability"]) for entry in bins)
    assert total / 2000 == pytest.approx(evaluation.expected_calibration_error(*judged))


def test_the_figures_and_limits_are_those_of_a_report(judged):
    score, label = judged
    patients = [f"{label[i]} {i // 3}" for i in range(2000)]
    quick = calibration_error(score, label, patients, resamples=50)
    slow = evaluation.report(score, label, 0.5, patients, resamples=50)["figures"]
    for name in ("ece", "brier"):
        assert quick[name] == pytest.approx(slow[name])
