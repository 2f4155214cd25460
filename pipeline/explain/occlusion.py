"""Occlusion: a window slides over the picture, and the probability drops where it counts.

References
----------
Zeiler, Fergus 2014, Visualizing and Understanding Convolutional Networks,
doi:10.1007/978-3-319-10590-1_53.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from time import perf_counter

import numpy as np

from pipeline.config import PNEUMONIA
from pipeline.explain.certainty import certain
from pipeline.explain.explanation import Explanation, averaged
from pipeline.explain.inquiry import BATCH, Inquiry, Partial, superpixels
from pipeline.explain.perturbation import FILL, filled

# Of the side: two windows are a lung's width, and every pixel is hidden about four times.
WINDOW, STRIDE = 1 / 8, 1 / 16


def explain(
    predict: Callable[[np.ndarray], np.ndarray],
    image: np.ndarray,
    *,
    run: str = "",
    target: int = PNEUMONIA,
    segments: str | np.ndarray = "slic",
    fill: str = FILL,
    samples: int | None = None,
    seed: int = 0,
    window_px: int | None = None,
    stride_px: int | None = None,
    progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    partial: Partial | None = None,
) -> Explanation:
    """Explain by what `image` loses of its probability of `target` when a window hides it.

    Parameters
    ----------
    predict : images (N, S, S) uint8 to probabilities (N, 2), such as ``Classifier.probabilities``.
    image : (S, S) uint8, at the network's input size (``Classifier.prepare``).
    run : name to be kept with the result.
    target : the class to explain.
    segments : superpixels over which the map is averaged: a name in ``SEGMENTATIONS``, or
        superpixels (S, S) int32 of one's own.
    fill : a name in ``FILLS``, what is seen in the window. The very pixels that LIME and SHAP put
        there (so ``mean`` is that of the superpixel a pixel belongs to): where the methods
        disagree, it is not for that.
    samples, seed, partial : accepted and of no effect, nothing is drawn.
    window_px, stride_px : side of the square window and how far it moves; an eighth and a
        sixteenth of the picture's side by default.
    progress : called with the share of the work that is done, up to 1.
    should_stop : asked before every batch.

    Returns
    -------
    `heat` is the drop of the probability, averaged over the windows that hide a pixel; `weights`
    its mean in every superpixel.

    Raises
    ------
    Cancelled : when `should_stop` says so.
    ValueError : if the window does not fit, or `predict` does not return two finite columns.
    """
    started = perf_counter()
    labels, segmentation = superpixels(image, segments)
    size_px = len(image)
    side = max(1, round(WINDOW * size_px)) if window_px is None else window_px
    stride = max(1, round(STRIDE * size_px)) if stride_px is None else stride_px
    if not 1 <= stride <= side <= size_px:
        raise ValueError(
            f"Expected 1 <= stride_px <= window_px <= {size_px}. Received: {stride!r}, {side!r}"
        )
    hidden = filled(image, labels, fill)
    # The last window ends with the picture, so that no pixel is never hidden.
    starts = sorted({*range(0, size_px - side, stride), size_px - side})
    corners = [(row, column) for row in starts for column in starts]
    ask = Inquiry(predict, target, 1 + len(corners), "The occlusion map", progress, should_stop)
    probability = float(ask(image[None])[0])
    drops, counts = np.zeros(image.shape), np.zeros(image.shape)
    for first in range(0, len(corners), BATCH):
        windows = [
            np.s_[row : row + side, column : column + side]
            for row, column in corners[first : first + BATCH]
        ]
        pictures = np.repeat(image[None], len(windows), axis=0)
        for picture, window in zip(pictures, windows, strict=True):
            picture[window] = hidden[window]
        for window, score in zip(windows, ask(pictures), strict=True):
            drops[window] += probability - score
            counts[window] += 1
    heat = (drops / counts).astype(np.float32)
    weights = averaged(heat, labels)
    return Explanation(
        method="occlusion",
        run=run,
        target=target,
        segments=labels,
        weights=weights,
        **asdict(certain(weights)),
        heat=heat,
        unit="probability",
        intercept=np.nan,
        seed=seed,
        samples=ask.asked,
        segmentation=segmentation,
        fill=fill,
        fidelity_r2=np.nan,
        probability=probability,
        seconds=perf_counter() - started,
    )
