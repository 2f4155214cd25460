"""Grey levels per split and class: brightness, contrast, histograms, profiles, original sizes.

Only sums over many children are kept, never a picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline import evaluation
from pipeline.config import CLASS_NAMES
from pipeline.dataset import SPLITS, Item

BINS = 32


def of_pictures(images: np.ndarray, items: Sequence[Item]) -> dict[str, dict[str, dict]]:
    """Describe the grey levels of each split and class.

    Parameters
    ----------
    images : (N, S, S) uint8, S a multiple of 32.

    Returns
    -------
    ``{split: {class: {...}}}``, only where there are pictures: ``n``, ``patients``,
    ``histogram`` (share of the pixels in 32 equal bins of 0 to 255), ``rows`` and ``columns``
    (mean grey level of 32 bands from top to bottom and from the image's left to its right),
    ``brightness`` and ``contrast`` (mean and standard deviation of a picture's grey levels: their
    mean over the pictures with its interval over patients, and ``quantiles`` 5, 25, 50, 75, 95 %).
    """
    labels = np.array([item.label for item in items])
    splits = np.array([item.split for item in items])
    table = {}
    for split in SPLITS:
        for label, name in enumerate(CLASS_NAMES):
            own = np.flatnonzero((splits == split) & (labels == label))
            if len(own):
                patients = [items[i].patient for i in own]
                table.setdefault(split, {})[name] = _describe(images[own], patients)
    return table


def _describe(images: np.ndarray, patients: Sequence[str]) -> dict:
    levels = np.bincount(images.ravel(), minlength=256).reshape(BINS, -1).sum(axis=1)
    mean = images.mean(axis=0)
    return {
        "n": len(images),
        "patients": len(set(patients)),
        "histogram": (levels / levels.sum()).round(6).tolist(),
        "rows": mean.mean(axis=1).reshape(BINS, -1).mean(axis=1).round(2).tolist(),
        "columns": mean.mean(axis=0).reshape(BINS, -1).mean(axis=1).round(2).tolist(),
        "brightness": _spread(images.mean(axis=(1, 2)), patients),
        "contrast": _spread(images.std(axis=(1, 2), dtype=np.float32), patients),
    }


def _spread(values: np.ndarray, patients: Sequence[str]) -> dict:
    """Return the mean with its bootstrap interval over patients, and quantiles."""
    return evaluation.mean_over_patients(values, patients) | {
        "quantiles": np.percentile(values, [5, 25, 50, 75, 95]).round(2).tolist()
    }


def sizes(shapes: Sequence[tuple[int, int]], items: Sequence[Item]) -> dict:
    """Describe the original sizes per split and class.

    Parameters
    ----------
    shapes : (height, width) of each picture in its file.

    Returns
    -------
    ``same``: whether all are equal, as in a resized copy, which then tells nothing; ``groups``:
    ``{split: {class: {"n", "height", "width", "aspect"}}}``, each the quantiles 0, 25, 50, 75,
    100 %; aspect is width over height.
    """
    shapes = np.asarray(shapes, np.float64)
    groups = {}
    for split in SPLITS:
        for label, name in enumerate(CLASS_NAMES):
            own = shapes[[(i.split, i.label) == (split, label) for i in items]]
            if len(own):
                columns = {
                    "height": own[:, 0],
                    "width": own[:, 1],
                    "aspect": own[:, 1] / own[:, 0],
                }
                groups.setdefault(split, {})[name] = {"n": len(own)} | {
                    key: np.percentile(values, [0, 25, 50, 75, 100]).round(3).tolist()
                    for key, values in columns.items()
                }
    return {"same": bool((shapes == shapes[0]).all()), "groups": groups}
