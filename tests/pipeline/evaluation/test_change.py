import numpy as np
import pytest
from scipy.special import expit

from pipeline import evaluation


def sample(generator, distance: float, size: int = 80):
    label = np.repeat([0, 1], size)
    return expit(generator.normal(label * distance, 1)), label, None


def test_the_change_is_each_figure_minus_its_reference():
    generator = np.random.default_rng(0)
    reference, outside = sample(generator, 3), sample(generator, 1, 50)
    found = evaluation.change(reference, outside, 0.6, resamples=200)
    before, after = (evaluation.figures(*part[:2], 0.6) for part in (reference, outside))
    assert set(found) == set(evaluation.FIGURES)
    for name, entry in found.items():
        assert entry["value"] == pytest.approx(after[name] - before[name]), name
        assert entry["low"] <= entry["value"] <= entry["high"], name
    assert found["auc"]["high"] < 0
    assert (found["auc"]["n"], found["auc"]["n_reference"]) == (100, 160)
    assert (found["sensitivity"]["n"], found["sensitivity"]["n_reference"]) == (50, 80)


def test_the_interval_holds_the_truth_about_95_times_in_100():
    generator = np.random.default_rng(1)
    truth = 0.7602 - 0.9214  # AUC of two unit bells one, and two, apart
    covered = 0
    for seed in range(40):
        found = evaluation.change(
            sample(generator, 2), sample(generator, 1), 0.5, resamples=100, seed=seed
        )["auc"]
        covered += found["low"] <= truth <= found["high"]
    assert covered >= 34  # 38 expected, three deviations


def test_two_sets_of_the_same_size_are_drawn_independently():
    same = sample(np.random.default_rng(2), 1)
    found = evaluation.change(same, same, 0.5, resamples=200)["auc"]
    assert found["value"] == 0
    assert found["low"] < -0.02 < 0.02 < found["high"]


def test_siblings_from_outside_widen_the_interval():
    generator = np.random.default_rng(3)
    reference = sample(generator, 1, 300)
    label = np.repeat(np.repeat([0, 1], 25), 8)
    score = expit(np.repeat(generator.normal(np.repeat([0, 1], 25), 1), 8))

    def width(groups):
        entry = evaluation.change(reference, (score, label, groups), 0.5, resamples=200)["auc"]
        return entry["high"] - entry["low"]

    assert width([f"p{i // 8}" for i in range(400)]) > 1.7 * width(None)


def test_one_class_leaves_the_changes_that_exist():
    reference = sample(np.random.default_rng(4), 1)
    outside = (np.array([0.2, 0.7, 0.4]), np.array([0, 0, 0]), None)
    found = evaluation.change(reference, outside, 0.5, resamples=50)
    without = {name for name, entry in found.items() if entry["value"] is None}
    assert without == {"sensitivity", "balanced_accuracy", "auc", "average_precision"}
    assert found["auc"]["low"] is None
    assert found["specificity"]["n"] == 3
