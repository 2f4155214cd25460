"""The last operators of an exported network, forwards and in reverse, in NumPy.

From the last feature maps to the two columns a network needs a handful of operators: pooling,
flattening, dense layers. They are read from the stored graph, so that the gradient is that of the
very network that answers, and no library that differentiates has to be loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from pipeline.config import NORMAL, PNEUMONIA

if TYPE_CHECKING:
    import onnx

# What an operator gives: its output, and what turns the gradient by that into one by its input.
Step = tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]


class UnknownOperatorError(ValueError):
    """An operator that cannot be followed."""


class Head:
    """A chain of operators from feature maps to the log odds of pneumonia.

    Parameters
    ----------
    nodes : of the graph, first the one that reads the feature maps, last the softmax or sigmoid.
    constants : the arrays they use, by name.

    Raises
    ------
    UnknownOperatorError : if one of them is none that is known here.
    """

    def __init__(self, nodes: list[onnx.NodeProto], constants: Mapping[str, np.ndarray]):
        *inner, last = nodes
        self._steps = [_step(node, constants) for node in inner]
        if last.op_type not in ("Softmax", "Sigmoid"):
            raise UnknownOperatorError(
                f"Expected a softmax or sigmoid at the end. Received: {last.op_type}"
            )
        self._sigmoid = last.op_type == "Sigmoid"

    def log_odds(self, maps: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the uncalibrated log odds of pneumonia and their gradient.

        Parameters
        ----------
        maps : (K, h, w).

        Returns
        -------
        The log odds, and the gradient (K, h, w) float64 by every value of every map. Those of
        ``evaluation.pneumonia_logit``, but for the rounding there of scores that are all but 0,
        behind which a very sure network would have no gradient at all.
        """
        value, reverse = self._forward(maps)
        gradient = np.zeros_like(value)
        positive, negative = value[0, PNEUMONIA], value[0, NORMAL]
        if self._sigmoid:
            # log s(a) - log s(b) of two columns of their own; d/da log s(a) = s(-a)
            odds = np.logaddexp(0, -negative) - np.logaddexp(0, -positive)
            gradient[0, PNEUMONIA], gradient[0, NORMAL] = (
                _logistic(-positive),
                -_logistic(-negative),
            )
        else:
            odds = positive - negative
            gradient[0, PNEUMONIA], gradient[0, NORMAL] = 1, -1
        for back in reversed(reverse):
            gradient = back(gradient)
        return float(odds), gradient[0]

    def columns(self, maps: np.ndarray) -> np.ndarray:
        """Return the two columns (2,) before the softmax or sigmoid, of maps (K, h, w)."""
        return self._forward(maps)[0][0]

    def _forward(self, maps: np.ndarray) -> tuple[np.ndarray, list]:
        value, reverse = maps[None].astype(np.float64), []
        for step in self._steps:
            value, back = step(value)
            reverse.append(back)
        return value, reverse


def _step(node: onnx.NodeProto, constants: Mapping[str, np.ndarray]) -> Callable[..., Step]:
    from onnx import helper  # here: serving never reads a graph unless it is asked for a map

    attributes = {one.name: helper.get_attribute_value(one) for one in node.attribute}
    known = [constants[name] for name in node.input if name in constants]
    if node.op_type == "Transpose":
        return _transpose(attributes["perm"])
    if node.op_type == "MatMul" and node.input[1] in constants:
        return _matmul(known[0])
    if node.op_type == "Add" and len(known) == 1:
        return _add(known[0])
    if node.op_type in ("MaxPool", "AveragePool"):
        return _pool(attributes, node.op_type)
    # A head has vectors behind the pooling, one for each picture, whatever the shape is called.
    if node.op_type in ("Reshape", "Squeeze", "Flatten"):
        return _flatten
    if node.op_type in _WITHOUT_SETTINGS:
        return _WITHOUT_SETTINGS[node.op_type]
    raise UnknownOperatorError(
        f"Expected an operator of a network's head. Received: {node.op_type}"
    )


def _transpose(order: list[int]) -> Callable[..., Step]:
    back = np.argsort(order)
    return lambda value: (value.transpose(order), lambda gradient: gradient.transpose(back))


def _matmul(matrix: np.ndarray) -> Callable[..., Step]:
    return lambda value: (value @ matrix, lambda gradient: gradient @ matrix.T)


def _add(offset: np.ndarray) -> Callable[..., Step]:
    return lambda value: (value + offset, lambda gradient: gradient)


def _pool(attributes: dict, kind: str) -> Callable[..., Step]:
    """Windows side by side, what does not fill one left out."""
    tall, wide = attributes["kernel_shape"]
    strides = tuple(attributes.get("strides", (1, 1)))
    if strides != (tall, wide) or any(attributes.get("pads", ())) or attributes.get("ceil_mode"):
        raise UnknownOperatorError(
            f"Expected a pooling of windows side by side. Received: {attributes}"
        )

    def step(value: np.ndarray) -> Step:
        count, channels, height, width = value.shape
        rows, columns = height // tall, width // wide
        inside = value[:, :, : rows * tall, : columns * wide]
        tiles = inside.reshape(count, channels, rows, tall, columns, wide).swapaxes(3, 4)
        tiles = tiles.reshape(count, channels, rows, columns, tall * wide)
        if kind == "MaxPool":
            shares = np.arange(tall * wide) == tiles.argmax(axis=-1)[..., None]
        else:
            shares = np.full(tiles.shape, 1 / (tall * wide))

        def back(gradient: np.ndarray) -> np.ndarray:
            spread = (gradient[..., None] * shares).reshape(*tiles.shape[:4], tall, wide)
            whole = np.zeros(value.shape)
            whole[:, :, : rows * tall, : columns * wide] = spread.swapaxes(3, 4).reshape(
                inside.shape
            )
            return whole

        return (tiles * shares).sum(axis=-1), back

    return step


def _flatten(value: np.ndarray) -> Step:
    return value.reshape(len(value), -1), lambda gradient: gradient.reshape(value.shape)


def _relu(value: np.ndarray) -> Step:
    return np.maximum(value, 0), lambda gradient: gradient * (value > 0)


def _global_average(value: np.ndarray) -> Step:
    size = value.shape[2] * value.shape[3]
    return value.mean(axis=(2, 3), keepdims=True), lambda gradient: np.broadcast_to(
        gradient / size, value.shape
    )


def _identity(value: np.ndarray) -> Step:
    return value, lambda gradient: gradient


def _logistic(value: float) -> float:
    return float(np.exp(-np.logaddexp(0, -value)))


_WITHOUT_SETTINGS = {
    "Relu": _relu,
    "GlobalAveragePool": _global_average,
    "Identity": _identity,
}
