"""Two groups of a few figures each: could chance alone have set them so far apart?

For figures of whole trainings, of which there are rarely more than ten: the tests are exact, take
nothing for granted about how the figures are spread, and say how small a p they can give at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import comb

import numpy as np
import scipy  # its parts load themselves on first use

# Up to so many arrangements every one is counted; of more, that many are drawn at random.
EXACT = 200_000
DRAWN = 99_999
_CHUNK = 5_000


def sign_flip(differences: Sequence[float], seed: int = 0) -> dict:
    """Test whether paired differences scatter around 0.

    If neither of two trainings were better, each difference could as well have the other sign.

    Parameters
    ----------
    differences : (N,) one per pair.
    seed : of the draw, where there are too many arrangements to count them all.

    Returns
    -------
    ``{"n", "value", "low", "high", "p", "smallest_p", "exact"}``: the mean with its 95 % interval
    by Student's t (limits None for one pair), and p, two-sided, of the mean; `smallest_p` is the
    smallest that so many pairs can give.

    References
    ----------
    Fisher 1935, The Design of Experiments, section 21.
    """
    differences = np.asarray(differences, np.float64)
    n = len(differences)
    if n == 0 or not np.isfinite(differences).all():
        raise ValueError(f"Expected one or more finite differences. Received: {differences}")
    exact = 2**n <= EXACT
    if exact:
        bits = np.arange(2**n)[:, None] >> np.arange(n) & 1
        sums = (1 - 2 * bits) @ differences
    else:
        generator = np.random.default_rng(seed)
        sums = np.concatenate(
            [(1 - 2 * generator.integers(0, 2, (size, n))) @ differences for size in _chunks(DRAWN)]
        )
    half = None
    if n > 1:
        half = _t95(n - 1) * float(differences.std(ddof=1)) / np.sqrt(n)
    return {
        "n": n,
        **_interval(float(differences.mean()), half),
        "p": _p(np.abs(sums), abs(float(differences.sum())), exact),
        "smallest_p": 2 / 2**n if exact else 1 / (DRAWN + 1),
        "exact": exact,
    }


def between(a: Sequence[float], b: Sequence[float], seed: int = 0) -> dict:
    """Test whether two groups of independent figures have different means.

    If both were of one kind, any of the figures could as well stand in the other group.

    Parameters
    ----------
    a, b : (N,), (M,).
    seed : of the draw, where there are too many arrangements to count them all.

    Returns
    -------
    As of `sign_flip`, with ``n_a`` and ``n_b`` in place of ``n``: the difference a - b of the means
    with Welch's 95 % interval (limits None where a group has one figure only).

    References
    ----------
    Fisher 1935, The Design of Experiments. Welch 1947, The generalization of 'Student's' problem
    when several different population variances are involved, Biometrika 34:28.
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    pooled = np.concatenate([a, b])
    if not (len(a) and len(b)) or not np.isfinite(pooled).all():
        raise ValueError(f"Expected finite figures on both sides. Received: {a} and {b}")
    arrangements = comb(len(pooled), len(a))
    exact = arrangements <= EXACT
    if exact:
        chosen = np.array(list(combinations(range(len(pooled)), len(a))))
        sums = pooled[chosen].sum(axis=1)
    else:
        generator = np.random.default_rng(seed)
        sums = np.concatenate(
            [
                generator.permuted(np.tile(pooled, (size, 1)), axis=1)[:, : len(a)].sum(axis=1)
                for size in _chunks(DRAWN)
            ]
        )
    # The difference of the means follows from the sum of those that stand in the first group.
    differences = sums / len(a) - (pooled.sum() - sums) / len(b)
    value = float(a.mean() - b.mean())
    # With equal sizes the mirror image of an arrangement is as far apart.
    fewest = 2 if len(a) == len(b) else 1
    return {
        "n_a": len(a),
        "n_b": len(b),
        **_interval(value, _welch(a, b)),
        "p": _p(np.abs(differences), abs(value), exact),
        "smallest_p": fewest / arrangements if exact else 1 / (DRAWN + 1),
        "exact": exact,
    }


def _welch(a: np.ndarray, b: np.ndarray) -> float | None:
    if min(len(a), len(b)) < 2:
        return None
    parts = np.array([a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)])
    if not parts.any():
        return 0.0
    freedom = parts.sum() ** 2 / (parts**2 / np.array([len(a) - 1, len(b) - 1])).sum()
    return _t95(freedom) * float(np.sqrt(parts.sum()))


def _t95(freedom: float) -> float:
    return float(scipy.special.stdtrit(freedom, 0.975))


def _interval(value: float, half: float | None) -> dict[str, float | None]:
    known = half is not None
    return {
        "value": value,
        "low": value - half if known else None,
        "high": value + half if known else None,
    }


def _p(arranged: np.ndarray, observed: float, exact: bool) -> float:
    """Return the share of arrangements as far apart as what was observed.

    Equal figures must count as equal whatever the order they were added in. Of a draw, what was
    observed counts as one arrangement more: p is never 0 (Phipson, Smyth 2010,
    doi:10.2202/1544-6115.1585).
    """
    tolerance = 1e-9 * max(observed, float(arranged.max()))
    reached = int((arranged >= observed - tolerance).sum())
    return reached / len(arranged) if exact else (reached + 1) / (len(arranged) + 1)


def _chunks(count: int) -> list[int]:
    return [min(_CHUNK, count - start) for start in range(0, count, _CHUNK)]
