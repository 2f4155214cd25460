"""Deletion and insertion: does the probability follow what the map says matters?

The most important pixels are taken away first (deletion), or put back first (insertion), and the
probability is watched. A map that is right makes it fall at once, or rise at once. Beside every
curve stand those of random orders: a map that does no better than they do says nothing.

References
----------
Petsiuk, Das, Saenko 2018, RISE, arXiv:1806.07421.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage  # loads itself only when a function is called

from pipeline.errors import Cancelled
from pipeline.explain.perturbation import FILL, filled, judged

STEPS = 20
RANDOMS = 20
BATCH = 32
# Blocks a side that a random order takes away as a whole where no superpixels are given: as many
# as a picture has superpixels. Single pixels drawn at random would be noise, which is another
# test: it is out of focus everywhere after the first step.
BLOCKS = 7
# Of the side: how wide the patches are in which equal heat is taken away.
_GRAIN = 1 / 32


@dataclass(frozen=True)
class Curve:
    """The probability of a class while the picture is taken away or put back.

    Attributes
    ----------
    shares : of the pixels taken away or put back, from 0 to 1.
    probabilities : at each share.
    area : under the curve, in [0, 1].
    random_area, random_low, random_high : mean and middle 95 % of the area of random orders; NaN
        if none were asked for.
    random : mean over the random orders at each share, empty if none were asked for.
    band_low, band_high : their middle 95 % at each share.
    """

    shares: tuple[float, ...]
    probabilities: tuple[float, ...]
    area: float
    random_area: float
    random_low: float
    random_high: float
    random: tuple[float, ...] = ()
    band_low: tuple[float, ...] = ()
    band_high: tuple[float, ...] = ()

    def to_json(self) -> dict:
        """Return the numbers; those of random orders are None where there were none."""
        known = not np.isnan(self.random_area)
        return {
            "shares": list(self.shares),
            "probabilities": list(self.probabilities),
            "area": self.area,
            **{
                name: getattr(self, name) if known else None
                for name in ("random_area", "random_low", "random_high")
            },
        }


def curves(
    predict: Callable[[np.ndarray], np.ndarray],
    image: np.ndarray,
    heat: np.ndarray,
    target: int,
    *,
    steps: int = STEPS,
    fill: str = FILL,
    seed: int = 0,
    randoms: int = RANDOMS,
    segments: np.ndarray | None = None,
    progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> tuple[Curve, Curve]:
    """Return the deletion and the insertion curve of a map made by any method.

    Parameters
    ----------
    predict : images (N, S, S) uint8 to probabilities (N, 2).
    image : (S, S) uint8.
    heat : (S, S), signed; the pixels go by falling heat for `target`.
    target : index of the explained class.
    steps : equal steps of pixels from none to all.
    fill : a name in ``FILLS``: what is seen where the picture was taken away. Blurred by default,
        which adds no edges; black looks like air to a network that knows X-rays.
    seed : of the random orders and of the order among equals.
    randoms : random orders, whole superpixels after each other; 0 for none.
    segments : (S, S) int, labels 0 to n-1, what a random order takes away as a whole, and what
        ``mean`` is the mean of; a grid of `BLOCKS` a side by default.
    progress : called with the share of the work that is done, up to 1.
    should_stop : asked before every batch.

    Raises
    ------
    Cancelled : when `should_stop` says so.
    ValueError : if `heat` does not fit the picture or is not finite.

    Notes
    -----
    Equal heat (all pixels of a superpixel) goes in patches scattered by `seed`, so that no corner
    of the picture comes first. With the same fill, putting a picture back in one order shows the
    very pictures that taking it away in the opposite order does: each random order is judged once
    and serves both curves.
    """
    if heat.shape != image.shape or not np.isfinite(heat).all():
        raise ValueError(f"Expected finite heat {image.shape}. Received: {heat.shape}")
    if steps < 1 or randoms < 0:
        raise ValueError(f"Expected steps >= 1, randoms >= 0. Received: {steps!r}, {randoms!r}")
    parts = _blocks(image.shape) if segments is None else segments
    generator = np.random.default_rng(seed)
    grain = _grain(image.shape, generator)
    own = _order(heat, grain)
    random = [
        _order(generator.permutation(parts.max() + 1)[parts], _grain(image.shape, generator))
        for _ in range(randoms)
    ]
    cuts = np.round(np.linspace(0, image.size, steps + 1)).astype(int)
    background = filled(image, parts, fill)
    # Per row: which order, how many of its pixels are gone, and whether it is seen the other way.
    jobs = [(own, cut, False) for cut in cuts[1:-1]] + [(own, cut, True) for cut in cuts[1:-1]]
    jobs += [(order, cut, False) for order in random for cut in cuts[1:-1]]
    ends = judged(predict, np.stack([image, background]))[:, target]
    scores = np.empty(len(jobs))
    for start in range(0, len(jobs), BATCH):
        if should_stop is not None and should_stop():
            raise Cancelled("The check of the explanation")
        rows = slice(start, start + BATCH)
        images = np.stack(
            [np.where((order < cut) ^ back, background, image) for order, cut, back in jobs[rows]]
        )
        scores[rows] = judged(predict, images)[:, target]
        if progress is not None:
            progress(min(1.0, (start + BATCH) / len(jobs)))
    if progress is not None and not jobs:
        progress(1.0)
    inner = scores.reshape(-1, steps - 1)
    away = np.pad(inner, ((0, 0), (1, 1)))
    away[:, 0], away[:, -1] = ends
    back = away[1].copy()
    back[0], back[-1] = ends[::-1]
    shares = cuts / image.size
    # Opposite orders are as random as the orders themselves.
    return (
        _curve(shares, away[0], away[2:]),
        _curve(shares, back, away[2:, ::-1]),
    )


def deletion(predict, image, heat, target, **options) -> Curve:
    """Return the first of `curves`: a low area is better."""
    return curves(predict, image, heat, target, **options)[0]


def insertion(predict, image, heat, target, **options) -> Curve:
    """Return the second of `curves`: a high area is better."""
    return curves(predict, image, heat, target, **options)[1]


def _curve(shares: np.ndarray, probabilities: np.ndarray, random: np.ndarray) -> Curve:
    area = float(np.trapezoid(probabilities, shares))
    own = (tuple(shares.tolist()), tuple(probabilities.tolist()), area)
    if not len(random):
        return Curve(*own, np.nan, np.nan, np.nan)
    areas = np.trapezoid(random, shares, axis=1)
    low, high = np.percentile(areas, [2.5, 97.5])
    band_low, band_high = np.percentile(random, [2.5, 97.5], axis=0)
    return Curve(
        *own,
        float(areas.mean()),
        float(low),
        float(high),
        tuple(random.mean(axis=0).tolist()),
        tuple(band_low.tolist()),
        tuple(band_high.tolist()),
    )


def _order(heat: np.ndarray, grain: np.ndarray) -> np.ndarray:
    """Return the place (S, S) int of every pixel by falling heat, equals by their grain."""
    places = np.empty(heat.size, np.int64)
    places[np.lexsort((grain.ravel(), -heat.ravel()))] = np.arange(heat.size)
    return places.reshape(heat.shape)


def _grain(shape: tuple[int, int], generator: np.random.Generator) -> np.ndarray:
    """Return smooth noise: what orders equals takes patches away, not single pixels."""
    return ndimage.gaussian_filter(
        generator.standard_normal(shape), max(1.0, _GRAIN * max(shape)), mode="wrap"
    )


def _blocks(shape: tuple[int, int]) -> np.ndarray:
    rows, columns = (np.arange(side) * BLOCKS // side for side in shape)
    return rows[:, None] * BLOCKS + columns
