"""Intervals over patients, and the reasons for having none."""

import numpy as np
import pytest

from pipeline.evaluation import wilson
from pipeline.observers import estimate as estimating
from pipeline.observers.estimate import estimate, pooled


def mean_of(values):
    return lambda weights: weights @ values / weights.sum(axis=1)


def test_the_interval_of_a_mean_is_about_that_of_the_textbook():
    values = np.random.default_rng(0).normal(0, 1, 200)
    found = estimate(mean_of(values), [str(i) for i in range(200)], "")
    half = 1.96 * values.std(ddof=1) / np.sqrt(200)
    assert found["value"] == pytest.approx(values.mean())
    assert found["high"] - found["value"] == pytest.approx(half, rel=0.1)
    assert found["value"] - found["low"] == pytest.approx(half, rel=0.1)


def test_cases_of_one_patient_are_drawn_together():
    values = np.repeat(np.random.default_rng(1).normal(0, 1, 30), 4)
    alone = estimate(mean_of(values), [str(i) for i in range(120)], "")
    together = estimate(mean_of(values), [str(i // 4) for i in range(120)], "")
    width = (together["high"] - together["low"]) / (alone["high"] - alone["low"])
    assert width == pytest.approx(2, rel=0.15)  # the root of four


@pytest.mark.parametrize(
    ("values", "patients", "why"),
    [
        (np.array([0.0, 1.0]), ["a", "a"], estimating.ONE_PATIENT),
        (np.array([1.0, 1.0]), ["a", "b"], estimating.ALL_ALIKE),
    ],
)
def test_where_no_interval_can_be_given_the_reason_is(values, patients, why):
    found = estimate(mean_of(values), patients, "")
    assert (found["low"], found["high"], found["why"]) == (None, None, why)
    assert found["value"] == values.mean()


def test_a_figure_that_mostly_does_not_exist_has_no_interval():
    values = np.arange(3.0)

    def fickle(weights):
        return np.where(weights[:, 0] == 1, weights @ values, np.nan)

    found = estimate(fickle, ["a", "b", "c"], "")
    assert found["why"] == estimating.TOO_OFTEN_UNDEFINED


def test_no_case_is_said():
    assert estimate(mean_of(np.empty(0)), [], "x")["why"] == "no case"


def test_a_share_of_none_or_all_has_wilsons_interval_of_the_patients():
    of = np.ones((6, 3), bool)
    found = pooled(np.zeros((6, 3), bool), of, ["a", "a", "b", "b", "c", "c"])
    assert (found["low"], found["high"]) == wilson(0, 3)
    assert found["n"] == 18


def test_a_share_counts_only_what_is_asked_of():
    hit = np.array([[1, 1], [1, 0], [0, 1]], bool)
    of = np.array([[1, 0], [1, 1], [1, 0]], bool)
    found = pooled(hit, of, ["a", "b", "c"])
    assert (found["value"], found["n"]) == (0.5, 4)
    assert pooled(hit, np.zeros((3, 2), bool), ["a", "b", "c"], "none")["why"] == "none"
