"""Do two explanations say the same? Known orders, other sizes, other superpixels."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from pipeline.explain.agreement import agreement, correlation, jaccard, over_seeds, resampled
from pipeline.explain.explanation import Explanation, averaged, painted

GRID = np.kron(np.arange(16).reshape(4, 4), np.ones((6, 6))).astype(np.int32)


def explanation(weights, segments=GRID, margins=None, target=1, seed=0) -> Explanation:
    weights = np.asarray(weights, float)
    margins = np.zeros(len(weights)) if margins is None else np.asarray(margins, float)
    return Explanation(
        method="lime",
        run="",
        target=target,
        segments=segments,
        weights=weights,
        margins=margins,
        heat=painted(weights, segments),
        unit="probability",
        intercept=0.0,
        seed=seed,
        samples=10,
        segmentation="own",
        fill="mean",
        fidelity_r2=0.9,
        stability=1.0,
        settled=True,
        probability=0.8,
        seconds=0.0,
    )


FALLING = np.linspace(1, -0.5, 16)


def test_an_explanation_agrees_with_itself():
    found = agreement(explanation(FALLING), explanation(FALLING))
    assert (found.correlation, found.overlap, found.superpixels) == (pytest.approx(1), 1.0, 16)
    assert not found.disagree


def test_the_opposite_map_is_flagged():
    found = agreement(explanation(FALLING), explanation(-FALLING))
    assert found.correlation == pytest.approx(-1)
    assert found.disagree


def test_maps_of_different_places_are_flagged():
    first, second = np.zeros(16), np.zeros(16)
    first[:5], second[11:] = 1, 1
    found = agreement(explanation(first), explanation(second))
    assert found.overlap == 0
    assert found.disagree


def test_a_run_of_another_size_is_compared_on_the_same_parts():
    twice = np.kron(GRID, np.ones((2, 2))).astype(np.int32)
    found = agreement(explanation(FALLING), explanation(FALLING, twice))
    assert found.correlation == pytest.approx(1)
    assert found.overlap == 1


def test_other_superpixels_are_laid_over_those_of_the_first():
    # Columns of two pixels: finer than the squares, but the same map lies under both.
    columns = np.tile(np.arange(24) // 2, (24, 1)).astype(np.int32)
    slope = np.arange(12, dtype=float)
    a, b = explanation(averaged(painted(slope, columns), GRID)), explanation(slope, columns)
    assert agreement(a, b).correlation == pytest.approx(1)


def test_explanations_of_two_classes_cannot_be_compared():
    with pytest.raises(ValueError, match="Expected two of one class"):
        agreement(explanation(FALLING), explanation(FALLING, target=0))


def test_the_correlation_is_that_of_scipy():
    generator = np.random.default_rng(0)
    a, b = generator.integers(0, 9, 40).astype(float), generator.normal(size=40)
    assert correlation(a, b) == pytest.approx(spearmanr(a, b).statistic)
    assert np.isnan(correlation(np.ones(5), np.arange(5.0)))


def test_the_overlap_of_sets_is_counted():
    assert jaccard([1, 2, 3], [2, 3, 4]) == 0.5
    assert jaccard([], []) == 1.0
    assert jaccard([1], []) == 0.0


def test_a_map_keeps_its_places_at_another_size():
    heat = np.arange(16.0).reshape(4, 4)
    assert np.array_equal(resampled(np.kron(heat, np.ones((3, 3))), 4), heat)
    assert np.array_equal(resampled(heat, 8), np.kron(heat, np.ones((2, 2))))


def test_flips_count_only_what_is_drawn():
    a = np.zeros(16)
    a[:4] = [1, 0.5, -0.5, 0.1]
    b = a.copy()
    b[1], b[3] = -0.5, -0.1
    margins = np.full(16, 0.3)
    found = over_seeds([explanation(a, margins=margins), explanation(b, margins=margins, seed=1)])
    # Three are evidence; the weak fourth one flips too, but is drawn by neither.
    assert (found.flips, found.drawn, found.pairs) == (1, 3, 1)
    assert found.sign_flips == pytest.approx(1 / 3)
    assert found.overlap == 1.0


def test_all_pairs_of_seeds_are_compared():
    three = [explanation(FALLING), explanation(FALLING, seed=1), explanation(-FALLING, seed=2)]
    found = over_seeds(three)
    assert found.pairs == 3
    assert found.flips == 2 * np.count_nonzero(FALLING)


def test_seeds_on_other_superpixels_cannot_be_compared():
    with pytest.raises(ValueError, match="same superpixels"):
        over_seeds([explanation(FALLING), explanation(FALLING, GRID.T.copy())])
    with pytest.raises(ValueError, match="two explanations or more"):
        over_seeds([explanation(FALLING)])
