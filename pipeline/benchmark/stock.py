"""LIME as a notebook user writes it: the ``lime`` package on a Keras model."""

from __future__ import annotations

import contextlib
import functools
import gc
import io
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np

# Methods of a Keras model that give probabilities: the usual one, and the one without its overhead.
PREDICTS = ("predict", "predict_on_batch")


def seconds(model: Path, image: np.ndarray, samples: int, predict: str) -> float:
    """Return how long one explanation with LIME's defaults takes.

    Parameters
    ----------
    model : a ``model.keras``; kept in memory, so that a second call does not load it.
    image : (S, S) uint8, at the network's input size.
    samples : perturbed pictures to judge.
    predict : one of `PREDICTS`.
    """
    from lime.lime_image import LimeImageExplainer  # here: it costs a second

    colours = np.repeat(image[..., None], 3, axis=-1)
    ask = _asked(model, predict)
    gc.collect()  # nobody pays for what the one before left
    started = perf_counter()
    with contextlib.redirect_stderr(io.StringIO()):  # LIME's own progress bar
        LimeImageExplainer(random_state=0).explain_instance(colours, ask, num_samples=samples)
    return perf_counter() - started


def _asked(model: Path, predict: str) -> Callable[[np.ndarray], np.ndarray]:
    network = _loaded(model)
    channels = network.input_shape[-1]
    options = {"predict": {"verbose": 0}, "predict_on_batch": {}}[predict]
    method = functools.partial(getattr(network, predict), **options)
    return lambda images: method(images[..., :channels].astype(np.float32))


@functools.cache
def _loaded(model: Path):
    import keras  # here: it costs seconds, and only who measures it pays them

    return keras.saving.load_model(model, compile=False)
