"""Where the lungs are: one fixed outline for every picture.

The data has no lung masks, and opaque lungs, the ones that matter, cannot be told from what is
around them by their grey. So nothing is segmented when a picture is read: the children of this
data set are framed alike, and one generous outline holds the lungs of nearly all. It is the
convex hull of every place that is lung in at least 2 % of the normal training pictures (an
unsupervised segmentation of `pipeline.audit.thorax`, which fits and judges it; its figures are
in ``artifacts/audit/thorax.json``). The heart and the spine between the lungs are inside,
because pneumonia hides behind the heart too.

What it cannot do: it does not follow a picture that is turned, shifted or cropped, nor an adult's
chest. It takes the shoulder, the upper belly and what lies beside a narrow chest for inside where
others have lung there. So evidence is called outside only where hardly any child has a lung.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

# Corners of the outline: row and column as shares of the sides, clockwise. Fitted by
# ``python -m pipeline data thorax --write``, which says so if the fit no longer gives these.
OUTLINE = (
    (0.21, 0.23),
    (0.15, 0.3),
    (0.12, 0.34),
    (0.12, 0.66),
    (0.21, 0.77),
    (0.4, 0.87),
    (0.56, 0.91),
    (0.72, 0.94),
    (0.82, 0.94),
    (0.87, 0.93),
    (0.91, 0.89),
    (0.9, 0.14),
    (0.87, 0.1),
    (0.76, 0.07),
    (0.55, 0.09),
    (0.4, 0.13),
)
# The outer tenth on each side, as in the run's own audit (`pipeline.audit.parts.FRAME`).
BORDER = 0.10


@lru_cache(maxsize=8)
def field(size_px: int) -> np.ndarray:
    """Return the chest field (size_px, size_px) bool, read-only: True inside the outline."""
    return _frozen(inside(OUTLINE, size_px))


@lru_cache(maxsize=8)
def border(size_px: int) -> np.ndarray:
    """Return the border ring (size_px, size_px) bool, read-only: the outer tenth on each side."""
    ring = np.ones((size_px, size_px), bool)
    kept = slice(round(BORDER * size_px), round((1 - BORDER) * size_px))
    ring[kept, kept] = False
    return _frozen(ring)


def inside(corners: tuple[tuple[float, float], ...], size_px: int) -> np.ndarray:
    """Return (size_px, size_px) bool, True where a pixel's middle lies in a convex outline.

    Parameters
    ----------
    corners : (row, column) as shares of the sides, clockwise as seen on the picture.
    """
    middles = (np.arange(size_px) + 0.5) / size_px
    rows, columns = middles[:, None], middles[None, :]
    mask = np.ones((size_px, size_px), bool)
    following = (*corners[1:], corners[0])
    for (row, column), (next_row, next_column) in zip(corners, following, strict=True):
        across = (next_column - column) * (rows - row) - (next_row - row) * (columns - column)
        mask &= across >= 0
    return mask


def _frozen(mask: np.ndarray) -> np.ndarray:
    mask.setflags(write=False)
    return mask
