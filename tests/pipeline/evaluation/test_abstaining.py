import numpy as np
import pytest

from pipeline import evaluation


def test_the_band_loses_at_most_one_in_a_hundred_on_either_side():
    generator = np.random.default_rng(0)
    label = np.repeat([0, 1], [300, 500])
    score = np.where(label == 1, generator.beta(4, 2, 800), generator.beta(2, 4, 800))
    band = evaluation.abstain_band(score, label)
    assert band["low"] < band["high"]
    assert np.sum(score[label == 1] < band["low"]) == 5
    assert np.sum(score[label == 0] >= band["high"]) == 3
    assert "cross" not in band["rule"]


def test_thresholds_that_cross_are_put_in_order_and_it_is_said():
    score = np.concatenate([np.linspace(0.0, 0.2, 50), np.linspace(0.8, 1.0, 50)])
    label = np.repeat([0, 1], 50)
    score[50] = 0.6  # so that rule-out lies higher than rule-in: the classes leave a wide gap
    band = evaluation.abstain_band(np.append(score, 0.3), np.append(label, 0))
    assert 0.3 < band["low"] <= band["high"] < 0.6
    # One normal of 150 may pass: rule-in then lies below it, rule-out above.
    wide = np.concatenate([np.full(149, 0.1), [0.55], np.full(10, 0.6)])
    crossed = evaluation.abstain_band(wide, np.repeat([0, 1], [150, 10]))
    assert crossed["low"] == pytest.approx((0.1 + 0.55) / 2)
    assert crossed["high"] == pytest.approx((0.55 + 0.6) / 2)
    assert "cross" in crossed["rule"]


def test_the_calls_that_are_left_of_an_example_worked_out_by_hand():
    # Normal: 5 below the band, 3 within, 2 above; pneumonia: 1 below, 1 within, 8 above.
    label = np.repeat([0, 1], 10)
    score = np.array([0.1] * 5 + [0.4] * 3 + [0.8] * 2 + [0.1] + [0.5] + [0.8] * 8)
    found = evaluation.selective(score, label, 0.3, 0.7, resamples=100)
    assert found["n"] == 20
    expected = {
        "coverage": (16 / 20, 20),
        "accuracy": (13 / 16, 16),
        "sensitivity": (8 / 9, 9),
        "specificity": (5 / 7, 7),
        "balanced_accuracy": ((8 / 9 + 5 / 7) / 2, 16),
    }
    for name, (value, n) in expected.items():
        assert found[name]["value"] == pytest.approx(value), name
        assert found[name]["n"] == n, name
        assert found[name]["low"] <= value <= found[name]["high"], name
    assert found["undecided"] == {"NORMAL": 3, "PNEUMONIA": 1}
    assert (found["coverage"]["low"], found["coverage"]["high"]) == evaluation.wilson(16, 20)


def test_the_lower_edge_of_the_band_is_undecided_and_the_upper_is_called():
    found = evaluation.selective(np.array([0.3, 0.7]), np.array([1, 1]), 0.3, 0.7)
    assert found["coverage"]["value"] == 0.5
    assert found["accuracy"]["value"] == 1.0


def test_an_empty_band_leaves_the_figures_of_the_threshold():
    generator = np.random.default_rng(1)
    label = np.tile([0, 1], 50)
    score = np.clip(label * 0.3 + generator.random(100) * 0.7, 0, 1)
    patients = [f"p{i // 4}-{i % 2}" for i in range(100)]
    found = evaluation.selective(score, label, 0.5, 0.5, patients)
    report = evaluation.report(score, label, 0.5, patients)
    assert found["coverage"]["value"] == 1.0
    for name in ("accuracy", "sensitivity", "specificity", "balanced_accuracy"):
        assert found[name] == pytest.approx(report["figures"][name]), name


def test_nothing_decided_gives_no_figures():
    found = evaluation.selective(np.array([0.5, 0.5]), np.array([0, 1]), 0.0, 1.0)
    assert found["coverage"]["value"] == 0.0
    assert found["accuracy"] == {"value": None, "low": None, "high": None, "n": 0}


@pytest.mark.parametrize(("low", "scores"), [(0.8, 2), (0.1, 3)])
def test_a_band_upside_down_or_missing_labels_are_refused(low, scores):
    with pytest.raises(ValueError, match="Expected low <= high"):
        evaluation.selective(np.full(scores, 0.5), np.array([0, 1]), low, 0.7)


@pytest.mark.parametrize(("threshold", "side"), [(0.05, "low"), (0.97, "high")])
def test_the_band_is_widened_to_hold_the_threshold_that_the_run_is_used_at(threshold, side):
    generator = np.random.default_rng(0)
    label = np.repeat([0, 1], 200)
    score = np.clip(generator.normal(0.3 + 0.4 * label, 0.1), 0.06, 0.94)
    alone, widened = (
        evaluation.abstain_band(score, label),
        evaluation.abstain_band(score, label, threshold),
    )
    other = {"low": "high", "high": "low"}[side]
    assert widened[side] == threshold != alone[side]
    assert widened[other] == alone[other]
    assert "widened" in widened["rule"]
    within = (alone["low"] + alone["high"]) / 2
    assert evaluation.abstain_band(score, label, within) == alone
