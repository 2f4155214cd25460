"""The bootstrap: patients drawn with replacement, each class on its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.evaluation.measures import FIGURES, weighted_figures

_CHUNK = 100  # samples held at once: 4 MB for the test set, 40 MB for all of train


def resampled_weights(
    label: np.ndarray, groups: Sequence[str] | None, count: int, seed: int
) -> Iterator[np.ndarray]:
    """Yield how often each picture occurs in each of `count` samples.

    Pictures of one patient are siblings: drawn one by one, they would make an interval too narrow.

    Parameters
    ----------
    label : (N,); as many patients of each class are drawn as there are.
    groups : (N,) patient of each picture; without it every picture is a patient.
    seed : the same seed gives the same samples, also for another run on the same pictures.

    Yields
    ------
    (R, N) float64, up to 100 samples at a time.
    """
    generator = np.random.default_rng(seed)
    label = np.asarray(label)
    names = np.arange(len(label)) if groups is None else np.asarray(groups)
    classes = []
    for value in np.unique(label):
        own = np.flatnonzero(label == value)
        patients, patient = np.unique(names[own], return_inverse=True)
        classes.append((own, len(patients), patient))
    for start in range(0, count, _CHUNK):
        weights = np.zeros((min(_CHUNK, count - start), len(label)))
        for row in weights:
            for own, patients, patient in classes:
                drawn = generator.integers(0, patients, patients)
                row[own] = np.bincount(drawn, minlength=patients)[patient]
        yield weights


def mean_over_patients(values: np.ndarray, groups: Sequence[str], resamples: int = 1000) -> dict:
    """Return the mean of values (N,) with its 95 % interval over patients.

    Returns
    -------
    ``{"value", "low", "high", "n"}``.
    """
    draws = np.concatenate(
        [
            weights @ values / weights.sum(axis=1)
            for weights in resampled_weights(np.zeros(len(values)), groups, resamples, 0)
        ]
    )
    low, high = np.percentile(draws, [2.5, 97.5])
    return {
        "value": float(values.mean()),
        "low": float(low),
        "high": float(high),
        "n": len(values),
    }


def bootstrap(
    score: np.ndarray,
    label: np.ndarray,
    threshold: float,
    groups: Sequence[str] | None = None,
    only: Sequence[str] = FIGURES,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """Return each figure named in `only` in every sample: (resamples,), NaN where undefined."""
    parts = [
        weighted_figures(score, label, threshold, weights, only)
        for weights in resampled_weights(label, groups, resamples, seed)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in only}


def middle_95(draws: np.ndarray) -> tuple[float, float]:
    """Return the limits of the middle 95 % of `draws`; (nan, nan) if none is a number."""
    known = draws[np.isfinite(draws)]
    if not len(known):
        return np.nan, np.nan
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)
