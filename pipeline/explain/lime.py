"""LIME for images: a linear surrogate fitted around one picture.

The regression is the `lime` package's own and the kernel, distances and draws are those of its
``lime_image``, so the weights are what LIME itself would give for the same superpixels. What is
new is around it: masks are made for whole batches at once, the batches suit the engine, the work
reports progress and can be stopped, and everything random follows from the seed.

References
----------
Ribeiro, Singh, Guestrin 2016, "Why Should I Trust You?", doi:10.1145/2939672.2939778.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np

from pipeline.config import CLASS_NAMES, PNEUMONIA
from pipeline.errors import Cancelled
from pipeline.explain.explanation import Explanation
from pipeline.explain.perturbation import Perturbation
from pipeline.explain.segments import segment

KERNEL_WIDTH = 0.25
# Large enough that the steps between two forward passes do not count, small enough that a
# stop is heard within a fraction of a second.
BATCH = 32


def explain(
    predict: Callable[[np.ndarray], np.ndarray],
    image: np.ndarray,
    *,
    run: str = "",
    target: int = PNEUMONIA,
    segments: str | np.ndarray = "slic",
    samples: int = 1000,
    seed: int = 0,
    batch: int = BATCH,
    progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Explanation:
    """Explain why `predict` gives `image` its probability of `target`.

    Parameters
    ----------
    predict : images (N, S, S) uint8 to probabilities (N, 2), such as ``Classifier.probabilities``.
    image : (S, S) uint8, at the network's input size (``Classifier.prepare``).
    run : name to be kept with the result.
    target : the class to explain.
    segments : a name in ``SEGMENTATIONS``, or superpixels (S, S) int32 of one's own.
    samples : pictures to judge, the unperturbed one among them.
    seed : decides which superpixels are hidden in which picture.
    batch : pictures per call of `predict`.
    progress : called with the share of the work that is done, up to 1.
    should_stop : asked before every batch.

    Raises
    ------
    Cancelled : when `should_stop` says so.
    ValueError : if `predict` does not return two columns; LIME would explain the wrong class.
    """
    started = perf_counter()
    if samples < 2 or batch < 1:
        raise ValueError(f"Expected samples >= 2, batch >= 1. Received: {samples!r}, {batch!r}")
    segmentation = segments if isinstance(segments, str) else "own"
    labels = segment(image, segments) if isinstance(segments, str) else segments
    perturbation = Perturbation(image, labels)
    shown = _draw(samples, perturbation.count, seed)
    probabilities = np.empty((samples, len(CLASS_NAMES)))
    for start in range(0, samples, batch):
        if should_stop is not None and should_stop():
            raise Cancelled("The LIME explanation")
        rows = slice(start, min(start + batch, samples))
        probabilities[rows] = _checked(predict(perturbation.images(shown[rows])), rows)
        if progress is not None:
            progress(rows.stop / samples)
    weights, intercept, fidelity_r2 = _fit(shown, probabilities, target)
    return Explanation(
        method="lime",
        run=run,
        target=target,
        segments=labels,
        weights=weights,
        intercept=intercept,
        seed=seed,
        samples=samples,
        segmentation=segmentation,
        fidelity_r2=fidelity_r2,
        probability=float(probabilities[0, target]),
        seconds=perf_counter() - started,
    )


def _draw(samples: int, count: int, seed: int) -> np.ndarray:
    """Return (samples, count) of 0 and 1, each superpixel shown in half of them, all in the first.

    The legacy generator, because LIME draws with it: the same seed, the same neighbourhood.
    """
    shown = np.random.RandomState(seed).randint(0, 2, samples * count).reshape(samples, count)
    shown[0] = 1
    return shown


def _checked(probabilities: np.ndarray, rows: slice) -> np.ndarray:
    expected = (rows.stop - rows.start, len(CLASS_NAMES))
    if np.shape(probabilities) != expected or not np.isfinite(probabilities).all():
        raise ValueError(
            f"Expected finite probabilities {expected} from predict. "
            f"Received: {np.shape(probabilities)}"
        )
    return probabilities


def _fit(
    shown: np.ndarray, probabilities: np.ndarray, target: int
) -> tuple[np.ndarray, float, float]:
    """Return weights (n,), intercept and weighted R2 of LIME's ridge regression."""
    from lime.lime_base import LimeBase  # here: it costs a second, and only this needs it

    # The cosine distance between a row of 0 and 1 and the row of ones.
    distances = 1 - np.sqrt(shown.mean(axis=1))
    count = shown.shape[1]
    # "none" keeps every superpixel; the package's "auto" comes to the same by a second fit.
    intercept, ranked, score, _ = LimeBase(_kernel, random_state=0).explain_instance_with_data(
        shown, probabilities, distances, target, count, feature_selection="none"
    )
    weights = np.zeros(count)
    for label, weight in ranked:
        weights[label] = weight
    if np.ptp(probabilities[:, target]) < 1e-12:
        score = np.nan  # nothing varied, so there was nothing to be faithful to
    return weights, float(intercept), float(score)


def _kernel(distances: np.ndarray) -> np.ndarray:
    return np.sqrt(np.exp(-((distances / KERNEL_WIDTH) ** 2)))
