"""Thresholds that keep a promise on the pictures they were chosen on."""

from __future__ import annotations

import numpy as np

from pipeline.config import NORMAL, PNEUMONIA


def finding(score: np.ndarray, label: np.ndarray, share: float) -> float:
    """Return the highest threshold that finds at least `share` of the pneumonias.

    In the middle of the gap below the last picture that must be found.
    """
    positives = np.sort(score[label == PNEUMONIA])
    last = positives[_may_be_lost(share, len(positives))]
    below = score[score < last]
    return float((last + (below.max() if len(below) else 0.0)) / 2)


def clearing(score: np.ndarray, label: np.ndarray, share: float) -> float:
    """Return the lowest threshold that clears at least `share` of the normals.

    In the middle of the gap above the last picture that must be cleared.
    """
    negatives = np.sort(score[label == NORMAL])[::-1]
    last = negatives[_may_be_lost(share, len(negatives))]
    above = score[score > last]
    middle = (last + (above.min() if len(above) else 1.0)) / 2
    # A normal picture at a probability of 1 is cleared by no threshold up to 1.
    return float(max(middle, np.nextafter(last, 2)))


def _may_be_lost(share: float, n: int) -> int:
    # 5 % of 40 is 2, not the 1.9999999999999998 that floating point makes of it.
    return int(np.floor((1 - share) * n + 1e-9))


def both_classes(label: np.ndarray) -> None:
    """Refuse labels of one class only: nothing can be chosen on them."""
    if len(np.unique(label)) < 2:
        raise ValueError(f"Expected labels of both classes. Received: only {np.unique(label)}")
