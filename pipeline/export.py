"""From a trained Keras network to the ONNX graph that serves it."""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path

import keras
import numpy as np
import onnx

# Below this a tensor is not worth the node that widens it again.
_WORTH_HALVING = 1024


def to_onnx(model: keras.Model, path: Path, half_precision: bool = False) -> None:
    """Write `model` as ONNX: input (N, S, S, C) float32 in 0..255, output (N, 2) float32.

    Parity with the Keras model is tested to 1e-5; with `half_precision`, which stores the weights
    (not the computation) as 16 bit numbers, to 1e-3.
    """
    # Keras exports only a model that has been called.
    model(np.zeros((1, *model.input_shape[1:]), np.float32))
    with warnings.catch_warnings():
        # Keras asks NumPy for a name that is gone, to help an older tf2onnx.
        warnings.simplefilter("ignore", FutureWarning)
        model.export(path, format="onnx", verbose=False)
    if half_precision:
        network = onnx.load(path)
        _halve(network.graph)
        onnx.save(network, path)


def _halve(graph: onnx.GraphProto) -> None:
    """Store large weights as 16 bit numbers; the runtime widens them once, when it loads."""
    for tensor in list(graph.initializer):
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _WORTH_HALVING:
            continue
        stored = f"{tensor.name}_half"
        graph.initializer.remove(tensor)
        graph.initializer.append(onnx.numpy_helper.from_array(values.astype(np.float16), stored))
        widen = onnx.helper.make_node("Cast", [stored], [tensor.name], to=onnx.TensorProto.FLOAT)
        graph.node.insert(0, widen)


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
