"""The figures themselves: counts, shares, AUC, average precision, Brier, calibration error."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np

from pipeline.config import PNEUMONIA
from pipeline.evaluation.calibration import weighted_calibration_error

# Figures that are a share of a count have Wilson intervals; the others are bootstrapped.
PROPORTIONS = ("accuracy", "sensitivity", "specificity", "ppv", "npv")
FIGURES = (*PROPORTIONS, "balanced_accuracy", "auc", "average_precision", "brier", "ece")
LOWER_IS_BETTER = ("brier", "ece")


def confusion(score: np.ndarray, label: np.ndarray, threshold: float) -> dict[str, int]:
    """Return ``{"tp", "fn", "tn", "fp"}`` with pneumonia as the positive class."""
    called = np.asarray(score) >= threshold
    positive = np.asarray(label) == PNEUMONIA
    return {
        "tp": int(np.sum(called & positive)),
        "fn": int(np.sum(~called & positive)),
        "tn": int(np.sum(~called & ~positive)),
        "fp": int(np.sum(called & ~positive)),
    }


def denominators(counts: dict[str, int]) -> dict[str, int]:
    """Return how many pictures each of `FIGURES` is a figure of."""
    tp, fn, tn, fp = (counts[name] for name in ("tp", "fn", "tn", "fp"))
    sizes = dict.fromkeys(FIGURES, tp + fn + tn + fp)
    return sizes | {
        "sensitivity": tp + fn,
        "specificity": tn + fp,
        "ppv": tp + fp,
        "npv": tn + fn,
    }


def figures(
    score: np.ndarray, label: np.ndarray, threshold: float, only: Sequence[str] = FIGURES
) -> dict[str, float]:
    """Compute the figures named in `only`; NaN where one class or one call is missing."""
    once = weighted_figures(score, label, threshold, np.ones((1, len(score))), only)
    return {name: float(values[0]) for name, values in once.items()}


def weighted_figures(
    score: np.ndarray,
    label: np.ndarray,
    threshold: float,
    weights: np.ndarray,
    only: Sequence[str] = FIGURES,
) -> dict[str, np.ndarray]:
    """Compute figures of many samples at once, each a row of weights.

    Parameters
    ----------
    score, label : (N,).
    weights : (R, N), how often each case occurs in each sample.

    Returns
    -------
    (R,) for each name in `only`. AUC and average precision equal scikit-learn's on the repeated
    cases (a test compares them), without sorting anew for every sample.
    """
    score, positive = np.asarray(score, np.float64), np.asarray(label) == PNEUMONIA
    called = score >= threshold
    masks = np.stack(
        [called & positive, ~called & positive, ~called & ~positive, called & ~positive], axis=1
    )
    tp, fn, tn, fp = (weights @ masks).T
    total = weights.sum(axis=1)
    at_scores = functools.cache(lambda: per_score(score, positive, weights))
    compute: dict[str, Callable[[], np.ndarray]] = {
        "accuracy": lambda: _ratio(tp + tn, total),
        "sensitivity": lambda: _ratio(tp, tp + fn),
        "specificity": lambda: _ratio(tn, tn + fp),
        "ppv": lambda: _ratio(tp, tp + fp),
        "npv": lambda: _ratio(tn, tn + fn),
        "balanced_accuracy": lambda: (_ratio(tp, tp + fn) + _ratio(tn, tn + fp)) / 2,
        "auc": lambda: _auc(*at_scores()),
        "average_precision": lambda: _average_precision(*at_scores()),
        "brier": lambda: weights @ (score - positive) ** 2 / total,
        "ece": lambda: weighted_calibration_error(score, positive, weights),
    }
    return {name: compute[name]() for name in only}


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)


def per_score(
    score: np.ndarray, positive: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weight of positives and of negatives at each distinct score, rising: (R, S)."""
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(score[order]) != 0))
    ordered, of_positives = weights[:, order], positive[order]
    return (
        np.add.reduceat(ordered * of_positives, starts, axis=1),
        np.add.reduceat(ordered * ~of_positives, starts, axis=1),
    )


def _auc(positives: np.ndarray, negatives: np.ndarray) -> np.ndarray:
    below = np.cumsum(negatives, axis=1) - negatives / 2  # a tie is half a win
    wins = (positives * below).sum(axis=1)
    return _ratio(wins, positives.sum(axis=1) * negatives.sum(axis=1))


def _average_precision(positives: np.ndarray, negatives: np.ndarray) -> np.ndarray:
    positives, negatives = positives[:, ::-1], negatives[:, ::-1]
    found, false = np.cumsum(positives, axis=1), np.cumsum(negatives, axis=1)
    precision = np.divide(found, found + false, out=np.zeros_like(found), where=found + false > 0)
    mean = _ratio((positives * precision).sum(axis=1), found[:, -1])
    return np.where(false[:, -1] > 0, mean, np.nan)
