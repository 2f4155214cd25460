"""Agreement beyond chance, each figure under many weightings of the cases at once.

Every function takes how often each case counts, (K, N), and returns (K,), NaN where the figure
does not exist. With a row of ones it is the figure itself; with rows of a bootstrap, its draws.

References
----------
Cohen 1960, A coefficient of agreement for nominal scales, doi:10.1177/001316446002000104.
Cohen 1968, Weighted kappa, doi:10.1037/h0026256. Fleiss 1971, Measuring nominal scale agreement
among many raters, doi:10.1037/h0031619. Gwet 2008, Computing inter-rater reliability and its
variance in the presence of high agreement, doi:10.1348/000711006X126600 (AC1, two and more raters,
missing ratings). Feinstein, Cicchetti 1990, High agreement but low kappa,
doi:10.1016/0895-4356(90)90158-L and 90159-M (positive and negative agreement). Byrt, Bishop,
Carlin 1993, Bias, prevalence and kappa, doi:10.1016/0895-4356(93)90018-V.
"""

from __future__ import annotations

import numpy as np

_NONE = 1e-12


def equal(a: np.ndarray, b: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the share of cases on which two raters (N,) say the same."""
    return _ratio(weights @ (a == b), weights.sum(axis=1))


def chance(a: np.ndarray, b: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the share on which they would, each keeping to how often they say what."""
    total = weights.sum(axis=1)
    found = np.zeros(len(weights))
    for category in np.union1d(a, b):
        found += _ratio(weights @ (a == category), total) * _ratio(weights @ (b == category), total)
    return found


def cohen(a: np.ndarray, b: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return Cohen's kappa of two raters (N,); NaN where both use one and the same category."""
    by_chance = chance(a, b, weights)
    return _ratio(equal(a, b, weights) - by_chance, 1 - by_chance)


def quadratic(a: np.ndarray, b: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return Cohen's weighted kappa of two raters (N,) on a scale of equal steps.

    Disagreement counts with the square of the distance, so that the table of categories need not
    be made: what is expected by chance follows from means and variances.
    """
    total = weights.sum(axis=1)
    apart = _ratio(weights @ (a - b) ** 2, total)
    mean_a, mean_b = _ratio(weights @ a, total), _ratio(weights @ b, total)
    square_a, square_b = _ratio(weights @ a**2, total), _ratio(weights @ b**2, total)
    by_chance = square_a + square_b - 2 * mean_a * mean_b
    return 1 - _ratio(apart, by_chance)


def steps(score: np.ndarray) -> np.ndarray:
    """Return scores on a scale of equal steps: there is no 0 between *just* ill and *just* not."""
    return score - 0.5 * np.sign(score)


def fleiss(ratings: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return Fleiss' kappa of ratings (N, R) without gaps; NaN where one category is all."""
    counts, raters = _counts(ratings), ratings.shape[1]
    total = weights.sum(axis=1)
    own = (counts * (counts - 1)).sum(axis=1) / (raters * (raters - 1))
    spread = _ratio(weights @ (counts / raters), total[:, None])
    by_chance = (spread**2).sum(axis=1)
    return _ratio(_ratio(weights @ own, total) - by_chance, 1 - by_chance)


def gwet(ratings: np.ndarray, weights: np.ndarray, categories: int = 2) -> np.ndarray:
    """Return Gwet's AC1 of ratings (N, R), NaN where a rating is missing.

    Parameters
    ----------
    categories : of the scale, whether or not all of them are used.
    """
    counts = _counts(ratings)
    given = counts.sum(axis=1)
    twice = given >= 2
    pairs = np.where(twice, given * (given - 1), 1)
    own = np.where(twice, (counts * (counts - 1)).sum(axis=1) / pairs, 0.0)
    agreed = _ratio(weights @ own, weights @ twice)
    shares = counts / np.maximum(given, 1)[:, None]
    spread = _ratio(weights @ shares, (weights @ (given > 0))[:, None])
    by_chance = (spread * (1 - spread)).sum(axis=1) / (categories - 1)
    return _ratio(agreed - by_chance, 1 - by_chance)


def pairwise(ratings: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the share of pairs of raters who say the same of a case; ratings (N, R), NaN missing.

    Every case that two or more rated counts the same.
    """
    counts = _counts(ratings)
    given = counts.sum(axis=1)
    twice = given >= 2
    own = np.where(
        twice,
        (counts * (counts - 1)).sum(axis=1) / np.where(twice, given * (given - 1), 1),
        0.0,
    )
    return _ratio(weights @ own, weights @ twice)


def specific(a: np.ndarray, b: np.ndarray) -> dict[str, float | None]:
    """Return what explains a kappa of two raters' calls (N,) of 0 or 1.

    Returns
    -------
    ``positive``, ``negative``: agreement on calls of either kind; ``prevalence``, ``bias``: how
    far the two kinds, and the two raters, are out of balance, 0 to 1. None where undefined.
    """
    both, neither = int(np.sum((a == 1) & (b == 1))), int(np.sum((a == 0) & (b == 0)))
    n, apart = len(a), len(a) - both - neither
    return {
        "positive": 2 * both / (2 * both + apart) if 2 * both + apart else None,
        "negative": 2 * neither / (2 * neither + apart) if 2 * neither + apart else None,
        "prevalence": abs(both - neither) / n if n else None,
        "bias": abs(int(a.sum()) - int(b.sum())) / n if n else None,
    }


def _counts(ratings: np.ndarray) -> np.ndarray:
    """Return how many raters chose each category for each case (N, Q)."""
    categories = np.unique(ratings[np.isfinite(ratings)])
    return (ratings[:, :, None] == categories).sum(axis=1).astype(float)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    part, whole = np.broadcast_arrays(np.asarray(part, float), np.asarray(whole, float))
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=np.abs(whole) > _NONE)
