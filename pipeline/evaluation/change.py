"""The same run on other pictures: how much is gained or lost?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.evaluation.measures import FIGURES, confusion, denominators, figures
from pipeline.evaluation.resampling import bootstrap, middle_95

Judged = tuple[np.ndarray, np.ndarray, Sequence[str] | None]


def change(
    reference: Judged, sample: Judged, threshold: float, resamples: int = 1000, seed: int = 0
) -> dict[str, dict]:
    """Return each figure of `sample` minus the same figure of `reference`.

    Parameters
    ----------
    reference, sample : (score, label, groups), each (N,) as for `report`; groups may be None. The
        two hold different children and are resampled independently.
    threshold : the same for both.

    Returns
    -------
    ``{figure: {"value", "low", "high", "n", "n_reference"}}`` with 95 % intervals by bootstrap over
    patients; the value is None where either figure cannot be computed. PPV, NPV, accuracy and
    average precision also move when only the share of pneumonias differs.
    """
    values, draws, sizes = [], [], []
    for position, (score, label, groups) in enumerate((reference, sample)):
        score, label = np.asarray(score, np.float64), np.asarray(label).astype(int)
        values.append(figures(score, label, threshold))
        sizes.append(denominators(confusion(score, label, threshold)))
        # A sequence of its own for either, or equal draws would make the interval too narrow.
        own_seed = [seed, position]
        draws.append(bootstrap(score, label, threshold, groups, FIGURES, resamples, own_seed))
    table = {}
    for name in FIGURES:
        value = values[1][name] - values[0][name]
        known = bool(np.isfinite(value))
        low, high = middle_95(draws[1][name] - draws[0][name]) if known else (None, None)
        table[name] = {
            "value": float(value) if known else None,
            "low": low,
            "high": high,
            "n": sizes[1][name],
            "n_reference": sizes[0][name],
        }
    return table
