"""Do two explanations say the same: of two methods, two runs, or two draws of the masks?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from pipeline.explain.explanation import TOP, Explanation, averaged

# At most one of five strongest parts in common is 1 of 9. Two draws of five out of fifty would
# share .06 by accident.
DISAGREE_AT = 1 / 9


@dataclass(frozen=True)
class Agreement:
    """How alike two explanations of one picture are.

    Attributes
    ----------
    correlation : Spearman's, of the weights of common superpixels, -1 to 1; NaN if either map is
        the same everywhere.
    overlap : Jaccard index of the five strongest parts of both, 0 to 1.
    superpixels : how many the figures were computed on.
    """

    correlation: float
    overlap: float
    superpixels: int

    @property
    def disagree(self) -> bool:
        """Whether a reader must be told that the two look at different places."""
        return self.overlap <= DISAGREE_AT or self.correlation < 0


@dataclass(frozen=True)
class Spread:
    """How far explanations of one picture differ that differ only by the seed.

    Attributes
    ----------
    overlap : mean Jaccard index of the five strongest parts that are evidence, over all pairs.
    flips, drawn : of `drawn` cases in which a part is evidence in either of a pair, its weight
        has the opposite sign in the other in `flips`.
    pairs : of explanations.
    """

    overlap: float
    flips: int
    drawn: int
    pairs: int

    @property
    def sign_flips(self) -> float:
        """Share of the drawn parts that change sign, NaN if nothing was drawn."""
        return self.flips / self.drawn if self.drawn else np.nan


def agreement(a: Explanation, b: Explanation) -> Agreement:
    """Compare two explanations of the same picture, part by part.

    The parts are the superpixels of `a`. Where `b` has others, or another size, its map is laid
    over them; where it has the same, its weights are compared as they are.

    Raises
    ------
    ValueError : if they explain different classes.
    """
    if a.target != b.target:
        raise ValueError(f"Expected two of one class. Received: {a.target} and {b.target}")
    first, second = a.weights, b.weights
    if not np.array_equal(a.segments, b.segments):
        second = averaged(resampled(b.heat, len(a.segments)), a.segments)
    return Agreement(correlation(first, second), jaccard(_top(first), _top(second)), len(first))


def over_seeds(explanations: Sequence[Explanation], top: int = TOP) -> Spread:
    """Compare every pair of explanations that differ only by the seed.

    Raises
    ------
    ValueError : if there are fewer than two, or their superpixels differ.
    """
    if len(explanations) < 2:
        raise ValueError(f"Expected two explanations or more. Received: {len(explanations)}")
    if any(not np.array_equal(explanations[0].segments, one.segments) for one in explanations):
        raise ValueError("Expected explanations on the same superpixels. Received: different ones")
    overlaps, flips, drawn = [], 0, 0
    for a, b in combinations(explanations, 2):
        overlaps.append(jaccard(a.ranked()[:top], b.ranked()[:top]))
        either = a.evidence | b.evidence
        drawn += int(either.sum())
        flips += int((a.weights * b.weights < 0)[either].sum())
    return Spread(float(np.mean(overlaps)), flips, drawn, len(overlaps))


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Return Spearman's rank correlation of two arrays of one shape, NaN if either is constant."""
    from scipy.stats import rankdata  # here: it takes a second to load

    if a.shape != b.shape:
        raise ValueError(f"Expected two arrays of one shape. Received: {a.shape}, {b.shape}")
    ranks = [rankdata(one.ravel()) - (one.size + 1) / 2 for one in (a, b)]
    spread = np.sqrt((ranks[0] ** 2).sum() * (ranks[1] ** 2).sum())
    return float(ranks[0] @ ranks[1] / spread) if spread > 0 else np.nan


def jaccard(a: Sequence[int], b: Sequence[int]) -> float:
    """Return shared over all members of two sets, 1 if both are empty."""
    first, second = set(map(int, a)), set(map(int, b))
    return len(first & second) / len(first | second) if first | second else 1.0


def resampled(heat: np.ndarray, size_px: int) -> np.ndarray:
    """Return a square map at another size, by its nearest pixels."""
    nearest = ((np.arange(size_px) + 0.5) * len(heat) / size_px).astype(int)
    return heat[np.ix_(nearest, nearest)]


def _top(weights: np.ndarray, top: int = TOP) -> np.ndarray:
    order = np.argsort(-np.abs(weights), kind="stable")[:top]
    return order[weights[order] != 0]
