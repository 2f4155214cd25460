"""What one threshold gives, and what every other one would."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline import evaluation
from pipeline.config import PNEUMONIA
from pipeline.evaluation.wilson_score import share


@dataclass(frozen=True)
class Rates:
    """What every distinguishable threshold gives, from calling nobody to calling everybody.

    Attributes
    ----------
    threshold : (K,) falling; the first is infinite. A case is called at score >= threshold.
    sensitivity : (K,) share of the pneumonias that are called, rising from 0 to 1.
    false_alarms : (K,) share of the normals that are called (1 - specificity), from 0 to 1.
    corner : (K,) bool, False where the ROC curve runs straight on: drawn without these points it
        is the same.
    """

    threshold: np.ndarray
    sensitivity: np.ndarray
    false_alarms: np.ndarray
    corner: np.ndarray

    @property
    def cut(self) -> np.ndarray:
        """(K,) a threshold that gives the same calls, in the middle of the gap below each point.

        One that equals a score loses that picture to rounding.
        """
        edges = np.concatenate([[1.0], self.threshold[1:], [0.0]])
        return (edges[:-1] + edges[1:]) / 2

    def precision(self, prevalence: float) -> np.ndarray:
        """Return the PPV (K,) where that share of the children is ill; NaN where nobody is called.

        With the share of ill children among the pictures themselves, this is the usual precision.
        """
        checked_prevalence(prevalence)
        true = prevalence * self.sensitivity
        called = true + (1 - prevalence) * self.false_alarms
        return np.divide(true, called, out=np.full_like(called, np.nan), where=called > 0)


def rates(score: np.ndarray, label: np.ndarray) -> Rates:
    """Return the points of the ROC and of the precision-recall curve; ties make one point.

    Parameters
    ----------
    score : (N,) probability of pneumonia.
    label : (N,) 0 or 1, both present.
    """
    score, positive = np.asarray(score, np.float64), np.asarray(label) == PNEUMONIA
    if positive.all() or not positive.any():
        raise ValueError("Expected labels of both classes. Received: only one")
    order = np.argsort(-score, kind="stable")
    ranked, found = score[order], positive[order]
    last_of_ties = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
    hits = np.append(0, np.cumsum(found)[last_of_ties])
    alarms = np.append(0, np.cumsum(~found)[last_of_ties])
    turns = (np.diff(hits, 2) != 0) | (np.diff(alarms, 2) != 0)
    return Rates(
        threshold=np.append(np.inf, ranked[last_of_ties]),
        sensitivity=hits / hits[-1],
        false_alarms=alarms / alarms[-1],
        corner=np.concatenate([[True], turns, [True]]),
    )


def at_threshold(score: np.ndarray, label: np.ndarray, threshold: float) -> dict:
    """Return what `pipeline.evaluation.report` does of the figures that depend on the threshold.

    Without its bootstrap: quick enough to follow a finger.

    Returns
    -------
    ``{"n", "counts", "threshold", "figures": {name: {"value", "low", "high", "n"}}}`` with the
    figures of `evaluation.PROPORTIONS` and their Wilson intervals; None where nobody is counted.
    """
    counts = evaluation.confusion(score, label, threshold)
    tp, fn, tn, fp = (counts[name] for name in ("tp", "fn", "tn", "fp"))
    shares = {
        "accuracy": (tp + tn, tp + fn + tn + fp),
        "sensitivity": (tp, tp + fn),
        "specificity": (tn, tn + fp),
        "ppv": (tp, tp + fp),
        "npv": (tn, tn + fn),
    }
    return {
        "n": tp + fn + tn + fp,
        "counts": counts,
        "threshold": float(threshold),
        "figures": {name: share(*shares[name]) for name in evaluation.PROPORTIONS},
    }


def checked_prevalence(prevalence: float) -> None:
    if not 0 < prevalence < 1:
        raise ValueError(f"Expected 0 < prevalence < 1. Received: {prevalence!r}")
