"""Two classifiers on the very same pictures: does one do better, or was it chance?"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import scipy  # its parts load themselves on first use

from pipeline.config import PNEUMONIA
from pipeline.evaluation.thresholds import both_classes


def delong(score_a: np.ndarray, score_b: np.ndarray, label: np.ndarray) -> dict:
    """Compare the AUC of two scores of the same pictures.

    The test takes pictures as independent. Siblings of one patient are not: set a bootstrap over
    patients beside it (`pipeline.pairing` does).

    Parameters
    ----------
    score_a, score_b : (N,) any scores that rise with pneumonia.
    label : (N,) 0 or 1, both present.

    Returns
    -------
    ``{"auc_a", "auc_b", "difference": {"value", "low", "high", "n"}, "p"}``, the difference a - b
    with its 95 % interval, p two-sided.

    References
    ----------
    DeLong, DeLong, Clarke-Pearson 1988, Biometrics 44:837. Sun, Xu 2014, IEEE Signal Processing
    Letters 21:1389 (placements by ranks, in O(N log N)).
    """
    return compare_placements(placements(score_a, label), placements(score_b, label))


def placements(score: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how each picture stands among those of the other class.

    Returns
    -------
    (positives,) share of the normals that each pneumonia outranks, and (negatives,) share of the
    pneumonias that outrank each normal; ties are halves. The mean of either is the AUC.
    """
    score, positive = np.asarray(score, np.float64), np.asarray(label) == PNEUMONIA
    if score.shape != positive.shape:
        raise ValueError(
            f"Expected as many scores as labels. Received: {score.shape} and {positive.shape}"
        )
    both_classes(positive)
    among_all = scipy.stats.rankdata(score)
    m, n = int(positive.sum()), int((~positive).sum())
    outranks = (among_all[positive] - scipy.stats.rankdata(score[positive])) / n
    outranked = 1 - (among_all[~positive] - scipy.stats.rankdata(score[~positive])) / m
    return outranks, outranked


def compare_placements(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]) -> dict:
    """Return `delong` from the `placements` of either score."""
    variance = sum(np.var(of_a - of_b, ddof=1) / len(of_a) for of_a, of_b in zip(a, b, strict=True))
    auc_a, auc_b = float(a[0].mean()), float(b[0].mean())
    difference, deviation = auc_a - auc_b, float(np.sqrt(variance))
    if deviation < 1e-12:  # the same ranking, or two that are both without error
        p = 1.0 if abs(difference) < 1e-12 else 0.0
    else:
        p = float(2 * scipy.stats.norm.sf(abs(difference) / deviation))
    half = NormalDist().inv_cdf(0.975) * deviation
    return {
        "auc_a": auc_a,
        "auc_b": auc_b,
        "difference": {
            "value": difference,
            "low": difference - half,
            "high": difference + half,
            "n": len(a[0]) + len(a[1]),
        },
        "p": p,
    }


def mcnemar(called_a: np.ndarray, called_b: np.ndarray, label: np.ndarray) -> dict:
    """Compare two sets of calls on the same pictures by McNemar's exact test.

    Parameters
    ----------
    called_a, called_b : (N,) bool or 0/1, pneumonia or not.
    label : (N,) 0 or 1. Give only the pneumonias to compare sensitivities, only the normals to
        compare specificities.

    Returns
    -------
    ``{"n", "counts": {"both_right", "only_a", "only_b", "both_wrong"}, "p"}``: ``only_a`` counts
    the pictures that a alone calls rightly; p is two-sided, 1 where they never differ.

    References
    ----------
    McNemar 1947, Psychometrika 12:153; exact: Fagerland, Lydersen, Laake 2013, BMC Medical
    Research Methodology 13:91.
    """
    called_a, called_b, label = (np.asarray(x).astype(int) for x in (called_a, called_b, label))
    if not called_a.shape == called_b.shape == label.shape:
        raise ValueError(
            "Expected as many calls as labels. "
            f"Received: {called_a.shape}, {called_b.shape} and {label.shape}"
        )
    right_a, right_b = called_a == label, called_b == label
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    tail = scipy.stats.binom.cdf(min(only_a, only_b), only_a + only_b, 0.5)
    return {
        "n": len(label),
        "counts": {
            "both_right": int((right_a & right_b).sum()),
            "only_a": only_a,
            "only_b": only_b,
            "both_wrong": int((~right_a & ~right_b).sum()),
        },
        "p": min(1.0, 2 * float(tail)),
    }


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p values corrected for there being several, in the order given.

    Whoever calls what stays below .05 a difference, is wrong anywhere at most once in 20 families
    of tests.

    References
    ----------
    Holm 1979, Scandinavian Journal of Statistics 6:65.
    """
    p_values = np.asarray(p_values, np.float64)
    order = np.argsort(p_values, kind="stable")
    factors = np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(factors * p_values[order]))
    return corrected.tolist()
