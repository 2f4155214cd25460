"""Grad-CAM and HiResCAM: what in the last feature maps raises the log odds.

Both weigh the feature maps by the gradient of the log odds. Grad-CAM averages the gradient over
each map first, HiResCAM multiplies value by value, and so shows only places that the network did
use. For a network that pools all places by their mean and ends in one dense layer the two are
the same, and their sum is the log odds but for the constant. The maps are signed: the papers' own
are their positive part (a ReLU), which hides what speaks against the class.

References
----------
Selvaraju et al. 2017, Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
Localization, doi:10.1109/ICCV.2017.74.
Draelos, Carin 2020, Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional
neural networks, arXiv:2011.08891.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from time import perf_counter

import numpy as np
from scipy import ndimage  # loads itself only when a function is called

from pipeline.config import CLASS_NAMES, PNEUMONIA
from pipeline.errors import Cancelled
from pipeline.explain.certainty import certain
from pipeline.explain.explanation import Explanation, averaged
from pipeline.explain.feature_maps import FeatureMaps, Look
from pipeline.explain.inquiry import Partial, superpixels


def grad_cam(network: FeatureMaps, image: np.ndarray, **options) -> Explanation:
    """Explain by feature maps, each weighed by its mean gradient. Parameters: see `explain`."""
    return explain(network, image, method="gradcam", **options)


def hires_cam(network: FeatureMaps, image: np.ndarray, **options) -> Explanation:
    """Explain by feature maps times their gradient. Parameters: see `explain`."""
    return explain(network, image, method="hirescam", **options)


def explain(
    network: FeatureMaps,
    image: np.ndarray,
    *,
    method: str,
    run: str = "",
    target: int = PNEUMONIA,
    segments: str | np.ndarray = "slic",
    fill: str = "",
    samples: int | None = None,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    partial: Partial | None = None,
) -> Explanation:
    """Explain why a network gives `image` its log odds of `target`.

    Parameters
    ----------
    network : a convolutional run that shows its last feature maps.
    image : (S, S) uint8, at the network's input size (``Classifier.prepare``).
    method : ``gradcam`` or ``hirescam``.
    run : name to be kept with the result; that of the network's run if it is empty.
    target : the class to explain; for ``NORMAL`` every sign is turned round.
    segments : superpixels over which the map is averaged: a name in ``SEGMENTATIONS``, or
        superpixels (S, S) int32 of one's own.
    fill, samples, seed, partial : accepted and of no effect: nothing is hidden or drawn, the
        network is asked once.
    progress : called with 1 at the end.
    should_stop : asked once, before the network is.

    Returns
    -------
    `heat` in calibrated log odds (the network's own divided by the run's temperature), a value of
    the map spread bilinearly over the pixels it stands for; `weights` its mean in every superpixel.

    Raises
    ------
    Cancelled : when `should_stop` says so.
    ValueError : if `network` shows no feature maps or `image` has another size.
    """
    started = perf_counter()
    if not isinstance(network, FeatureMaps):
        raise ValueError(f"Expected FeatureMaps in place of predict. Received: {network!r}")
    if target not in range(len(CLASS_NAMES)):
        raise ValueError(f"Expected target 0 or 1. Received: {target!r}")
    if method not in _MAPS:
        raise ValueError(f"Expected method {' or '.join(_MAPS)}. Received: {method!r}")
    labels, segmentation = superpixels(image, segments)
    if should_stop is not None and should_stop():
        raise Cancelled("The class activation map")
    look = network.look(image)
    heat = _spread(_MAPS[method](look), len(image))
    if target != PNEUMONIA:
        heat = -heat
    weights = averaged(heat, labels)
    if progress is not None:
        progress(1.0)
    return Explanation(
        method=method,
        run=run or network.run.name,
        target=target,
        segments=labels,
        weights=weights,
        **asdict(certain(weights)),
        heat=heat,
        unit="log odds",
        intercept=np.nan,
        seed=seed,
        samples=1,
        segmentation=segmentation,
        fill="",
        fidelity_r2=np.nan,
        probability=look.probability if target == PNEUMONIA else 1 - look.probability,
        seconds=perf_counter() - started,
    )


def _averaged_gradient(look: Look) -> np.ndarray:
    return np.tensordot(look.gradient.mean(axis=(1, 2)), look.maps.astype(np.float64), axes=1)


def _value_by_value(look: Look) -> np.ndarray:
    return (look.gradient * look.maps).sum(axis=0)


def _spread(values: np.ndarray, size_px: int) -> np.ndarray:
    """Return a map (h, w) at the picture's size, (size_px, size_px) float32, bilinearly."""
    scale = np.array([size_px, size_px]) / values.shape
    return ndimage.zoom(values, scale, order=1, mode="nearest", grid_mode=True).astype(np.float32)


_MAPS = {"gradcam": _averaged_gradient, "hirescam": _value_by_value}
