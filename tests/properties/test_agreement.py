"""Agreement beyond chance, whoever is called first and whatever the categories are called."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.observers import kappa

calls = st.integers(1, 30).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 1), min_size=n, max_size=n)] * 3)
)
scores = st.integers(1, 30).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(-5, 5), min_size=n, max_size=n)] * 2)
)


def ones(values) -> np.ndarray:
    return np.ones((1, len(values)))


def same(one, other) -> None:
    np.testing.assert_allclose(one, other, atol=1e-9)


@given(calls)
def test_two_raters_agree_whichever_is_named_first(drawn):
    a, b, _ = map(np.array, drawn)
    for figure in (kappa.equal, kappa.chance, kappa.cohen):
        same(figure(a, b, ones(a)), figure(b, a, ones(a)))
        same(figure(1 - a, 1 - b, ones(a)), figure(a, b, ones(a)))
    told, turned = kappa.specific(a, b), kappa.specific(1 - a, 1 - b)
    assert (told["positive"], told["negative"]) == (turned["negative"], turned["positive"])
    assert (told["prevalence"], told["bias"]) == (turned["prevalence"], turned["bias"])


@given(calls)
def test_kappa_lies_between_minus_one_and_one_and_is_one_with_oneself(drawn):
    a, b, _ = map(np.array, drawn)
    (found,), (own,) = kappa.cohen(a, b, ones(a)), kappa.cohen(a, a, ones(a))
    assert np.isnan(found) or -1 - 1e-9 <= found <= 1 + 1e-9
    assert np.isnan(own) if len(set(a)) == 1 else own == pytest.approx(1)


@given(scores, st.integers(-3, 3), st.sampled_from([-2, -1, 1, 3]))
def test_weighted_kappa_knows_distances_alone(drawn, moved, scaled):
    a, b = (np.array(values, float) for values in drawn)
    found = kappa.quadratic(a, b, ones(a))
    same(found, kappa.quadratic(b, a, ones(a)))
    same(found, kappa.quadratic(scaled * a + moved, scaled * b + moved, ones(a)))
    assert np.isnan(found[0]) or -1 - 1e-9 <= found[0] <= 1 + 1e-9


@given(calls, st.permutations(range(3)))
def test_a_group_of_raters_agrees_in_whatever_order_and_words(drawn, order):
    ratings = np.array(drawn, float).T
    weights = ones(ratings)
    for figure in (kappa.fleiss, kappa.gwet, kappa.pairwise):
        found = figure(ratings, weights)
        same(found, figure(ratings[:, order], weights))
        same(found, figure(1 - ratings, weights))
        assert np.isnan(found[0]) or found[0] <= 1 + 1e-9


@given(calls, st.lists(st.integers(0, 3), min_size=30, max_size=30))
def test_a_case_that_counts_twice_is_a_case_that_is_there_twice(drawn, times):
    ratings, times = np.array(drawn, float).T, np.array(times[: len(drawn[0])])
    if not times.sum():
        return
    repeated = np.repeat(ratings, times, axis=0)
    a, b = ratings[:, 0], ratings[:, 1]
    for figure in (kappa.cohen, kappa.quadratic):
        same(figure(a, b, times[None]), figure(repeated[:, 0], repeated[:, 1], ones(repeated)))
    for figure in (kappa.fleiss, kappa.pairwise):
        same(figure(ratings, times[None]), figure(repeated, ones(repeated)))
