"""What an explainer hands back: a signed weight for every superpixel, with its meaning attached."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from pipeline.config import CLASS_NAMES


@dataclass(frozen=True, eq=False)
class Explanation:
    """Which parts of one picture moved the probability of one class.

    Attributes
    ----------
    method : a name in ``pipeline.explain.EXPLAINERS``.
    run : name of the run that was asked.
    target : index of the explained class in ``CLASS_NAMES``.
    segments : (S, S) int32, superpixel of every pixel, 0 to n-1, each of them present.
    weights : (n,) float64; positive speaks for the target, negative against it. In units of
        probability: what showing the superpixel adds in the linear surrogate.
    intercept : of the surrogate.
    seed, samples : how the neighbourhood was drawn.
    segmentation : a name in ``pipeline.explain.segments.SEGMENTATIONS``.
    fidelity_r2 : weighted R2 of the surrogate in the neighbourhood, at most 1, higher is better;
        NaN where the classifier gave every perturbed picture the same answer.
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
    intercept: float
    seed: int
    samples: int
    segmentation: str
    fidelity_r2: float
    probability: float
    seconds: float

    def __post_init__(self):
        segments, weights = self.segments, self.weights
        if segments.ndim != 2 or segments.shape[0] != segments.shape[1] or not segments.size:
            raise ValueError(f"Expected segments (S, S). Received: {segments.shape}")
        if segments.dtype != np.int32:
            raise ValueError(f"Expected segments of int32. Received: {segments.dtype}")
        if weights.ndim != 1 or weights.dtype != np.float64 or not np.isfinite(weights).all():
            raise ValueError(
                "Expected finite weights (n,) of float64. "
                f"Received: {weights.shape}, {weights.dtype}"
            )
        if not np.array_equal(np.unique(segments), np.arange(len(weights))):
            raise ValueError(
                f"Expected segments labelled 0 to {len(weights) - 1}, one per weight. "
                f"Received: labels {segments.min()} to {segments.max()}, "
                f"{len(np.unique(segments))} of them"
            )
        if self.target not in range(len(CLASS_NAMES)):
            raise ValueError(f"Expected target 0 or 1. Received: {self.target!r}")
        if not 0 <= self.probability <= 1:
            raise ValueError(f"Expected a probability in [0, 1]. Received: {self.probability!r}")
        if not self.fidelity_r2 <= 1 and not math.isnan(self.fidelity_r2):
            raise ValueError(f"Expected fidelity_r2 <= 1. Received: {self.fidelity_r2!r}")
        if self.samples < 1 or self.seconds < 0:
            raise ValueError(
                "Expected samples >= 1 and seconds >= 0. "
                f"Received: {self.samples!r} and {self.seconds!r}"
            )
        for array in (segments, weights):
            array.setflags(write=False)

    @property
    def heat(self) -> np.ndarray:
        """(S, S) float32: the weight of every pixel's superpixel."""
        return self.weights.astype(np.float32)[self.segments]

    def ranked(self, sign: str = "both") -> np.ndarray:
        """Return superpixels by falling strength, those of weight zero left out.

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
        return order[strengths[sign][order] > 0]

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
            "segments": len(self.weights),
            "fidelity_r2": None if math.isnan(self.fidelity_r2) else self.fidelity_r2,
            "intercept": self.intercept,
            "weights": self.weights.tolist(),
        }
