"""A figure with its interval over patients, or the reason why there is none.

Drawn are patients, each with all their cases and all that was said of them: two cases of one
child, and two answers on one case, are no two independent observations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from pipeline.evaluation.resampling import middle_95, resampled_weights
from pipeline.evaluation.wilson_score import share, wilson

RESAMPLES = 1000
# Where too many of the drawn samples lack a class or an answer, the others are no fair sample.
_DEFINED = 0.8

ONE_PATIENT = "one patient only"
TOO_OFTEN_UNDEFINED = "too few patients: most samples of them do not have both classes"
ALL_ALIKE = "every sample of these patients gives the same: too few for an interval"


def absent(why: str, n: int = 0) -> dict:
    """Return a figure that does not exist, and why."""
    return {"value": None, "low": None, "high": None, "n": n, "why": why}


def estimate(
    compute: Callable[[np.ndarray], np.ndarray],
    patients: Sequence[str],
    why: str,
    resamples: int = RESAMPLES,
) -> dict:
    """Return a figure with its 95 % interval by bootstrap over patients.

    Parameters
    ----------
    compute : takes how often each case counts, (K, N), and returns the figure (K,), NaN where it
        does not exist.
    patients : (N,) of each case.
    why : the reason to give when the figure itself does not exist.

    Returns
    -------
    ``{"value", "low", "high", "n", "why"}``; `n` counts cases. Limits are None, with the reason
    in `why`, where the sample is too small to give any.
    """
    n = len(patients)
    value = float(compute(np.ones((1, n)))[0]) if n else np.nan
    if not np.isfinite(value):
        return absent(why if n else "no case", n)
    low, high, reason = limits(compute, patients, resamples)
    return {"value": value, "low": low, "high": high, "n": n, "why": reason}


def limits(
    compute: Callable[[np.ndarray], np.ndarray],
    patients: Sequence[str],
    resamples: int = RESAMPLES,
) -> tuple[float | None, float | None, str]:
    """Return the limits of the middle 95 % over samples of patients, or None twice and why."""
    if len(set(patients)) < 2:
        return None, None, ONE_PATIENT
    draws = np.concatenate([compute(weights) for weights in _samples(tuple(patients), resamples)])
    if np.isfinite(draws).mean() < _DEFINED:
        return None, None, TOO_OFTEN_UNDEFINED
    low, high = middle_95(draws)
    if high - low < 1e-12:
        return None, None, ALL_ALIKE
    return low, high, ""


@lru_cache(maxsize=4)
def _samples(patients: tuple[str, ...], resamples: int) -> list[np.ndarray]:
    """Draw once what every figure of the same cases needs: the draws take most of the time."""
    # One class for all: a patient's normal and ill cases must be drawn together.
    return list(resampled_weights(np.zeros(len(patients)), patients, resamples, 0))


def count(successes: int, n: int, why: str = "no case") -> dict:
    """Return a share of a count with Wilson's interval."""
    return {**share(successes, n), "why": "" if n else why}


def pooled(hit: np.ndarray, of: np.ndarray, patients: Sequence[str], why: str = "no case") -> dict:
    """Return a share over all readers, with an interval over patients.

    Where the share is 0 or 1 every sample is alike; the interval is then Wilson's for as many
    observations as there are patients, since answers on one patient go together.

    Parameters
    ----------
    hit, of : (N, R) or (N,) bool; `hit` counts only where `of` is True.
    patients : (N,) of each case.

    Returns
    -------
    ``{"value", "low", "high", "n", "why"}``; `n` counts answers.
    """
    of = np.asarray(of, bool).reshape(len(patients), -1)
    hit = np.asarray(hit, bool).reshape(of.shape) & of
    hits, total = hit.sum(axis=1).astype(float), of.sum(axis=1).astype(float)
    n = int(total.sum())
    if not n:
        return absent(why)
    there = np.asarray(patients, object)[total > 0]
    value = float(hits.sum() / n)
    if value in (0.0, 1.0):
        distinct = len(set(there))
        low, high = wilson(round(value * distinct), distinct)
        return {"value": value, "low": low, "high": high, "n": n, "why": ""}

    def compute(weights: np.ndarray) -> np.ndarray:
        return (weights @ hits[total > 0]) / (weights @ total[total > 0])

    low, high, reason = limits(compute, there)
    return {"value": value, "low": low, "high": high, "n": n, "why": reason}
