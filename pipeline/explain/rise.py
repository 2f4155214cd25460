"""RISE: soft random masks, and how the probability goes along with what each pixel shows of itself.

The paper's map is the mean of the masks, weighted by the probability that each left. It is
positive everywhere, because it contains the mean probability, and so has no sign and no zero.
Here the map is centred: the covariance of a pixel's mask with the probability, divided by the
variance of the mask. That is the slope of the probability against the mask, in probability from
hidden to shown; the paper's map is, but for chance, a constant plus this times the (nearly
constant) variance, so that both order pixels alike.

Every mask comes with its opposite. It is as likely a draw; its mean with the mask is one half
everywhere; and what two parts of the picture do only together cancels in the difference.

References
----------
Petsiuk, Das, Saenko 2018, RISE: Randomized Input Sampling for Explanation of Black-box Models,
arXiv:1806.07421.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from time import perf_counter

import numpy as np

from pipeline.config import PNEUMONIA
from pipeline.explain.certainty import certainty
from pipeline.explain.explanation import Explanation, averaged
from pipeline.explain.inquiry import BATCH, Inquiry, Partial, superpixels
from pipeline.explain.perturbation import FILL, filled

SAMPLES = 2000
# Cells along a side, as in the paper: a cell is about as wide as half a lung.
CELLS = 7
# Their spread is what the intervals come from; fewer would make them wide for want of knowledge.
CHUNKS = 20
FIRST_CHUNKS = 4


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
    progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    partial: Partial | None = None,
) -> Explanation:
    """Explain why `predict` gives `image` its probability of `target`.

    Parameters
    ----------
    predict : images (N, S, S) uint8 to probabilities (N, 2), such as ``Classifier.probabilities``.
    image : (S, S) uint8, at the network's input size (``Classifier.prepare``).
    run : name to be kept with the result.
    target : the class to explain.
    segments : superpixels over which the map is averaged: a name in ``SEGMENTATIONS``, or
        superpixels (S, S) int32 of one's own.
    fill : a name in ``FILLS``, what the picture fades into; the paper's is ``black``.
    samples : pictures to judge, rounded up to whole chunks of pairs; None for `SAMPLES`.
    seed : decides the masks.
    progress : called with the share of the work that is done, up to 1.
    should_stop : asked before every batch.
    partial : called with what is known so far after every chunk, from `FIRST_CHUNKS` on.

    Returns
    -------
    `heat` is the slope described above, `weights` its mean in every superpixel. Their intervals
    come from `CHUNKS` independent parts of the sample.

    Raises
    ------
    Cancelled : when `should_stop` says so.
    ValueError : if there are too few samples, or `predict` does not return two finite columns.
    """
    started = perf_counter()
    samples = SAMPLES if samples is None else samples
    if samples < 2:
        raise ValueError(f"Expected samples >= 2. Received: {samples!r}")
    labels, segmentation = superpixels(image, segments)
    pairs = -(-(samples - 1) // (2 * CHUNKS))
    ask = Inquiry(
        predict, target, 1 + 2 * CHUNKS * pairs, "The RISE explanation", progress, should_stop
    )
    probability = float(ask(image[None])[0])
    veil = _Veil(image, filled(image, labels, fill))
    generator = np.random.default_rng(seed)
    # Of every chunk: the mean of (mask - 1/2) * half the difference a mask and its opposite make.
    products = np.empty((0, *image.shape))
    squares = np.zeros(image.shape)

    def explanation() -> Explanation:
        done = len(products)
        # Of a pixel that happened to lie half way in every mask nothing is known.
        variance = np.maximum(squares / (done * pairs), 1e-6)
        heat = products.mean(axis=0) / variance
        weights = averaged(heat, labels)
        parts = np.stack([averaged(product / variance, labels) for product in products])
        errors = parts.std(axis=0, ddof=1) / np.sqrt(done)
        return Explanation(
            method="rise",
            run=run,
            target=target,
            segments=labels,
            weights=weights,
            **asdict(certainty(weights, errors, done - 1)),
            heat=heat.astype(np.float32),
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

    for chunk in range(1, CHUNKS + 1):
        product = np.zeros(image.shape)
        for first in range(0, pairs, BATCH // 2):
            centred = veil.masks(min(BATCH // 2, pairs - first), generator)
            scores = ask(veil.pictures(centred)).reshape(2, -1)
            product += np.tensordot((scores[0] - scores[1]) / 2, centred, axes=1)
            squares += np.einsum("nij,nij->ij", centred, centred)
        products = np.concatenate([products, product[None] / pairs])
        if partial is not None and FIRST_CHUNKS <= chunk < CHUNKS:
            partial(explanation())
    return explanation()


class _Veil:
    """Soft masks over one picture."""

    def __init__(self, image: np.ndarray, hidden: np.ndarray):
        self._middle = (image.astype(np.float32) + hidden) / 2
        self._difference = image.astype(np.float32) - hidden
        size_px = len(image)
        self._cell_px = -(-size_px // CELLS)
        # One grid point beyond the picture on each side, so that it can be shifted by up to a cell.
        places = np.arange(size_px) + np.arange(self._cell_px)[:, None]
        points = np.arange(CELLS + 2)
        distance = np.abs(places[..., None] / self._cell_px - points)
        # (shifts, S, points): bilinear interpolation is a hat function in each direction.
        self._hats = np.maximum(0, 1 - distance).astype(np.float32)

    def masks(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """Return (count, S, S) float32 of -1/2 (hidden) to 1/2 (shown)."""
        points = self._hats.shape[-1]
        coarse = generator.integers(0, 2, (count, points, points)).astype(np.float32) - 0.5
        down, across = generator.integers(0, self._cell_px, (2, count))
        return self._hats[down] @ coarse @ self._hats[across].swapaxes(1, 2)

    def pictures(self, masks: np.ndarray) -> np.ndarray:
        """Return (2 * count, S, S) uint8: the picture under each mask, then under the opposites."""
        shares = masks * self._difference
        both = np.concatenate([self._middle + shares, self._middle - shares])
        return np.rint(both, out=both).astype(np.uint8)
