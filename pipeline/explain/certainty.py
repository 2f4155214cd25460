"""What the spread of independent draws says about the weights of superpixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special  # loads itself only when a function is called

from pipeline.explain.explanation import TOP

# Expected overlap of the five strongest with those of another draw.
SETTLED_AT = 0.95
# Of the strongest weight. What is weaker is not counted among the five: where one part outweighs
# all others, the places after it are a draw among trifles.
TRIFLE = 0.05
_DRAWS = 400


@dataclass(frozen=True, eq=False)
class Certainty:
    """Fields of an `Explanation` of the same names, which say how sure its weights are."""

    margins: np.ndarray
    stability: float
    settled: bool


def certainty(weights: np.ndarray, errors: np.ndarray, freedom: int) -> Certainty:
    """Say how sure weights are that were estimated from random masks.

    Parameters
    ----------
    weights, errors : (n,), the second their standard errors.
    freedom : degrees of freedom of the errors: how many draws they were estimated from, less one
        or what else was fitted.

    Notes
    -----
    The intervals hold for all superpixels at once (Bonferroni): at 95 % for each of fifty, two or
    three would be taken for evidence by chance in every picture. Settled: another draw would have
    `SETTLED_AT` of the five strongest in common on average (Jaccard), and the intervals of all
    five keep clear of zero.
    """
    margins = special.stdtrit(freedom, 1 - 0.025 / len(weights)) * errors
    stability = overlap(weights, errors)
    strongest = _strongest(weights)
    clear = np.abs(weights)[strongest] > margins[strongest]
    return Certainty(margins, stability, bool(stability >= SETTLED_AT and clear.all()))


def certain(weights: np.ndarray) -> Certainty:
    """Return the certainty of weights (n,) that no draw had a part in."""
    return Certainty(np.zeros(len(weights)), 1.0, True)


def overlap(weights: np.ndarray, errors: np.ndarray) -> float:
    """Return how much of the strongest superpixels another draw of the masks would share.

    Of the five strongest, those that are no trifles beside the first.

    Parameters
    ----------
    weights, errors : (n,), the second their standard errors, taken as normal and independent.

    Returns
    -------
    Mean Jaccard index of the five strongest with those of simulated other draws, in [0, 1].
    """
    own = _strongest(weights)
    top = len(own)
    noise = np.random.default_rng(0).standard_normal((_DRAWS, len(weights)))
    # Both estimates err, this one and the other: their difference has twice the variance.
    others = np.abs(weights + np.sqrt(2) * errors * noise)
    chosen = np.argpartition(-others, top - 1, axis=1)[:, :top]
    shared = np.isin(chosen, own).sum(axis=1)
    return float((shared / (2 * top - shared)).mean())


def _strongest(weights: np.ndarray) -> np.ndarray:
    strengths = np.abs(weights)
    order = np.argsort(-strengths, kind="stable")[:TOP]
    return order[strengths[order] >= TRIFLE * strengths.max()]
