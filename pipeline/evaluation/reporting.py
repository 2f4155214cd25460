"""Every figure of a set of pictures, with its interval and its denominator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipeline.evaluation.measures import FIGURES, PROPORTIONS, confusion, denominators, figures
from pipeline.evaluation.resampling import bootstrap, middle_95
from pipeline.evaluation.wilson_score import wilson

if TYPE_CHECKING:
    import pandas as pd


def report(
    score: np.ndarray,
    label: np.ndarray,
    threshold: float,
    groups: Sequence[str] | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> dict:
    """Compute every figure with its 95 % interval and its denominator.

    Parameters
    ----------
    score : (N,) calibrated probability of pneumonia.
    label : (N,) 0 NORMAL, 1 PNEUMONIA.
    threshold : chosen elsewhere.
    groups : (N,) patient of each case; the bootstrap draws patients, within each class.

    Returns
    -------
    ``{"n", "counts", "threshold", "figures": {name: {"value", "low", "high", "n"}}}``. A figure
    that cannot be computed (one class only) has the value None.
    """
    score, label = np.asarray(score, np.float64), np.asarray(label).astype(int)
    if len(score) == 0 or score.shape != label.shape:
        raise ValueError(
            f"Expected as many scores as labels. Received: {score.shape} and {label.shape}"
        )
    counts = confusion(score, label, threshold)
    values, sizes = figures(score, label, threshold), denominators(counts)
    drawn = tuple(name for name in FIGURES if name not in PROPORTIONS and np.isfinite(values[name]))
    draws = bootstrap(score, label, threshold, groups, drawn, resamples, seed)
    table = {}
    for name in FIGURES:
        value, size = values[name], sizes[name]
        if not np.isfinite(value):
            table[name] = {"value": None, "low": None, "high": None, "n": size}
            continue
        if name in PROPORTIONS:
            low, high = wilson(round(value * size), size)
        else:
            low, high = middle_95(draws[name])
        table[name] = {"value": value, "low": low, "high": high, "n": size}
    return {"n": len(label), "counts": counts, "threshold": float(threshold), "figures": table}


def judge(table: pd.DataFrame, points: Mapping[str, Mapping]) -> dict:
    """Return the content of ``metrics.json``: per split and operating point a `report`.

    Parameters
    ----------
    table : columns ``split, label, patient, probability``.
    points : as from `operating_points`.
    """
    return {
        split: {
            point: report(
                own["probability"].to_numpy(),
                own["label"].to_numpy(),
                chosen["threshold"],
                own["patient"].tolist(),
            )
            for point, chosen in points.items()
        }
        for split, own in table.groupby("split")
    }
