import numpy as np
import pytest
from scipy.special import expit

from pipeline import evaluation


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


def test_calibration_error_of_a_hand_example():
    # Bin .2-.3: mean .25, none ill, half of the cases; bin .9-1: mean .95, all ill.
    score = np.array([0.25, 0.25, 0.9, 1.0])
    assert evaluation.expected_calibration_error(score, np.array([0, 0, 1, 1])) == pytest.approx(
        0.5 * 0.25 + 0.5 * 0.05
    )
