"""How good is a classifier, and how sure are we? numpy, scipy and scikit-learn only.

Everything chosen (temperature, thresholds) is fitted on validation patients by `fit_decision`;
`report` and `judge` only apply it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import scipy  # its parts load themselves on first use, so that serving does not pay for them

from pipeline.config import NORMAL, PNEUMONIA

if TYPE_CHECKING:
    import pandas as pd

# The point a run is used at unless another is asked for.
DEFAULT_OPERATING_POINT = "balanced"

# Figures that are a share of a count have Wilson intervals; the others are bootstrapped.
PROPORTIONS = ("accuracy", "sensitivity", "specificity", "ppv", "npv")
FIGURES = (*PROPORTIONS, "balanced_accuracy", "auc", "average_precision", "brier", "ece")
LOWER_IS_BETTER = ("brier", "ece")


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


def operating_points(
    score: np.ndarray, label: np.ndarray, groups: Sequence[str] | None = None, seed: int = 0
) -> dict[str, dict]:
    """Choose thresholds on validation patients. A case is called pneumonia at score >= threshold.

    Parameters
    ----------
    score : (N,) calibrated probability of pneumonia.
    label : (N,) 0 or 1.
    groups : (N,) patient of each case; resampled together.

    Returns
    -------
    ``balanced``: the largest sensitivity + specificity (Youden 1950). On a validation set that is
    almost perfectly separated one picture moves that threshold far, so it is the median over
    resamples of the patients. ``sensitivity_95``: the highest threshold that still finds 95 %,
    in the middle of the gap below the last picture that must be found: a threshold that equals a
    score would lose that picture to rounding. Each with its rule in words.
    """
    score, label = np.asarray(score, np.float64), np.asarray(label)
    _both_classes(label)
    thresholds = [
        _youden(score[chosen], label[chosen]) for chosen in _resamples(label, groups, 200, seed)
    ]
    positives = np.sort(score[label == PNEUMONIA])
    found = positives[int(np.floor(0.05 * len(positives) + 1e-9))]
    below = score[score < found]
    return {
        "balanced": {
            "threshold": float(np.median(thresholds)),
            "rule": "largest sensitivity + specificity on the validation patients "
            "(median over 200 resamples)",
        },
        "sensitivity_95": {
            "threshold": float((found + (below.max() if len(below) else 0.0)) / 2),
            "rule": "highest threshold with sensitivity of at least 95 % "
            "on the validation patients",
        },
    }


def _youden(score: np.ndarray, label: np.ndarray) -> float:
    """Return the middle of the gap above which sensitivity + specificity is largest."""
    from sklearn.metrics import roc_curve  # here: a second to import, and serving never needs it

    false_positives, true_positives, thresholds = roc_curve(label, score, drop_intermediate=False)
    best = int(np.argmax(true_positives - false_positives))
    chosen = min(thresholds[best], 1.0)
    below = thresholds[best + 1] if best + 1 < len(thresholds) else 0.0
    return float((chosen + below) / 2)


def report(
    score: np.ndarray,
    label: np.ndarray,
    threshold: float,
    groups: Sequence[str] | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> dict:
    """Compute every figure with its 95 % interval and its denominator.

    Parameters
    ----------
    score : (N,) calibrated probability of pneumonia.
    label : (N,) 0 NORMAL, 1 PNEUMONIA.
    threshold : chosen elsewhere.
    groups : (N,) patient of each case; the bootstrap draws patients, within each class.

    Returns
    -------
    ``{"n", "counts", "threshold", "figures": {name: {"value", "low", "high", "n"}}}``. A figure
    that cannot be computed (one class only) has the value None.
    """
    score, label = np.asarray(score, np.float64), np.asarray(label).astype(int)
    if len(score) == 0 or score.shape != label.shape:
        raise ValueError(
            f"Expected as many scores as labels. Received: {score.shape} and {label.shape}"
        )
    counts = confusion(score, label, threshold)
    values, sizes = figures(score, label, threshold), _denominators(counts)
    draws: dict[str, list[float]] = {name: [] for name in FIGURES if name not in PROPORTIONS}
    for chosen in _resamples(label, groups, resamples, seed):
        drawn = figures(score[chosen], label[chosen], threshold, only=tuple(draws))
        for name in draws:
            draws[name].append(drawn[name])
    table = {}
    for name in FIGURES:
        value, size = values[name], sizes[name]
        if not np.isfinite(value):
            table[name] = {"value": None, "low": None, "high": None, "n": size}
            continue
        if name in PROPORTIONS:
            low, high = wilson(round(value * size), size)
        else:
            low, high = np.nanpercentile(draws[name], [2.5, 97.5])
        table[name] = {"value": float(value), "low": float(low), "high": float(high), "n": size}
    return {"n": len(label), "counts": counts, "threshold": float(threshold), "figures": table}


def fit_decision(table: pd.DataFrame) -> dict:
    """Fit temperature and thresholds on the validation patients of a run's predictions.

    Parameters
    ----------
    table : columns ``split, label, patient, logit``; only rows of split ``validation`` are read.

    Returns
    -------
    The entries ``calibration``, ``operating_points`` and ``operating_point`` of ``run.json``.
    """
    own = table[table["split"] == "validation"]
    logit, label = own["logit"].to_numpy(), own["label"].to_numpy()
    _both_classes(label)
    temperature = calibrate(logit, label)
    return {
        "calibration": {
            "method": "temperature",
            "temperature": temperature,
            "fitted_on": "validation patients",
            "n": len(own),
        },
        "operating_points": operating_points(
            probability(logit, temperature), label, own["patient"].tolist()
        ),
        "operating_point": DEFAULT_OPERATING_POINT,
    }


def judge(table: pd.DataFrame, points: Mapping[str, Mapping]) -> dict:
    """Return the content of ``metrics.json``: per split and operating point a `report`.

    Parameters
    ----------
    table : columns ``split, label, patient, probability``.
    points : as from `operating_points`.
    """
    return {
        split: {
            point: report(
                own["probability"].to_numpy(),
                own["label"].to_numpy(),
                chosen["threshold"],
                own["patient"].tolist(),
            )
            for point, chosen in points.items()
        }
        for split, own in table.groupby("split")
    }


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


def _denominators(counts: dict[str, int]) -> dict[str, int]:
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
    c = confusion(score, label, threshold)
    tp, fn, tn, fp = c["tp"], c["fn"], c["tn"], c["fp"]
    both = tp + fn > 0 and tn + fp > 0
    compute: dict[str, Callable[[], float]] = {
        "accuracy": lambda: _ratio(tp + tn, tp + fn + tn + fp),
        "sensitivity": lambda: _ratio(tp, tp + fn),
        "specificity": lambda: _ratio(tn, tn + fp),
        "ppv": lambda: _ratio(tp, tp + fp),
        "npv": lambda: _ratio(tn, tn + fn),
        "balanced_accuracy": lambda: (_ratio(tp, tp + fn) + _ratio(tn, tn + fp)) / 2,
        "auc": lambda: _auc(score, label) if both else np.nan,
        "average_precision": lambda: _average_precision(score, label) if both else np.nan,
        "brier": lambda: np.mean((score - label) ** 2),
        "ece": lambda: expected_calibration_error(score, label),
    }
    return {name: float(compute[name]()) for name in only}


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else np.nan


# The next two equal scikit-learn's (a test compares them) without its checks of every argument,
# which took nine tenths of the time of a bootstrap.


def _auc(score: np.ndarray, label: np.ndarray) -> float:
    ranks, positive = scipy.stats.rankdata(score), label == PNEUMONIA
    count = int(positive.sum())
    wins = ranks[positive].sum() - count * (count + 1) / 2
    return wins / (count * (len(label) - count))


def _average_precision(score: np.ndarray, label: np.ndarray) -> float:
    order = np.argsort(-score, kind="stable")
    last_of_ties = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    found = np.cumsum(label[order] == PNEUMONIA)[last_of_ties]
    return float(np.sum(np.diff(found, prepend=0) * found / (last_of_ties + 1)) / found[-1])


def expected_calibration_error(score: np.ndarray, label: np.ndarray, bins: int = 10) -> float:
    """Return the mean gap between probability and frequency over bins of equal width.

    References
    ----------
    Naeini, Cooper, Hauskrecht 2015, AAAI 29, doi:10.1609/aaai.v29i1.9602.
    """
    score, label = np.asarray(score, np.float64), np.asarray(label)
    which = np.minimum((score * bins).astype(int), bins - 1)
    # |mean score - mean label| of a bin, times its share of the cases, is |sum of gaps| / n.
    return float(np.abs(np.bincount(which, weights=score - label)).sum() / len(score))


def wilson(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the score interval of a proportion (Wilson 1927); (nan, nan) for n = 0."""
    if n == 0:
        return np.nan, np.nan
    z = scipy.stats.norm.ppf((1 + confidence) / 2)
    share = successes / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    # Rounding may carry the limits of 0 of n and n of n just past the figure itself.
    return float(min(max(0.0, centre - half), share)), float(max(min(1.0, centre + half), share))


def _resamples(label: np.ndarray, groups: Sequence[str] | None, count: int, seed: int):
    """Yield index arrays: patients drawn with replacement, each class on its own."""
    generator = np.random.default_rng(seed)
    names = np.arange(len(label)) if groups is None else np.asarray(groups)
    members: list[list[np.ndarray]] = []
    for value in np.unique(label):
        own = np.flatnonzero(label == value)
        own = own[np.argsort(names[own], kind="stable")]
        edges = np.flatnonzero(names[own][1:] != names[own][:-1]) + 1
        members.append(np.split(own, edges))
    for _ in range(count):
        yield np.concatenate(
            [
                of_class[i]
                for of_class in members
                for i in generator.integers(0, len(of_class), len(of_class))
            ]
        )


def _both_classes(label: np.ndarray) -> None:
    if len(np.unique(label)) < 2:
        raise ValueError(f"Expected labels of both classes. Received: only {np.unique(label)}")
