"""KernelSHAP against Shapley values by their definition."""

from itertools import combinations
from math import factorial

import numpy as np
import pytest

from pipeline.explain.kernel_shap import explain

CLEAR = 10  # grey levels of a superpixel that is shown; hidden ones are black


def strips(count):
    """A picture of `count` columns, two pixels wide, and as many rows; each its own superpixel."""
    labels = np.repeat(np.arange(count, dtype=np.int32)[None], 2 * count, axis=0)
    return np.full((2 * count, 2 * count), CLEAR, np.uint8), labels.repeat(2, axis=1)


def game(count, seed=0):
    """Return a value of every coalition with effects of one, two and three superpixels."""
    generator = np.random.default_rng(seed)
    alone = generator.normal(size=count) * 0.04
    twos = np.triu(generator.normal(size=(count, count)) * 0.03, 1)
    three = generator.choice(count, 3, replace=False) if count >= 3 else []

    def value(shown):
        together = np.einsum("ni,ij,nj->n", shown, twos, shown)
        odd = 0.1 * shown[:, three].all(axis=1) if count >= 3 else 0
        return 0.4 + shown @ alone + together + odd

    def predict(images):
        positive = value((images[:, 0, ::2] == CLEAR).astype(float))
        return np.stack([1 - positive, positive], axis=1)

    return value, predict


def shapley(value, count):
    """By definition: the mean of what joining adds, over all orders of joining."""
    values = np.zeros(count)
    for player in range(count):
        others = [one for one in range(count) if one != player]
        for size in range(count):
            share = factorial(size) * factorial(count - size - 1) / factorial(count)
            for coalition in combinations(others, size):
                without = np.zeros((1, count))
                without[0, list(coalition)] = 1
                joined = without.copy()
                joined[0, player] = 1
                values[player] += share * (value(joined) - value(without))[0]
    return values


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_with_few_superpixels_the_values_are_exactly_those_of_shapley(count):
    value, predict = game(count)
    image, labels = strips(count)
    found = explain(predict, image, segments=labels, fill="black")
    np.testing.assert_allclose(found.weights, shapley(value, count), atol=1e-10)
    assert found.samples == 2**count
    assert not found.margins.any()
    assert found.settled


@pytest.mark.parametrize("count", [7, 8])
def test_sampled_values_come_close_to_those_of_shapley(count):
    value, predict = game(count, seed=1)
    image, labels = strips(count)
    expected = shapley(value, count)
    found = explain(predict, image, segments=labels, fill="black", samples=2**count - 1, seed=4)
    assert found.samples < 2**count
    assert found.margins.max() > 0
    assert np.abs(found.weights - expected).max() < 0.15 * np.abs(expected).max()


def test_the_weights_sum_to_the_picture_less_the_hidden_picture():
    _, predict = game(12)
    image, labels = strips(12)
    found = explain(predict, image, segments=labels, fill="black", samples=200)
    hidden = predict(np.zeros_like(image)[None])[0, 1]
    assert found.intercept == pytest.approx(hidden)
    assert found.weights.sum() == pytest.approx(found.probability - hidden, abs=1e-12)


def test_intervals_hold_the_true_values():
    count, covered, widths, drawn = 8, [], [], []
    value, predict = game(count, seed=2)
    image, labels = strips(count)
    expected = shapley(value, count)
    for seed in range(60):
        found = explain(predict, image, segments=labels, fill="black", samples=120, seed=seed)
        covered.append(np.abs(found.weights - expected) <= found.margins)
        widths.append(found.margins)
        drawn.append(found.weights)
    assert np.mean(np.all(covered, axis=1)) > 0.9, "60 times eight intervals, of 95 % together"
    assert (np.mean(widths, axis=0) < 4 * np.std(drawn, axis=0, ddof=1)).all()


def test_a_surrogate_of_what_is_linear_is_perfect_and_certain():
    def predict(images):
        shown = images[:, 0, ::2] == CLEAR
        positive = 0.2 + shown @ np.linspace(-0.02, 0.05, 14)
        return np.stack([1 - positive, positive], axis=1)

    image, labels = strips(14)
    found = explain(predict, image, segments=labels, fill="black", samples=300)
    np.testing.assert_allclose(found.weights, np.linspace(-0.02, 0.05, 14), atol=1e-9)
    assert found.fidelity_r2 == pytest.approx(1)
    assert found.margins.max() < 1e-9


def test_fidelity_is_that_of_the_coalitions_as_the_kernel_weighs_them():
    count = 6
    value, predict = game(count)
    image, labels = strips(count)
    found = explain(predict, image, segments=labels, fill="black")
    shown = (np.arange(1, 2**count - 1)[:, None] >> np.arange(count) & 1).astype(float)
    size = shown.sum(axis=1)
    ways = np.array(
        [factorial(count) / factorial(s) / factorial(count - s) for s in size.astype(int)]
    )
    kernel = (count - 1) / (ways * size * (count - size))
    true, linear = value(shown), found.intercept + shown @ found.weights
    mean = np.average(true, weights=kernel)
    expected = 1 - np.average((true - linear) ** 2, weights=kernel) / np.average(
        (true - mean) ** 2, weights=kernel
    )
    assert found.fidelity_r2 == pytest.approx(expected)


def test_too_few_samples_for_the_superpixels_are_refused_and_another_seed_draws_others():
    _, predict = game(20)
    image, labels = strips(20)
    with pytest.raises(ValueError, match="Expected samples >= 82 for 20 superpixels"):
        explain(predict, image, segments=labels, samples=60)
    first, other = (
        explain(predict, image, segments=labels, fill="black", samples=200, seed=seed)
        for seed in (0, 1)
    )
    assert not np.array_equal(first.weights, other.weights)
