"""Many readers, many cases: the published analysis of Van Dyke's data, and truth by simulation."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from pipeline.evaluation import delong
from pipeline.observers import mrmc, variance
from pipeline.observers.panel import panels

van_dyke = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("van_dyke.py"))))
CASES = [str(case) for case in range(114)]


@pytest.fixture(scope="module")
def found():
    return variance.analyse("auc", van_dyke.ratings(), van_dyke.LABEL, CASES)


def test_every_readers_auc_is_the_published_one(found):
    assert found["by_reader"] == pytest.approx(np.array(van_dyke.AUC), abs=5e-9)


def test_mean_squares_and_covariances_are_the_published_ones(found):
    parts = found["components"]
    assert parts.ms_moment == pytest.approx(van_dyke.MS_MOMENT, abs=5e-9)
    assert parts.ms_interaction == pytest.approx(van_dyke.MS_INTERACTION, abs=5e-9)
    assert (parts.variance, parts.cov1, parts.cov2, parts.cov3) == pytest.approx(
        (van_dyke.VARIANCE, van_dyke.COV1, van_dyke.COV2, van_dyke.COV3), abs=5e-9
    )


def test_readers_and_cases_at_random_give_the_published_test_and_interval(found):
    test = found["random"]
    assert test["value"] == pytest.approx(van_dyke.DIFFERENCE, abs=5e-9)
    assert test["statistic"] == pytest.approx(van_dyke.RANDOM["statistic"], abs=0.005)
    assert test["df"] == pytest.approx(van_dyke.RANDOM["df"], abs=0.005)
    assert test["p"] == pytest.approx(van_dyke.RANDOM["p"], abs=5e-5)
    assert test["low"] == pytest.approx(van_dyke.RANDOM["low"], abs=5e-6)
    assert test["high"] == pytest.approx(van_dyke.RANDOM["high"], abs=5e-6)


def test_fixed_readers_give_the_published_test_and_interval(found):
    for name, value in van_dyke.FIXED.items():
        assert found["fixed"][name] == pytest.approx(value, abs=5e-5)


def test_each_kind_of_imaging_has_the_published_mean_and_interval(found):
    for mean, published in zip(found["means"], van_dyke.MEANS, strict=True):
        assert (mean["value"], mean["low"], mean["high"]) == pytest.approx(published, abs=5e-9)


@pytest.mark.parametrize("reader", range(5))
def test_one_reader_alone_has_the_published_standard_error(reader):
    one = van_dyke.ratings()[:, :, [reader]]
    found = variance.analyse("auc", one, van_dyke.LABEL, CASES)
    difference, error = van_dyke.READERS[reader]
    assert found["fixed"]["value"] == pytest.approx(difference, abs=5e-6)
    half = (found["fixed"]["high"] - found["fixed"]["low"]) / 2
    assert half / 1.959964 == pytest.approx(error, abs=5e-6)
    assert found["random"]["why"] == variance.ONE_READER
    # The jackknife and DeLong's variance differ by a factor near 1 only.
    by_delong = delong(one[1, :, 0], one[0, :, 0], van_dyke.LABEL)["difference"]
    assert half == pytest.approx((by_delong["high"] - by_delong["low"]) / 2, rel=0.02)


@pytest.mark.parametrize(("figure", "value"), [("sensitivity", 1), ("specificity", 0)])
def test_shares_have_the_covariances_of_their_answers(figure, value):
    calls = (van_dyke.ratings() >= 3).astype(float)
    found = variance.analyse(figure, calls, van_dyke.LABEL, CASES)
    label = van_dyke.LABEL
    own = calls[:, label == value] == value
    assert found["by_reader"] == pytest.approx(own.mean(axis=1))
    answers = np.concatenate([own[0], own[1]], axis=1).astype(float)  # cases x (moment, reader)
    covariance = np.cov(answers, rowvar=False) / len(answers)
    parts = found["components"]
    assert parts.variance == pytest.approx(np.diag(covariance).mean())
    assert parts.cov1 == pytest.approx(np.mean([covariance[j, j + 5] for j in range(5)]))
    off = ~np.eye(5, dtype=bool)
    assert parts.cov3 == pytest.approx(covariance[:5, 5:][off].mean())


def test_without_covariance_of_cases_it_is_a_paired_t_test():
    # Every reader gains, and the cases of two readers have nothing in common but their number.
    theta = np.array([[0.8, 0.7, 0.75, 0.9], [0.85, 0.8, 0.79, 0.91]])
    parts = variance._components(theta, np.diag(np.full(8, 1e-6)))
    found = variance._random(theta, parts, 100)
    assert found["p"] == pytest.approx(ttest_1samp(theta[1] - theta[0], 0).pvalue)
    assert found["df"] == pytest.approx(3)


def simulated(generator, effect=0.0, readers=5, cases=60):
    """Return scores of readers and cases that both vary, after Roe and Metz 1997."""
    label = np.repeat([0, 1], cases // 2)
    shape = (2, cases, readers)
    parts = (
        0.6 * generator.normal(size=(1, cases, 1)),
        0.4 * generator.normal(size=(2, cases, 1)),
        0.4 * generator.normal(size=(1, cases, readers)),
        0.5 * generator.normal(size=shape),
        label[None, :, None] * 0.25 * generator.normal(size=(1, 1, readers)),
        label[None, :, None] * 0.15 * generator.normal(size=(2, 1, readers)),
    )
    gain = np.array([0, effect])[:, None, None] * label[None, :, None]
    return sum(parts) + 1.2 * label[None, :, None] + gain, label


def test_without_an_effect_it_finds_one_in_about_one_of_twenty():
    generator = np.random.default_rng(5)
    patients = [str(case) for case in range(60)]
    found = 0
    for _ in range(300):
        score, label = simulated(generator)
        found += variance.analyse("auc", score, label, patients)["random"]["p"] < 0.05
    # 15 of 300 expected; 4 to 27 hold in 99.9 %.
    assert 4 <= found <= 27


def test_a_large_effect_is_found():
    score, label = simulated(np.random.default_rng(6), effect=1.0)
    test = variance.analyse("auc", score, label, [str(case) for case in range(60)])["random"]
    assert test["p"] < 0.01
    assert test["low"] > 0


def test_siblings_are_left_out_together():
    score, label = simulated(np.random.default_rng(7))
    doubled, twice = np.repeat(score, 2, axis=1), np.repeat(label, 2)
    once = variance.analyse("auc", score, label, [str(case) for case in range(60)])
    both = variance.analyse("auc", doubled, twice, [str(case // 2) for case in range(120)])
    assert both["components"].variance == pytest.approx(once["components"].variance)
    assert both["random"]["p"] == pytest.approx(once["random"]["p"])


def test_what_cannot_be_computed_has_a_reason():
    score, label = simulated(np.random.default_rng(8))
    patients = [str(case) for case in range(60)]
    unchanged = np.stack([score[0], score[0]])
    assert variance.analyse("auc", unchanged, label, patients)["fixed"]["why"] == variance.NO_SPREAD
    one_class = variance.analyse("auc", score, np.ones(60), patients)
    assert one_class["random"]["why"] == variance.ONE_CLASS
    assert one_class["components"] is None
    one_patient = variance.analyse("auc", score, label, ["a"] * 60)
    assert one_patient["fixed"]["value"] is None


def test_readers_who_read_too_little_stay_out(drawn_study):
    readings = [
        one
        for one in drawn_study(readers=3, cases=20)
        if one.reader != "reader-3" or one.case in (1, 2)
    ]
    before, after = panels(readings)
    readers, rows, _ = mrmc.crossed(before, after)
    assert (readers, len(rows)) == (("reader-1", "reader-2"), 20)
    auc, *_ = mrmc.compare(before, after)
    assert (auc.readers, auc.cases, auc.enough) == (readers, 20, False)
