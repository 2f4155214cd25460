"""What if the model had not seen this? A picture with parts hidden by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np


def area(size: int, rectangles: Sequence[Mapping[str, float]]) -> np.ndarray:
    """Return what rectangles cover.

    Parameters
    ----------
    size : S, of the network's grid.
    rectangles : ``x`` and ``y`` of the upper left corner, ``width`` and ``height``, all in shares
        of the picture; what lies outside of it does not count.

    Returns
    -------
    (S, S) bool: the pixels whose centre lies within one of them.
    """
    covered = np.zeros((size, size), bool)
    centres = (np.arange(size) + 0.5) / size
    for one in rectangles:
        rows = (centres >= one["y"]) & (centres < one["y"] + one["height"])
        columns = (centres >= one["x"]) & (centres < one["x"] + one["width"])
        covered |= rows[:, None] & columns
    return covered


def without(
    image: np.ndarray,
    filled: np.ndarray,
    segments: np.ndarray,
    superpixels: Sequence[int],
    rectangles: Sequence[Mapping[str, float]] = (),
) -> np.ndarray:
    """Return the picture without some superpixels and rectangles.

    Parameters
    ----------
    image : (S, S) uint8.
    filled : (S, S) uint8, what takes the place of hidden pixels
        (`pipeline.explain.perturbation.filled`).
    segments : (S, S) int, labels 0 to n-1.
    superpixels : labels; those that there are not hide nothing.
    rectangles : as in `area`.

    Returns
    -------
    (S, S) uint8.
    """
    hidden = np.isin(segments, np.asarray(superpixels, int)) | area(len(image), rectangles)
    return np.where(hidden, filled, image)
