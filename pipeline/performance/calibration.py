"""Does 80 % mean 80 of 100? Probability against frequency, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline import evaluation
from pipeline.evaluation.wilson_score import share

BINS = 10


def reliability(score: np.ndarray, label: np.ndarray, bins: int = BINS) -> list[dict]:
    """Return a row per bin of equal width that holds a case.

    Returns
    -------
    ``{"from", "to", "probability", "value", "low", "high", "n"}`` each: the mean probability of
    the bin's cases, and the share of them that is pneumonia with its Wilson limits.
    """
    score, label = np.asarray(score, np.float64), np.asarray(label)
    which = _bin(score, bins)
    return [
        {
            "from": number / bins,
            "to": (number + 1) / bins,
            "probability": float(score[which == number].mean()),
            **share(int(label[which == number].sum()), int(np.sum(which == number))),
        }
        for number in range(bins)
        if np.any(which == number)
    ]


def calibration_error(
    score: np.ndarray,
    label: np.ndarray,
    groups: Sequence[str] | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, dict]:
    """Return ``{"ece": {"value", "low", "high", "n"}, "brier": ...}``, both better when lower.

    The same figures and intervals (over patients) as those of `pipeline.evaluation.report`,
    without the others: for the probabilities before calibration, which no file stores.
    """
    score, label = np.asarray(score, np.float64), np.asarray(label)
    names = ("ece", "brier")
    values = evaluation.figures(score, label, 0.5, names)
    draws = evaluation.bootstrap(score, label, 0.5, groups, names, resamples, seed)
    table = {}
    for name in names:
        low, high = np.percentile(draws[name], [2.5, 97.5])
        table[name] = {
            "value": values[name],
            "low": float(low),
            "high": float(high),
            "n": len(score),
        }
    return table


def _bin(score: np.ndarray, bins: int) -> np.ndarray:
    return np.minimum((score * bins).astype(int), bins - 1)
