"""From validation patients to the official test: which class loses how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipeline.config import CLASS_NAMES, PNEUMONIA
from pipeline.evaluation.wilson_score import share

if TYPE_CHECKING:
    import pandas as pd

SPLITS = ("validation", "test")


def right_per_class(table: pd.DataFrame, threshold: float) -> dict[str, dict[str, dict]]:
    """Return the share of right calls: class -> split -> ``{"value", "low", "high", "n"}``.

    Parameters
    ----------
    table : columns ``split, label, probability``.
    threshold : the same for both splits, chosen on the validation patients.
    """
    found = {}
    for label, name in enumerate(CLASS_NAMES):
        found[name] = {}
        for split in SPLITS:
            own = table[(table["split"] == split) & (table["label"] == label)]
            right = (own["probability"] >= threshold) == bool(label)
            found[name][split] = share(int(right.sum()), len(own))
    return found


def probability_shares(table: pd.DataFrame, bins: int = 20) -> dict[str, dict[str, np.ndarray]]:
    """Return how a class's probabilities spread: class -> split -> shares (bins,) that sum to 1.

    A split without pictures of the class is left out.
    """
    found: dict[str, dict[str, np.ndarray]] = {}
    for label, name in enumerate(CLASS_NAMES):
        found[name] = {}
        for split in SPLITS:
            own = table[(table["split"] == split) & (table["label"] == label)]
            if len(own):
                counts, _ = np.histogram(own["probability"], bins=bins, range=(0, 1))
                found[name][split] = counts / len(own)
    return found


def loss(before: dict, after: dict) -> dict:
    """Return ``{"value", "low", "high"}`` of before - after, two independent shares.

    References
    ----------
    Newcombe 1998, Interval estimation for the difference between independent proportions,
    doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I, method 10.
    """
    value = before["value"] - after["value"]
    below = np.hypot(before["value"] - before["low"], after["high"] - after["value"])
    above = np.hypot(before["high"] - before["value"], after["value"] - after["low"])
    return {"value": value, "low": float(value - below), "high": float(value + above)}


def right_by(table: pd.DataFrame, names: Sequence[str | None], threshold: float) -> dict[str, dict]:
    """Return the share of right calls of each subgroup, in the order of the names.

    Parameters
    ----------
    names : (N,) subgroup of each row of `table`, None for none; as of
        `pipeline.evaluation.name_families`.
    """
    right = ((table["probability"] >= threshold) == (table["label"] == PNEUMONIA)).to_numpy()
    names = np.asarray(names, dtype=object)
    return {
        name: share(int(right[names == name].sum()), int((names == name).sum()))
        for name in sorted({name for name in names if name is not None})
    }
