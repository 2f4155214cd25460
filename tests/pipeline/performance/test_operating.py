import numpy as np
import pytest
from sklearn import metrics

from pipeline import evaluation
from pipeline.performance.operating import at_threshold, rates

SCORE = np.array([0.1, 0.4, 0.35, 0.8, 0.8, 0.2])
LABEL = np.array([0, 0, 1, 1, 0, 0])


@pytest.fixture
def noisy():
    generator = np.random.default_rng(3)
    label = generator.integers(0, 2, 300)
    return np.round(generator.normal(label, 1.0), 1) / 10 + 0.5, label


def test_the_curve_is_that_of_scikit_learn(noisy):
    score, label = noisy
    curve = rates(score, label)
    false_alarms, sensitivity, thresholds = metrics.roc_curve(label, score, drop_intermediate=False)
    np.testing.assert_allclose(curve.false_alarms, false_alarms)
    np.testing.assert_allclose(curve.sensitivity, sensitivity)
    np.testing.assert_allclose(curve.threshold[1:], thresholds[1:])
    precision, recall, _ = metrics.precision_recall_curve(label, score)
    np.testing.assert_allclose(curve.precision(label.mean())[1:], precision[:-1][::-1])
    np.testing.assert_allclose(curve.sensitivity[1:], recall[:-1][::-1])


def test_the_corners_alone_have_the_same_area(noisy):
    score, label = noisy
    curve = rates(score, label)
    corners = curve.corner
    assert corners.sum() < len(corners)
    assert np.trapezoid(curve.sensitivity[corners], curve.false_alarms[corners]) == pytest.approx(
        metrics.roc_auc_score(label, score)
    )


def test_precision_where_fewer_are_ill_is_lower_and_of_nobody_unknown():
    curve = rates(SCORE, LABEL)
    assert np.isnan(curve.precision(0.3)[0])
    # Everybody is called: of those, the ill share is right.
    assert curve.precision(0.3)[-1] == pytest.approx(0.3)
    assert np.all(curve.precision(0.1)[1:] < curve.precision(0.5)[1:])


def test_a_threshold_gives_the_counts_shares_and_limits_of_a_report(noisy):
    score, label = noisy
    quick = at_threshold(score, label, 0.52)
    slow = evaluation.report(score, label, 0.52, resamples=5)
    assert quick["counts"] == slow["counts"]
    assert (quick["n"], quick["threshold"]) == (300, 0.52)
    for name in evaluation.PROPORTIONS:
        assert quick["figures"][name] == pytest.approx(slow["figures"][name])


def test_a_threshold_that_calls_nobody_has_no_ppv():
    assert at_threshold(SCORE, LABEL, 0.99)["figures"]["ppv"]["value"] is None


def test_one_class_has_no_curve():
    with pytest.raises(ValueError, match="both classes"):
        rates(SCORE, np.ones(6))


@pytest.mark.parametrize("prevalence", [0, 1, -0.1])
def test_an_impossible_prevalence_is_refused(prevalence):
    with pytest.raises(ValueError, match="prevalence"):
        rates(SCORE, LABEL).precision(prevalence)
