"""Fit the gate's model on training pictures; its limits come from patients that were held out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from pipeline.gate.faults import FAULTS
from pipeline.gate.features import describe
from pipeline.gate.model import GateModel

# Chosen on the training pictures and a set of outside ones that the reported figures leave out.
COMPONENTS = 60
# Added to the covariance of a discriminant, as a share of the mean variance.
RIDGE = 0.1
FOLDS = 5
# Share of right pictures of held-out patients that each limit may refuse by itself.
UNLIKE_RATE = 0.002
FAULT_RATE = 0.0005


def fit(
    images: np.ndarray,
    patients: Sequence[str],
    seed: int = 2018,
    progress: Callable[[float], None] | None = None,
) -> GateModel:
    """Fit on right pictures and on wrong ones made of them.

    The limits are quantiles of what models fitted on four fifths of the patients say of the
    others. Where a fault lies well beyond, its limit is put halfway between the two.

    Parameters
    ----------
    images : (N, H, W) uint8, frontal chest radiographs presented rightly.
    patients : of each picture.
    seed : decides which patients are held out together.

    Returns
    -------
    GateModel : fitted on all of them; its document holds what held-out patients met.
    """
    right = _describe_all(images, lambda image: image)
    wrong = []
    for done, fault in enumerate(FAULTS, start=1):
        wrong.append(_describe_all(images, fault.make))
        if progress:
            progress(done / (len(FAULTS) + 1))
    folds = _folds(patients, seed)
    held_right = np.empty((len(images), 1 + len(FAULTS)))
    held_wrong = np.empty((len(FAULTS), len(images), 1 + len(FAULTS)))
    for fold in range(FOLDS):
        rest, out = folds != fold, folds == fold
        part = _unlimited(right[rest], [features[rest] for features in wrong])
        held_right[out] = _scores(part, right[out])
        for position, features in enumerate(wrong):
            held_wrong[position, out] = _scores(part, features[out])
    limit = float(np.quantile(held_right[:, 0], 1 - UNLIKE_RATE))
    limits = np.array(
        [
            _limit(held_right[:, 1 + position], held_wrong[position, :, 1 + position])
            for position in range(len(FAULTS))
        ]
    )
    bounds = np.concatenate([[limit], limits])
    if progress:
        progress(1.0)
    return replace(
        _unlimited(right, wrong),
        limit=limit,
        limits=limits,
        document={
            "pictures": len(images),
            "patients": len(set(patients)),
            "folds": FOLDS,
            "seed": seed,
            "unlike_rate": UNLIKE_RATE,
            "fault_rate": FAULT_RATE,
            "held_out_refused": int((held_right > bounds).any(axis=1).sum()),
            "held_out_faults_refused": {
                fault.name: int((held_wrong[position] > bounds).any(axis=1).sum())
                for position, fault in enumerate(FAULTS)
            },
        },
    )


def _describe_all(images: np.ndarray, make: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    with ThreadPoolExecutor() as pool:
        return np.stack(list(pool.map(lambda image: describe(make(image)), images)))


def _folds(patients: Sequence[str], seed: int) -> np.ndarray:
    """Return the fold (N,) of each picture; a patient's pictures share theirs."""
    names = sorted(set(patients))
    if len(names) < FOLDS:
        raise ValueError(f"Expected at least {FOLDS} patients. Received: {len(names)}")
    order = np.random.default_rng(seed).permutation(len(names))
    fold = {names[place]: number % FOLDS for number, place in enumerate(order)}
    return np.array([fold[patient] for patient in patients])


def _unlimited(right: np.ndarray, wrong: Sequence[np.ndarray]) -> GateModel:
    """Return the model of features (N, 512), of right pictures and for each fault, sans limits."""
    mean = right.mean(axis=0)
    covariance = np.cov(right, rowvar=False)
    variances, directions = np.linalg.eigh(covariance)
    # A few pictures cannot tell sixty directions from noise.
    kept = min(COMPONENTS, len(right) // 2)
    return GateModel(
        mean=mean,
        components=directions[:, : -kept - 1 : -1],
        variances=variances[: -kept - 1 : -1],
        noise=float(variances[:-kept].mean()),
        limit=np.inf,
        directions=np.stack([_discriminant(mean, covariance, each) for each in wrong]),
        limits=np.zeros(len(wrong)),
        document={},
    )


def _discriminant(mean: np.ndarray, covariance: np.ndarray, wrong: np.ndarray) -> np.ndarray:
    """Return Fisher's direction (512,) towards `wrong`; right pictures have variance 1 on it."""
    pooled = (covariance + np.cov(wrong, rowvar=False)) / 2
    pooled.flat[:: len(pooled) + 1] += RIDGE * np.trace(pooled) / len(pooled)
    direction = np.linalg.solve(pooled, wrong.mean(axis=0) - mean)
    return direction / np.sqrt(direction @ covariance @ direction)


def _scores(model: GateModel, features: np.ndarray) -> np.ndarray:
    """Return unlikeness and projection on each fault, (N, 1 + F)."""
    return np.column_stack([model.unlikeness(features), model.faults(features)])


def _limit(right: np.ndarray, wrong: np.ndarray) -> float:
    """Return the limit of one fault from what held-out right and wrong pictures score (N,)."""
    highest = float(np.quantile(right, 1 - FAULT_RATE))
    return max(highest, (highest + float(np.quantile(wrong, 0.01))) / 2)
