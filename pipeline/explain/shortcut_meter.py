"""Does the evidence lie where a lung can be, and what does the model say without the rest?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.explain import thorax
from pipeline.explain.explanation import Explanation, painted
from pipeline.explain.perturbation import FILL, filled, judged

# What a blanked border is replaced by, as in the run's own audit (`pipeline.audit.parts`).
GREY = 128


@dataclass(frozen=True)
class ShortcutMeter:
    """Where the evidence for the class lies, and what the model says without part of it.

    Attributes
    ----------
    outside_share, border_share : of the evidence for the class, outside the chest field and in
        the outer tenth of the picture, in [0, 1]; NaN if nothing speaks for the class.
    without_border : probability of the class with the outer tenth mid-grey.
    marker : the strongest superpixel for the class that lies mostly outside the chest field, -1
        if there is none.
    without_marker : probability of the class with that superpixel hidden, NaN without one.
    """

    outside_share: float
    border_share: float
    without_border: float
    marker: int
    without_marker: float


def measure(
    predict: Callable[[np.ndarray], np.ndarray], image: np.ndarray, explanation: Explanation
) -> ShortcutMeter:
    """Judge one picture twice more, and look where the map lies.

    Parameters
    ----------
    predict : images (N, S, S) uint8 to probabilities (N, 2).
    image : (S, S) uint8, the one that was explained.
    """
    size_px = len(image)
    outside, ring = ~thorax.field(size_px), thorax.border(size_px)
    pictures = [np.where(ring, np.uint8(GREY), image)]
    marker = strongest_outside(explanation)
    if marker >= 0:
        hidden = filled(image, explanation.segments, explanation.fill or FILL)
        pictures.append(np.where(explanation.segments == marker, hidden, image))
    scores = judged(predict, np.stack(pictures))[:, explanation.target]
    return ShortcutMeter(
        share(explanation, outside),
        share(explanation, ring),
        float(scores[0]),
        marker,
        float(scores[1]) if marker >= 0 else np.nan,
    )


def share(explanation: Explanation, region: np.ndarray) -> float:
    """Return the share of the evidence for the class in `region` (S, S) bool, NaN without any."""
    spread = evidence_map(explanation)
    total = spread.sum()
    return float(spread[region].sum() / total) if total > 0 else np.nan


def evidence_map(explanation: Explanation) -> np.ndarray:
    """Return what speaks for the class as (S, S) float64, nothing below 0.

    Of a map of superpixels: the weight of those that are evidence, spread over their pixels, so
    that a large superpixel counts no more than its weight. Of a map of pixels: its heat.
    """
    if not of_superpixels(explanation):
        return np.clip(explanation.heat.astype(np.float64), 0, None)
    weights = np.where(explanation.evidence, np.clip(explanation.weights, 0, None), 0)
    areas = np.bincount(explanation.segments.ravel())
    return (weights / areas)[explanation.segments]


def of_superpixels(explanation: Explanation) -> bool:
    """Return whether every pixel of the map has its superpixel's weight."""
    return np.array_equal(explanation.heat, painted(explanation.weights, explanation.segments))


def strongest_outside(explanation: Explanation) -> int:
    """Return the strongest superpixel for the class of which most lies outside the chest field."""
    outside = ~thorax.field(len(explanation.segments))
    areas = np.bincount(explanation.segments.ravel())
    mostly = np.bincount(explanation.segments.ravel(), weights=outside.ravel()) > areas / 2
    found = [superpixel for superpixel in explanation.ranked("positive") if mostly[superpixel]]
    return int(found[0]) if found else -1
