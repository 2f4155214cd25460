"""From a network's scores to probabilities that mean what they say."""

from __future__ import annotations

import numpy as np
import scipy  # its parts load themselves on first use, so that serving does not pay for them

from pipeline.config import NORMAL, PNEUMONIA


def pneumonia_logit(scores: np.ndarray) -> np.ndarray:
    """Return the log odds of pneumonia from a network's two columns.

    Parameters
    ----------
    scores : (N, 2), two non-negative columns. A softmax sums to one; the notebooks' two
        independent sigmoids do not, and are normalised here.

    Returns
    -------
    (N,) float64.
    """
    scores = np.clip(np.asarray(scores, np.float64), 1e-7, 1.0)
    return np.log(scores[:, PNEUMONIA]) - np.log(scores[:, NORMAL])


def probability(logit: np.ndarray, temperature: float) -> np.ndarray:
    """Return calibrated probabilities of pneumonia (N,) in [0, 1]."""
    # The logistic function without overflow, and without waiting for scipy.special to load.
    return np.exp(-np.logaddexp(0, -np.asarray(logit, np.float64) / temperature))


def log_odds(probability: np.ndarray, certain: float) -> np.ndarray:
    """Return the log odds of probabilities in [0, 1].

    Parameters
    ----------
    certain : what lies nearer to 0 or 1 than this counts as that near.
    """
    inside = np.clip(probability, certain, 1 - certain)
    return np.log(inside) - np.log1p(-inside)


def calibrate(logit: np.ndarray, label: np.ndarray) -> float:
    """Return the temperature that makes validation probabilities most likely.

    References
    ----------
    Guo et al. 2017, On Calibration of Modern Neural Networks, arXiv:1706.04599.
    """
    logit, label = np.asarray(logit, np.float64), np.asarray(label)
    # log(1 + exp(-z)) for the true class, computed without overflow.
    signed = np.where(label == PNEUMONIA, logit, -logit)
    fit = scipy.optimize.minimize_scalar(
        lambda log_t: np.logaddexp(0, -signed / np.exp(log_t)).mean(),
        bounds=(np.log(0.05), np.log(20)),
        method="bounded",
    )
    return float(np.exp(fit.x))


def expected_calibration_error(score: np.ndarray, label: np.ndarray, bins: int = 10) -> float:
    """Return the mean gap between probability and frequency over bins of equal width.

    References
    ----------
    Naeini, Cooper, Hauskrecht 2015, AAAI 29, doi:10.1609/aaai.v29i1.9602.
    """
    return float(weighted_calibration_error(score, label, np.ones((1, len(score))), bins)[0])


def weighted_calibration_error(
    score: np.ndarray, label: np.ndarray, weights: np.ndarray, bins: int = 10
) -> np.ndarray:
    """Return `expected_calibration_error` of each row of `weights` (R, N): (R,)."""
    score, label = np.asarray(score, np.float64), np.asarray(label)
    which = np.minimum((score * bins).astype(int), bins - 1)
    # |mean score - mean label| of a bin, times its share of the cases, is |sum of gaps| / n.
    gaps = np.zeros((len(score), bins))
    gaps[np.arange(len(score)), which] = score - label
    return np.abs(weights @ gaps).sum(axis=1) / weights.sum(axis=1)
