import numpy as np
import pytest
from scipy.optimize import brentq

from pipeline import evaluation
from pipeline.evaluation.prevalence import ratio_limits
from pipeline.evaluation.wilson_score import share


def test_predictive_values_of_an_example_worked_out_by_hand():
    # Of 1000 children 100 are ill: 90 found; of 900 well ones 180 are called ill.
    found = evaluation.at_prevalence(share(45, 50), share(80, 100), 0.1)
    assert found["ppv"]["value"] == pytest.approx(90 / 270)
    assert found["npv"]["value"] == pytest.approx(720 / 730)
    assert (found["ppv"]["n"], found["npv"]["n"]) == (150, 150)


def test_at_the_share_of_the_set_itself_they_are_the_set_s_own():
    label = np.array([1] * 30 + [0] * 70)
    score = np.concatenate([np.linspace(0.3, 1, 30), np.linspace(0, 0.7, 70)])
    figures = evaluation.report(score, label, 0.5, resamples=20)["figures"]
    found = evaluation.at_prevalence(figures["sensitivity"], figures["specificity"], 0.3)
    for name in ("ppv", "npv"):
        assert found[name]["value"] == pytest.approx(figures[name]["value"]), name
        assert found[name]["low"] < found[name]["value"] < found[name]["high"]


def test_the_limits_are_where_the_difference_of_the_two_could_just_be_nought():
    # MOVER-R is defined by this equation; here it is solved by search, there in closed form.
    first, second = (0.85, 0.93, 0.97), (0.05, 0.12, 0.24)

    def lower(ratio):
        spread = (first[1] - first[0]) ** 2 + ratio**2 * (second[2] - second[1]) ** 2
        return first[1] - ratio * second[1] - np.sqrt(spread)

    def upper(ratio):
        spread = (first[2] - first[1]) ** 2 + ratio**2 * (second[1] - second[0]) ** 2
        return first[1] - ratio * second[1] + np.sqrt(spread)

    assert ratio_limits(first, second) == pytest.approx(
        (brentq(lower, 0.1, 7.7), brentq(upper, 7.7, 100))
    )


def test_the_intervals_cover_the_truth_about_95_times_in_100():
    generator = np.random.default_rng(0)
    sensitivity, specificity, prevalence = 0.95, 0.85, 0.1
    ppv = prevalence * sensitivity / (prevalence * sensitivity + (1 - prevalence) * 0.15)
    npv = 0.9 * specificity / (0.9 * specificity + 0.1 * 0.05)
    covered = np.zeros(2)
    for found, cleared in zip(
        generator.binomial(200, sensitivity, 1000),
        generator.binomial(120, specificity, 1000),
        strict=True,
    ):
        entry = evaluation.at_prevalence(share(found, 200), share(cleared, 120), prevalence)
        covered += [
            entry["ppv"]["low"] <= ppv <= entry["ppv"]["high"],
            entry["npv"]["low"] <= npv <= entry["npv"]["high"],
        ]
    assert ((covered >= 930) & (covered <= 975)).all()


def test_a_perfect_specificity_still_leaves_doubt():
    found = evaluation.at_prevalence(share(9, 10), share(20, 20), 0.05)
    assert (found["ppv"]["value"], found["ppv"]["high"]) == (1.0, 1.0)
    assert 0 < found["ppv"]["low"] < 0.5


def test_a_call_that_is_never_made_has_no_value():
    found = evaluation.at_prevalence(share(0, 10), share(20, 20), 0.05)
    assert found["ppv"]["value"] is None
    assert found["npv"]["value"] == pytest.approx(0.95)
    none = {"value": None, "low": None, "high": None, "n": 0}
    assert evaluation.at_prevalence(none, share(20, 20), 0.05)["npv"]["value"] is None


def test_bare_numbers_are_taken_as_known_exactly():
    found = evaluation.at_prevalence(0.9, 0.8, 0.1)["ppv"]
    assert found == pytest.approx({"value": 1 / 3, "low": 1 / 3, "high": 1 / 3, "n": None})


@pytest.mark.parametrize("prevalence", [0, 1, -0.1, 10])
def test_a_prevalence_is_a_share(prevalence):
    with pytest.raises(ValueError, match="Expected a prevalence between 0 and 1"):
        evaluation.at_prevalence(0.9, 0.9, prevalence)
