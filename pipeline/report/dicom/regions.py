"""Superpixels as closed lines in the coordinates of the picture."""

from __future__ import annotations

import numpy as np
from skimage import measure


def outlines(area: np.ndarray, height: int, width: int) -> list[np.ndarray]:
    """Return one closed line for each piece of `area`.

    Parameters
    ----------
    area : (S, S) bool on the network's grid, the whole of which covers the picture.
    height, width : of the picture, in pixels.

    Returns
    -------
    Lines (M, 2) float64 of columns and rows, the first point repeated as the last; the largest
    piece first. The centre of the picture's first pixel is (0.5, 0.5), as in DICOM PS3.3
    C.18.6.1. Inside of a line, by the even-odd rule, lie the centres of the grid's cells in that
    piece, and of no other cell. A hole is joined to its rim by a cut of no width, because a
    region of an image is one line.
    """
    pieces = measure.label(area, connectivity=1)
    scale = np.array([height, width]) / area.shape
    sizes = np.bincount(pieces.ravel())[1:]
    lines = []
    for piece in 1 + np.argsort(-sizes, kind="stable"):
        rings = measure.find_contours(np.pad(pieces == piece, 1).astype(float), 0.5)
        rim, *holes = sorted(rings, key=_extent, reverse=True)
        for hole in holes:
            rim = _cut(rim, hole)
        # The rim of zeros moved everything by one; a cell's centre lies half a cell inside.
        lines.append(_corners((rim - 0.5) * scale)[:, ::-1])
    return lines


def _extent(ring: np.ndarray) -> float:
    return float(np.ptp(ring, axis=0).prod())


def _cut(rim: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Return `rim` with a way to the nearest point of `hole`, around it, and back."""
    distances = ((rim[:, None] - hole[None]) ** 2).sum(axis=2)
    leave, enter = np.unravel_index(distances.argmin(), distances.shape)
    around = np.concatenate([hole[enter:], hole[1 : enter + 1]])
    return np.concatenate([rim[: leave + 1], around, rim[leave:]])


def _corners(line: np.ndarray) -> np.ndarray:
    """Leave out the points of a closed line where it goes straight on."""
    before, after = np.diff(line[:-1], axis=0), np.diff(line[1:], axis=0)
    turns = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    back = (before * after).sum(axis=1) < 0
    return line[np.concatenate([[True], (np.abs(turns) > 1e-9) | back, [True]])]
