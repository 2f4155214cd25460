"""What an explainer hands back: a signed map and a signed weight for every superpixel.

Every method fills the same form, so that pages, files and measures treat all of them alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from pipeline.config import CLASS_NAMES

# How many of the strongest superpixels are compared, and drawn unless told otherwise.
TOP = 5


@dataclass(frozen=True, eq=False)
class Explanation:
    """Which parts of one picture moved the score of one class.

    Attributes
    ----------
    method : a name in ``pipeline.explain.EXPLAINERS``.
    run : name of the run that was asked.
    target : index of the explained class in ``CLASS_NAMES``.
    segments : (S, S) int32, superpixel of every pixel, 0 to n-1, each of them present.
    weights : (n,) float64; positive speaks for the target, negative against it. For a method that
        hides superpixels, what showing one adds; for a method that maps pixels, the mean of `heat`.
    margins : (n,) float64, half the width of the interval of each weight over other draws of the
        masks, which hold for all of them at once in 95 %; 0 for a method that draws nothing.
    heat : (S, S) float32, the signed map.
    unit : of weights, margins and heat: ``probability`` or ``log odds``.
    intercept : of the linear surrogate, NaN for a method without one.
    seed, samples : how the neighbourhood was drawn; `samples` counts the pictures judged.
    segmentation : a name in ``pipeline.explain.segments.SEGMENTATIONS``, or ``own``.
    fill : a name in ``pipeline.explain.perturbation.FILLS``: what hidden pixels were replaced by;
        empty for a method that hides nothing.
    fidelity_r2 : R2 of the surrogate in the neighbourhood, at most 1, higher is better; NaN for a
        method without a surrogate, or where every perturbed picture got the same answer.
    stability : expected overlap (Jaccard, 0 to 1) of the five strongest superpixels with those of
        another draw of the masks; 1 for a method that draws nothing.
    settled : whether the method met its own rule for having looked often enough; True for a
        method that draws nothing.
    probability : of the target for the unperturbed picture, in [0, 1].
    seconds : time it took.

    Raises
    ------
    ValueError : if the parts do not fit together. The arrays are made read-only.
    """

    method: str
    run: str
    target: int
    segments: np.ndarray = field(repr=False)
    weights: np.ndarray = field(repr=False)
    margins: np.ndarray = field(repr=False)
    heat: np.ndarray = field(repr=False)
    unit: str
    intercept: float
    seed: int
    samples: int
    segmentation: str
    fill: str
    fidelity_r2: float
    stability: float
    settled: bool
    probability: float
    seconds: float

    def __post_init__(self):
        segments, weights = self.segments, self.weights
        if segments.ndim != 2 or segments.shape[0] != segments.shape[1] or not segments.size:
            raise ValueError(f"Expected segments (S, S). Received: {segments.shape}")
        if segments.dtype != np.int32:
            raise ValueError(f"Expected segments of int32. Received: {segments.dtype}")
        for name in ("weights", "margins"):
            array = getattr(self, name)
            if array.ndim != 1 or array.dtype != np.float64 or not np.isfinite(array).all():
                raise ValueError(
                    f"Expected finite {name} (n,) of float64. "
                    f"Received: {array.shape}, {array.dtype}"
                )
        if len(self.margins) != len(weights) or (self.margins < 0).any():
            raise ValueError(
                f"Expected {len(weights)} margins of at least 0. Received: {len(self.margins)}, "
                f"the least {min(self.margins, default=0)}"
            )
        if not np.array_equal(np.unique(segments), np.arange(len(weights))):
            raise ValueError(
                f"Expected segments labelled 0 to {len(weights) - 1}, one per weight. "
                f"Received: labels {segments.min()} to {segments.max()}, "
                f"{len(np.unique(segments))} of them"
            )
        heat = self.heat
        if heat.shape != segments.shape or heat.dtype != np.float32 or not np.isfinite(heat).all():
            raise ValueError(
                f"Expected finite heat {segments.shape} of float32. "
                f"Received: {heat.shape}, {heat.dtype}"
            )
        if self.unit not in ("probability", "log odds"):
            raise ValueError(f"Expected unit probability or log odds. Received: {self.unit!r}")
        if self.target not in range(len(CLASS_NAMES)):
            raise ValueError(f"Expected target 0 or 1. Received: {self.target!r}")
        for name in ("probability", "stability"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"Expected {name} in [0, 1]. Received: {getattr(self, name)!r}")
        if not self.fidelity_r2 <= 1 and not math.isnan(self.fidelity_r2):
            raise ValueError(f"Expected fidelity_r2 <= 1. Received: {self.fidelity_r2!r}")
        if self.samples < 1 or self.seconds < 0:
            raise ValueError(
                "Expected samples >= 1 and seconds >= 0. "
                f"Received: {self.samples!r} and {self.seconds!r}"
            )
        for array in (segments, weights, self.margins, heat):
            array.setflags(write=False)

    @property
    def drawn_heat(self) -> np.ndarray:
        """(S, S) float32: `heat`, and 0 where the superpixel is no evidence."""
        return np.where(self.evidence[self.segments], self.heat, np.float32(0))

    @property
    def evidence(self) -> np.ndarray:
        """(n,) bool: whether the interval of a weight keeps clear of zero.

        What may be drawn. The others may owe their sign to the draw of the masks.
        """
        return np.abs(self.weights) > self.margins

    def ranked(self, sign: str = "both") -> np.ndarray:
        """Return superpixels that are evidence by falling strength.

        Parameters
        ----------
        sign : ``both``, ``positive`` or ``negative``: which weights count.

        Returns
        -------
        (m,) int, m <= n. Equal strengths keep the order of their labels.
        """
        strengths = {
            "both": np.abs(self.weights),
            "positive": self.weights,
            "negative": -self.weights,
        }
        if sign not in strengths:
            raise ValueError(f"Expected sign both, positive or negative. Received: {sign!r}")
        order = np.argsort(-strengths[sign], kind="stable")
        return order[(strengths[sign][order] > 0) & self.evidence[order]]

    def to_json(self) -> dict:
        """Return the numbers, without the map: what can be said in a JSON document."""
        return {
            "method": self.method,
            "run": self.run,
            "target": CLASS_NAMES[self.target],
            "probability": self.probability,
            "seconds": round(self.seconds, 3),
            "samples": self.samples,
            "seed": self.seed,
            "segmentation": self.segmentation,
            "fill": self.fill,
            "segments": len(self.weights),
            "fidelity_r2": number_or_none(self.fidelity_r2),
            "stability": self.stability,
            "settled": self.settled,
            "intercept": number_or_none(self.intercept),
            "unit": self.unit,
            "weights": self.weights.tolist(),
            "margins": self.margins.tolist(),
        }


def painted(weights: np.ndarray, segments: np.ndarray) -> np.ndarray:
    """Return the map (S, S) float32 that gives every pixel its superpixel's weight."""
    return weights.astype(np.float32)[segments]


def averaged(heat: np.ndarray, segments: np.ndarray) -> np.ndarray:
    """Return the mean (n,) float64 of a map (S, S) in every superpixel."""
    labels = segments.ravel()
    return np.bincount(labels, weights=heat.ravel()) / np.bincount(labels)


def number_or_none(value: float) -> float | None:
    """A NaN is no JSON."""
    return None if math.isnan(value) else value
