"""What many measurements come to: percentiles, and how memory grows with uploads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

_PERCENTILES = (50, 95, 99)
# Fewer do not tell a slope from what memory does by itself.
_FEWEST_BLOCKS = 5


def spread(seconds: Sequence[float]) -> dict:
    """Return ``{"n", "p50", "p95", "p99", "longest"}`` in seconds; only n where there are none."""
    if not seconds:
        return {"n": 0}
    at = np.percentile(seconds, _PERCENTILES)
    told = {
        f"p{place}": round(float(value), 3) for place, value in zip(_PERCENTILES, at, strict=True)
    }
    return {"n": len(seconds), **told, "longest": round(float(max(seconds)), 3)}


def growth(uploads: Sequence[int], megabytes: Sequence[float], skip: int, block: int = 25) -> dict:
    """Return how many MB a hundred uploads add, as a line through means of blocks of them.

    Neighbouring measurements resemble each other, so that every single one would make the interval
    too narrow.

    Parameters
    ----------
    uploads : how many had been made at each measurement, in their order.
    megabytes : of resident memory then.
    skip : uploads before which nothing counts: what is kept of a session's last pictures fills up.
    block : uploads whose mean is one point of the line.

    Returns
    -------
    ``{"mb_per_100_uploads", "low", "high", "from", "to", "blocks"}`` with a 95 % interval; without
    the first three where there is too little to tell.
    """
    counted = np.asarray(uploads, float)
    memory = np.asarray(megabytes, float)
    counts = counted >= skip
    blocks = counted[counts] // block
    points = [
        (counted[counts][blocks == one].mean(), memory[counts][blocks == one].mean())
        for one in np.unique(blocks)
    ]
    told = {
        "from": int(skip),
        "to": int(counted.max()) if len(counted) else 0,
        "blocks": len(points),
    }
    if len(points) < _FEWEST_BLOCKS:
        return told
    x, y = np.array(points).T
    line = stats.linregress(x, y)
    margin = stats.t.ppf(0.975, len(points) - 2) * line.stderr
    slope = {
        "mb_per_100_uploads": 100 * line.slope,
        "low": 100 * (line.slope - margin),
        "high": 100 * (line.slope + margin),
    }
    return {**{name: round(float(value), 2) for name, value in slope.items()}, **told}
