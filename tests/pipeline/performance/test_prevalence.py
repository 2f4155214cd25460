import numpy as np
import pytest

from pipeline.evaluation.wilson_score import share
from pipeline.performance.prevalence import cheapest_threshold, expected_cost, icons


def figures(found, ill, cleared, well):
    return {"sensitivity": share(found, ill), "specificity": share(cleared, well)}


def test_a_hundred_children_add_up_to_a_hundred():
    assert icons(0.9, 0.8, 0.1) == {"found": 9, "missed": 1, "false_alarm": 18, "cleared": 72}
    generator = np.random.default_rng(0)
    for sensitivity, specificity, prevalence in generator.uniform(0.01, 0.99, (200, 3)):
        counts = icons(sensitivity, specificity, prevalence)
        assert sum(counts.values()) == 100
        assert abs(counts["found"] - 100 * prevalence * sensitivity) < 1


def test_a_perfect_model_errs_for_nobody():
    assert icons(1.0, 1.0, 0.625) in (
        {"found": 63, "missed": 0, "false_alarm": 0, "cleared": 37},
        {"found": 62, "missed": 0, "false_alarm": 0, "cleared": 38},
    )


def test_cost_counts_misses_and_false_alarms_by_their_price():
    cost = expected_cost(figures(90, 100, 160, 200), 0.25, 4)
    # 25 ill: 2.5 missed, 4 each; 75 well: 15 alarms, 1 each.
    assert cost["value"] == pytest.approx(25.0)
    assert cost["low"] < 25 < cost["high"]
    assert cost["n"] == 300


def test_of_one_error_only_the_limits_are_wilsons():
    # At a tiny prevalence only the false alarms count.
    specificity = share(160, 200)
    cost = expected_cost(figures(100, 100, 160, 200), 1e-9, 1)
    assert cost["low"] == pytest.approx(100 * (1 - specificity["high"]), rel=1e-5)
    assert cost["high"] == pytest.approx(100 * (1 - specificity["low"]), rel=1e-5)


def test_the_limits_hold_the_truth_19_times_of_20():
    generator = np.random.default_rng(1)
    truth = 100 * (0.3 * 5 * 0.1 + 0.7 * 0.2)
    held = 0
    for _ in range(1000):
        drawn = figures(generator.binomial(390, 0.9), 390, generator.binomial(234, 0.8), 234)
        cost = expected_cost(drawn, 0.3, 5)
        held += cost["low"] <= truth <= cost["high"]
    assert 930 <= held <= 970


def test_the_cheapest_threshold_lies_between_separated_classes():
    score = np.array([0.1, 0.2, 0.3, 0.7, 0.8, 0.9])
    found = cheapest_threshold(score, np.array([0, 0, 0, 1, 1, 1]), 0.5, 1)
    # A resample may lack the cases next to the gap; then the gap is wider.
    assert 0.15 < found["low"] <= found["threshold"] <= found["high"] < 0.9
    assert 0.3 < found["threshold"] < 0.7


def test_a_dearer_miss_lowers_the_threshold_and_a_rarer_illness_raises_it():
    generator = np.random.default_rng(2)
    label = np.repeat([0, 1], 300)
    score = 1 / (1 + np.exp(-generator.normal(2 * label - 1, 1.0)))
    patients = [f"patient{i // 2}" for i in range(600)]

    def cheapest(prevalence, miss):
        return cheapest_threshold(score, label, prevalence, miss, patients)["threshold"]

    assert cheapest(0.5, 10) < cheapest(0.5, 1) < cheapest(0.5, 0.1)
    assert cheapest(0.05, 1) > cheapest(0.5, 1)


def test_it_is_the_threshold_that_a_search_finds():
    generator = np.random.default_rng(4)
    label = np.repeat([0, 1], 2000)
    score = 1 / (1 + np.exp(-generator.normal(2 * label - 1, 1.0)))
    # Scores are calibrated log odds / 2; the cheapest call is known from decision theory: call
    # where odds of illness x price of a miss > 1.
    miss, prevalence = 3.0, 0.2
    expected = 1 / (1 + np.exp(-np.log((1 - prevalence) / prevalence / miss) / 2))
    found = cheapest_threshold(score, label, prevalence, miss)
    assert found["low"] <= expected <= found["high"]


def test_one_class_cannot_be_priced():
    with pytest.raises(ValueError, match="both classes"):
        cheapest_threshold(np.array([0.1, 0.2]), np.array([1, 1]), 0.5, 1)


@pytest.mark.parametrize(("prevalence", "miss"), [(0, 1), (1, 1), (0.5, 0), (0.5, -1)])
def test_impossible_prices_are_refused(prevalence, miss):
    with pytest.raises(ValueError, match="Expected"):
        expected_cost(figures(1, 2, 1, 2), prevalence, miss)
