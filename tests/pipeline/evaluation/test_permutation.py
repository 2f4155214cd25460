import numpy as np
import pytest
from scipy import stats

from pipeline.evaluation.permutation import between, sign_flip


def test_fishers_maize_gives_fishers_p():
    """Darwin's 15 pairs of plants: of 32,768 arrangements 1,726 are as far apart.

    Fisher 1935, The Design of Experiments, section 21.
    """
    eighths = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    found = sign_flip(eighths)
    assert found["p"] == 1726 / 32768
    assert found["exact"]
    # Section 17: the mean is 20.933 eighths of an inch, t = 2.148.
    assert found["value"] == pytest.approx(20.933, abs=5e-4)
    half = found["high"] - found["value"]
    assert found["value"] / (half / stats.t.ppf(0.975, 14)) == pytest.approx(2.148, abs=5e-4)


@pytest.mark.parametrize("count", [2, 3, 7, 12])
def test_the_sign_flip_is_scipys(count):
    random = np.random.default_rng(count)
    a, b = random.normal(0.9, 0.02, count), random.normal(0.91, 0.02, count)
    found = sign_flip(a - b)
    known = stats.permutation_test(
        (a, b),
        lambda a, b, axis: np.abs(np.mean(a - b, axis=axis)),
        vectorized=True,
        permutation_type="samples",
        alternative="greater",
    )
    assert found["p"] == pytest.approx(known.pvalue)
    limits = stats.ttest_rel(a, b).confidence_interval()
    assert (found["low"], found["high"]) == pytest.approx((limits.low, limits.high))


@pytest.mark.parametrize(("n_a", "n_b"), [(2, 2), (3, 5), (6, 6)])
def test_the_test_between_groups_is_scipys(n_a, n_b):
    random = np.random.default_rng(n_a)
    a, b = random.normal(0.9, 0.02, n_a), random.normal(0.92, 0.01, n_b)
    found = between(a, b)
    known = stats.permutation_test(
        (a, b),
        lambda a, b, axis: np.abs(np.mean(a, axis=axis) - np.mean(b, axis=axis)),
        vectorized=True,
        alternative="greater",
    )
    assert found["exact"]
    assert found["p"] == pytest.approx(known.pvalue)
    limits = stats.ttest_ind(a, b, equal_var=False).confidence_interval()
    assert (found["low"], found["high"]) == pytest.approx((limits.low, limits.high))


def test_a_single_figure_has_no_spread_and_so_no_interval():
    found = between([9.0], [1.0, 2.0, 3.0, 4.0])
    assert (found["low"], found["high"]) == (None, None)
    assert found["p"] == found["smallest_p"] == 1 / 5
    assert sign_flip([0.3])["low"] is None


def test_of_many_runs_arrangements_are_drawn_and_always_the_same_ones():
    random = np.random.default_rng(0)
    a, b = random.normal(0, 1, 30), random.normal(0.5, 1, 30)
    for test, arguments in ((sign_flip, (a - b,)), (between, (a, b))):
        found = test(*arguments)
        assert not found["exact"]
        assert found == test(*arguments)
        normal = stats.ttest_rel(a, b) if test is sign_flip else stats.ttest_ind(a, b)
        assert found["p"] == pytest.approx(normal.pvalue, abs=0.01)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
def test_the_smallest_p_is_reached_by_groups_that_lie_wholly_apart(count):
    differences = np.arange(1, count + 1)
    assert sign_flip(differences)["p"] == sign_flip(differences)["smallest_p"] == 2 / 2**count
    a, b = differences, differences + 100
    assert between(a, b)["p"] == pytest.approx(between(a, b)["smallest_p"])
    assert between([*a, 50], b)["p"] == pytest.approx(between([*a, 50], b)["smallest_p"])


def test_equal_groups_show_nothing():
    assert sign_flip([0.0, 0.0, 0.0])["p"] == 1
    assert between([0.9, 0.9], [0.9, 0.9])["p"] == 1
    assert between([0.9, 0.9], [0.9, 0.9])["low"] == 0
    assert sign_flip([0.1, -0.1])["p"] == 1


def test_without_a_difference_a_small_p_is_as_rare_as_it_says():
    random = np.random.default_rng(4)
    flips = [sign_flip(random.normal(0, 1, 8))["p"] for _ in range(400)]
    groups = [between(random.normal(0, 1, 5), random.normal(0, 1, 5))["p"] for _ in range(400)]
    assert np.mean(np.array(flips) <= 0.05) < 0.08
    assert np.mean(np.array(groups) <= 0.05) < 0.08


@pytest.mark.parametrize("wrong", [[], [np.nan, 1.0]])
def test_what_is_no_figure_is_the_callers_mistake(wrong):
    with pytest.raises(ValueError, match="Expected"):
        sign_flip(wrong)
    with pytest.raises(ValueError, match="Expected"):
        between(wrong, [1.0])
