"""Simple models that need no insight: what they can tell, any network can pick up.

A logistic regression on the grey levels of a 32 x 32 thumbnail, each cell standardised over the
training pictures, with a fixed strong penalty (C = 0.001): nothing about it is tuned, so no
figure here was chosen by the test set. Beside it boosted trees, which also find what is not a
weighted sum, such as *either black or white*.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline import evaluation
from pipeline.audit.parts import only

SIDE = 32
SIZE_PX = 224  # seven pixels a cell
FOLDS = 5
MODELS = ("linear", "trees")

_CHUNK = 512


def thumbnails(images: np.ndarray, part: str = "whole") -> np.ndarray:
    """Return the mean grey level of 32 x 32 cells of `part`, flattened.

    Parameters
    ----------
    images : (N, 224, 224) uint8.

    Returns
    -------
    (N, 1024) float32 in [0, 1].
    """
    if images.ndim != 3 or images.shape[1:] != (SIZE_PX, SIZE_PX):
        raise ValueError(f"Expected images (N, {SIZE_PX}, {SIZE_PX}). Received: {images.shape}")
    cells = np.empty((len(images), SIDE, SIDE), np.float32)
    step = SIZE_PX // SIDE
    for start in range(0, len(images), _CHUNK):
        shown = only(images[start : start + _CHUNK], part)
        cells[start : start + _CHUNK] = shown.reshape(-1, SIDE, step, SIDE, step).mean((2, 4))
    return cells.reshape(len(images), -1) / 255


def fitted(features: np.ndarray, label: np.ndarray, model: str = "linear"):
    """Return `model` fitted on (N, F) features; its ``predict_proba`` has two columns."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits

    if model not in MODELS:
        raise ValueError(f"Expected model to be one of {', '.join(MODELS)}. Received: {model!r}")
    if model == "trees":
        untrained = HistGradientBoostingClassifier(
            max_iter=100, max_leaf_nodes=15, early_stopping=False, random_state=0
        )
    else:
        untrained = make_pipeline(StandardScaler(), LogisticRegression(C=1e-3, max_iter=1000))
    # One thread: on cores that are busy, threads that wait for each other cost many times what
    # they gain; and the last digits then do not depend on the machine's cores.
    with threadpool_limits(1):
        return untrained.fit(features, label)


def held_out(
    features: np.ndarray, label: np.ndarray, groups: Sequence[str], model: str = "linear"
) -> np.ndarray:
    """Return for each case the probability given by a model that saw none of its patient.

    Cross-validation in five folds of whole patients. Of pure noise and few patients its AUC comes
    out a little below .5, not at it: each fold's model leans away from those it judges.

    Parameters
    ----------
    features : (N, F).
    label : (N,) 0 or 1, at least five patients of each.
    groups : (N,) patient of each case.

    Returns
    -------
    (N,) float64.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    label, groups = np.asarray(label), np.asarray(groups)
    probability = np.empty(len(label))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for learn, judge in folds.split(features, label, groups):
        own = fitted(features[learn], label[learn], model)
        probability[judge] = own.predict_proba(features[judge])[:, 1]
    return probability


def enough(label: np.ndarray, groups: Sequence[str]) -> bool:
    """Say whether `held_out` can give every fold patients of both labels."""
    pairs = set(zip(np.asarray(label).tolist(), groups, strict=True))
    return all(sum(own == value for own, _ in pairs) >= FOLDS for value in (0, 1))


def auc(probability: np.ndarray, label: np.ndarray, groups: Sequence[str]) -> dict:
    """Return the AUC with its interval over patients: ``{"value", "low", "high", "n"}``.

    The interval says how far chance in the choice of patients reaches; the fitted model is taken
    as given.
    """
    return evaluation.report(probability, label, 0.5, groups)["figures"]["auc"]
