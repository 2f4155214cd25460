"""What the gate's model sees of a picture: where its edges run, and which side of each is bright.

References
----------
Dalal, Triggs 2005, "Histograms of oriented gradients for human detection", CVPR.
"""

from __future__ import annotations

import numpy as np

from pipeline.images import resize

# Chosen on the training pictures and a set of outside ones that the reported figures leave out:
# the shape of lungs, heart and shoulders shows at this size, letters and grain do not.
SIDE_PX = 64
CELL_PX = 8
# Directions of a full turn, so that dark-to-bright differs from bright-to-dark.
DIRECTIONS = 8
# The mean gradient of a cell, by the picture's spread, below which it counts as flat.
FLAT = 0.02
LENGTH = (SIDE_PX // CELL_PX) ** 2 * DIRECTIONS


def describe(image: np.ndarray) -> np.ndarray:
    """Return the histogram of gradient directions in each cell of a picture.

    Parameters
    ----------
    image : (H, W) uint8; it is squeezed to a square.

    Returns
    -------
    (512,) float32: the square root of each direction's share in its cell, by row of cells,
    column and direction. Brightness and contrast do not matter; a cell with hardly any gradient
    has next to nothing of each.
    """
    small = resize(image, SIDE_PX).astype(np.float32)
    small = (small - small.mean()) / (small.std() + 1e-3)
    down, right = np.gradient(small)
    strength = np.hypot(down, right).ravel()
    turn = np.arctan2(down, right).ravel() / (2 * np.pi)
    direction = np.where(turn < 0, turn + 1, turn) * DIRECTIONS
    lower = np.floor(direction).astype(int)
    # A gradient between two directions counts for both, more for the nearer.
    nearer = direction - lower
    weights = np.concatenate([strength * (1 - nearer), strength * nearer])
    bins = np.concatenate([lower, lower + 1]) % DIRECTIONS
    histogram = np.bincount(np.tile(_CELLS, 2) + bins, weights=weights, minlength=LENGTH)
    cells = histogram.reshape(-1, DIRECTIONS) / CELL_PX**2
    shares = cells / (np.linalg.norm(cells, axis=1, keepdims=True) + FLAT)
    return np.sqrt(shares).ravel().astype(np.float32)


def _cells() -> np.ndarray:
    """Return for each pixel where the bins of its cell begin."""
    rows, columns = np.mgrid[0:SIDE_PX, 0:SIDE_PX] // CELL_PX
    return (rows * (SIDE_PX // CELL_PX) + columns).ravel() * DIRECTIONS


_CELLS = _cells()
