"""Asking a classifier about many variants of one picture.

What the methods that hide parts of a picture share: they can be stopped before every batch, tell
how far they are, and refuse an answer that is none.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.config import CLASS_NAMES
from pipeline.errors import Cancelled
from pipeline.explain.explanation import Explanation
from pipeline.explain.perturbation import judged
from pipeline.explain.segments import segment

# Enough to keep several cores busy, and few enough to be stopped between two of them.
BATCH = 64

Partial = Callable[[Explanation], None]


class Inquiry:
    """A number of questions to one classifier.

    Parameters
    ----------
    predict : images (N, S, S) uint8 to probabilities (N, 2).
    target : the class whose probability is asked for.
    total : how many pictures will be judged.
    what : what is stopped when it is stopped, such as ``The occlusion map``.
    progress : called with the share of pictures that are judged, up to 1.
    should_stop : asked before every batch.
    """

    def __init__(
        self,
        predict: Callable[[np.ndarray], np.ndarray],
        target: int,
        total: int,
        what: str,
        progress: Callable[[float], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ):
        if target not in range(len(CLASS_NAMES)):
            raise ValueError(f"Expected target 0 or 1. Received: {target!r}")
        self._predict, self._target, self._total, self._what = predict, target, total, what
        self._progress, self._should_stop = progress, should_stop
        self.asked = 0

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the probability (N,) of the target for one batch of images (N, S, S) uint8.

        Raises
        ------
        Cancelled : when it shall stop.
        ValueError : if the answer is not two finite columns.
        """
        if self._should_stop is not None and self._should_stop():
            raise Cancelled(self._what)
        scores = judged(self._predict, images)[:, self._target]
        self.asked += len(images)
        if self._progress is not None:
            self._progress(self.asked / self._total)
        return scores


def superpixels(image: np.ndarray, segments: str | np.ndarray) -> tuple[np.ndarray, str]:
    """Return superpixels (S, S) int32 of a picture and the name of how they were made.

    Parameters
    ----------
    image : (S, S) uint8.
    segments : a name in ``SEGMENTATIONS``, or superpixels of one's own.

    Raises
    ------
    ValueError : if the picture is not grey and square, or the superpixels are not its own.
    """
    if image.ndim != 2 or image.dtype != np.uint8 or image.shape[0] != image.shape[1]:
        raise ValueError(
            f"Expected a grey image (S, S) of uint8. Received: {image.shape}, {image.dtype}"
        )
    if isinstance(segments, str):
        return segment(image, segments), segments
    if segments.shape != image.shape or segments.dtype != np.int32:
        raise ValueError(
            f"Expected segments {image.shape} of int32. "
            f"Received: {segments.shape}, {segments.dtype}"
        )
    if not np.array_equal(np.unique(segments), np.arange(segments.max() + 1)):
        raise ValueError(
            "Expected segments labelled from 0 without gaps. "
            f"Received: labels {segments.min()} to {segments.max()}"
        )
    return segments, "own"
