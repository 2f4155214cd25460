import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from pipeline import evaluation
from pipeline.evaluation.measures import weighted_figures


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


def test_weights_count_pictures_as_often_as_they_are_drawn():
    generator = np.random.default_rng(0)
    label = np.tile([0, 1], 60)
    score = generator.random(120).round(1)
    weights = generator.integers(0, 4, (5, 120)).astype(float)
    found = weighted_figures(score, label, 0.5, weights)
    for row, drawn in enumerate(weights.astype(int)):
        repeated = np.repeat(score, drawn), np.repeat(label, drawn)
        for name, value in evaluation.figures(*repeated, 0.5).items():
            assert found[name][row] == pytest.approx(value, abs=1e-12), name
        assert found["auc"][row] == pytest.approx(roc_auc_score(*repeated[::-1]), abs=1e-12)
        assert found["average_precision"][row] == pytest.approx(
            average_precision_score(*repeated[::-1]), abs=1e-12
        )
        assert found["brier"][row] == pytest.approx(brier_score_loss(*repeated[::-1]), abs=1e-12)


def test_every_sample_holds_as_many_patients_of_each_class_and_all_their_pictures():
    label = np.array([0, 0, 0, 1, 1, 1, 1])
    patients = ["a", "a", "b", "c", "d", "d", "e"]
    drawn = np.concatenate(list(evaluation.resampled_weights(label, patients, 250, 0)))
    assert drawn.shape == (250, 7)
    assert (drawn[:, 0] == drawn[:, 1]).all()
    assert (drawn[:, 4] == drawn[:, 5]).all()
    assert (drawn[:, [0, 2]].sum(axis=1) == 2).all()
    assert (drawn[:, [3, 4, 6]].sum(axis=1) == 3).all()
    assert drawn[:, 0].mean() == pytest.approx(1, abs=0.15)


def test_the_same_seed_draws_the_same_patients_for_every_run():
    label, patients = np.tile([0, 1], 20), [f"p{i // 4}{i % 2}" for i in range(40)]
    first, again = (
        np.concatenate(list(evaluation.resampled_weights(label, patients, 120, 3)))
        for _ in range(2)
    )
    assert np.array_equal(first, again)
