"""The interval of a share of a count."""

from __future__ import annotations

from statistics import NormalDist  # scipy.stats takes a second to load

import numpy as np


def wilson(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the score interval of a proportion; (nan, nan) for n = 0.

    References
    ----------
    Wilson 1927, Journal of the American Statistical Association 22:209.
    """
    if n == 0:
        return np.nan, np.nan
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = successes / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    # Rounding may carry the limits of 0 of n and n of n just past the figure itself.
    return float(min(max(0.0, centre - half), share)), float(max(min(1.0, centre + half), share))


def share(successes: int, n: int) -> dict:
    """Return a proportion as a figure: ``{"value", "low", "high", "n"}``, None where n is 0."""
    if n == 0:
        return {"value": None, "low": None, "high": None, "n": 0}
    low, high = wilson(successes, n)
    return {"value": successes / n, "low": low, "high": high, "n": n}
