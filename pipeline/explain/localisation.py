"""Does an explanation point to where a reader sees the finding?

A reader's region says where disease is, a map says what the model used. Both figures are low for
a model that is right for another reason, and also for a faithful map of such a model.
"""

from __future__ import annotations

import numpy as np

from pipeline.explain.explanation import TOP, Explanation

# Of the side: Zhang et al. forgive 15 pixels on pictures of about 500.
TOLERANCE = 0.03


def pointing(explanation: Explanation, region: np.ndarray, tolerance: float = TOLERANCE) -> bool:
    """Return whether the strongest point for the class lies in `region`, or close to it.

    Parameters
    ----------
    region : (S, S) bool, drawn by a reader at the explanation's size.
    tolerance : share of the side that a point may lie beside it.

    References
    ----------
    Zhang et al. 2018, Top-Down Neural Attention by Excitation Backprop (the pointing game),
    doi:10.1007/s11263-017-1059-x.
    """
    _check(explanation, region)
    row, column = point(explanation)
    rows, columns = np.nonzero(region)
    distance = np.hypot(rows - row, columns - column).min()
    return bool(distance <= tolerance * len(region))


def point(explanation: Explanation) -> tuple[int, int]:
    """Return row and column of the strongest pixel for the class.

    Of a superpixel, whose pixels are all as strong, the one that is nearest to their middle.
    """
    rows, columns = np.nonzero(explanation.heat == explanation.heat.max())
    nearest = np.hypot(rows - rows.mean(), columns - columns.mean()).argmin()
    return int(rows[nearest]), int(columns[nearest])


def iou(explanation: Explanation, region: np.ndarray, k: int = TOP) -> float:
    """Return the intersection over union of a reader's region and the evidence for the class.

    Parameters
    ----------
    region : (S, S) bool, drawn by a reader at the explanation's size.
    k : strongest superpixels for the class that count, those that are drawn.

    Returns
    -------
    In [0, 1]; 0 where nothing is evidence for the class.
    """
    _check(explanation, region)
    mask = np.isin(explanation.segments, explanation.ranked("positive")[:k])
    return float((mask & region).sum() / (mask | region).sum())


def _check(explanation: Explanation, region: np.ndarray) -> None:
    shape = explanation.segments.shape
    if region.shape != shape or region.dtype != bool or not region.any():
        raise ValueError(
            f"Expected a region {shape} of bool that is not empty. "
            f"Received: {region.shape}, {region.dtype}, {int(np.sum(region))} pixels"
        )
