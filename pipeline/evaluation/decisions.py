"""What is chosen on validation patients: temperature, operating points, the abstain band."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipeline.config import PNEUMONIA
from pipeline.evaluation.abstaining import abstain_band
from pipeline.evaluation.calibration import calibrate, probability
from pipeline.evaluation.measures import per_score
from pipeline.evaluation.resampling import resampled_weights
from pipeline.evaluation.thresholds import both_classes, clearing, finding

if TYPE_CHECKING:
    import pandas as pd

# The point a run is used at unless another is asked for. On a validation set that is nearly
# separated, the Youden threshold (`balanced`) hangs on one or two pictures and says nothing about
# how many pneumonias may be missed; a stated sensitivity is the rule a clinic would set.
DEFAULT_OPERATING_POINT = "sensitivity_95"


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
    resamples of the patients. ``sensitivity_90``, ``sensitivity_95``: the highest threshold that
    still finds that share. ``specificity_90``: the lowest that still clears it. Each in the middle
    of the gap beside the last picture that counts: a threshold that equals a score would lose that
    picture to rounding. Each with its rule in words.
    """
    score, label = np.asarray(score, np.float64), np.asarray(label)
    both_classes(label)
    thresholds = [
        threshold
        for weights in resampled_weights(label, groups, 200, seed)
        for threshold in _youden(score, label, weights)
    ]
    return {
        "balanced": {
            "threshold": float(np.median(thresholds)),
            "rule": "largest sensitivity + specificity on the validation patients "
            "(median over 200 resamples)",
        },
        "sensitivity_90": _point(finding(score, label, 0.90), "highest", "sensitivity", 90),
        "sensitivity_95": _point(finding(score, label, 0.95), "highest", "sensitivity", 95),
        "specificity_90": _point(clearing(score, label, 0.90), "lowest", "specificity", 90),
    }


def _point(threshold: float, extreme: str, figure: str, percent: int) -> dict:
    rule = f"{extreme} threshold with {figure} of at least {percent} % on the validation patients"
    return {"threshold": threshold, "rule": rule}


def _youden(score: np.ndarray, label: np.ndarray, weights: np.ndarray) -> list[float]:
    """Return for each sample, a row of `weights` (R, N), the threshold with the largest sum.

    It is the middle of the gap below the lowest score that is called.
    """
    scores = np.unique(score)[::-1]
    rising = per_score(score, label == PNEUMONIA, weights)
    chosen = []
    for positives, negatives in zip(*(part[:, ::-1] for part in rising), strict=True):
        drawn = positives + negatives > 0
        found = np.cumsum(positives[drawn]) / positives.sum()
        false = np.cumsum(negatives[drawn]) / negatives.sum()
        # A threshold above all scores calls nothing, and one of 0 everything.
        edges = np.concatenate([[1.0], scores[drawn], [0.0]])
        best = int(np.argmax(np.append(0.0, found - false)))
        chosen.append(float((edges[best] + edges[best + 1]) / 2))
    return chosen


def fit_decision(table: pd.DataFrame) -> dict:
    """Fit all that turns a score into a call, on the validation patients of a run's predictions.

    Parameters
    ----------
    table : columns ``split, label, patient, logit``; only rows of split ``validation`` are read.

    Returns
    -------
    The entries ``calibration``, ``operating_points``, ``operating_point`` and ``abstain`` of
    ``run.json``.
    """
    own = table[table["split"] == "validation"]
    logit, label = own["logit"].to_numpy(), own["label"].to_numpy()
    both_classes(label)
    temperature = calibrate(logit, label)
    score = probability(logit, temperature)
    points = operating_points(score, label, own["patient"].tolist())
    return {
        "calibration": {
            "method": "temperature",
            "temperature": temperature,
            "fitted_on": "validation patients",
            "n": len(own),
        },
        "operating_points": points,
        "operating_point": DEFAULT_OPERATING_POINT,
        "abstain": abstain_band(score, label, points[DEFAULT_OPERATING_POINT]["threshold"]),
    }
