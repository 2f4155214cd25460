"""From a trained Keras network to the ONNX graph that serves it."""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path

import keras
import numpy as np


def to_onnx(model: keras.Model, path: Path) -> None:
    """Write `model` as ONNX: input (N, S, S, C) float32 in 0..255, output (N, 2) float32.

    Parity with the Keras model is tested to 1e-5.
    """
    # Keras exports only a model that has been called.
    model(np.zeros((1, *model.input_shape[1:]), np.float32))
    with warnings.catch_warnings():
        # Keras asks NumPy for a name that is gone, to help an older tf2onnx.
        warnings.simplefilter("ignore", FutureWarning)
        model.export(path, format="onnx", verbose=False)


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
