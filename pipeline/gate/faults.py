"""Ways in which a chest radiograph can be presented wrongly, made on purpose to learn them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

_CROPPED = (
    "The lungs seem to be cut off: only a part of the chest is in the picture. "
    "Show the whole chest."
)


@dataclass(frozen=True)
class Fault:
    """One wrong presentation.

    Attributes
    ----------
    name : how measured tables call it.
    make : turns a right picture (H, W) into a wrong one.
    undo : turns a wrong one back; None where that cannot be done.
    reason : the sentence for the user.
    """

    name: str
    make: Callable[[np.ndarray], np.ndarray]
    undo: Callable[[np.ndarray], np.ndarray] | None
    reason: str


def _part(top: float, bottom: float, left: float, right: float):
    def cut(image: np.ndarray) -> np.ndarray:
        height, width = image.shape
        rows = slice(round(top * height), round(bottom * height))
        return np.ascontiguousarray(image[rows, round(left * width) : round(right * width)])

    return cut


def _invert(image: np.ndarray) -> np.ndarray:
    return 255 - image


def _quarters(count: int):
    return lambda image: np.ascontiguousarray(np.rot90(image, count))


def _flip(image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(image[::-1])


_ON_SIDE = "The picture lies on its side. Turn it upright."
_UPSIDE_DOWN = "The picture is upside down. Turn it upright."

FAULTS = (
    Fault("turned left", _quarters(1), _quarters(3), _ON_SIDE),
    Fault("turned right", _quarters(3), _quarters(1), _ON_SIDE),
    Fault("turned by half", _quarters(2), _quarters(2), _UPSIDE_DOWN),
    Fault("flipped upside down", _flip, _flip, _UPSIDE_DOWN),
    Fault(
        "inverted",
        _invert,
        _invert,
        "The picture is inverted: bones are dark and air is bright. Invert it.",
    ),
    Fault("only the left 60 %", _part(0, 1, 0, 0.6), None, _CROPPED),
    Fault("only the right 60 %", _part(0, 1, 0.4, 1), None, _CROPPED),
    Fault("only the upper half", _part(0, 0.5, 0, 1), None, _CROPPED),
    Fault("only the lower half", _part(0.5, 1, 0, 1), None, _CROPPED),
    Fault("only the middle 60 %", _part(0.2, 0.8, 0.2, 0.8), None, _CROPPED),
)
