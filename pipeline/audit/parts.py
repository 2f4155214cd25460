"""Parts of a picture that are shown while the rest is hidden.

A classifier that is right without having seen the lungs is right for another reason than disease.
All limits are fixed shares of the picture, chosen on the mean of the training pictures, the same
for every picture: nothing is segmented.
"""

from __future__ import annotations

import numpy as np

RING = 3 / 224  # of the side: the outermost three pixels of the stored copies
FRAME = 0.10  # of the side
# Rows from, to; columns from, to. Holds both lungs, the heart and the spine between them.
THORAX = (0.12, 0.88, 0.10, 0.90)
GREY = 128

PARTS = {
    "whole": "the whole picture",
    "border_ring": "the outermost ring alone (3 of 224 pixels), the rest mid-grey",
    "border_frame": "the outer tenth alone on each side, the rest mid-grey",
    "lungs_blacked_out": "everything but the chest: rows 12 to 88 %, columns 10 to 90 % black",
    "border_blanked": "the picture without its border: the outer tenth mid-grey",
    "lungs_only": "the chest alone: rows 12 to 88 %, columns 10 to 90 %, the rest mid-grey",
}
# What shows no lung: a classifier that is right here takes a shortcut.
WITHOUT_LUNGS = ("border_ring", "border_frame", "lungs_blacked_out")


def only(images: np.ndarray, part: str) -> np.ndarray:
    """Return pictures of which only `part` can be seen.

    Parameters
    ----------
    images : (N, H, W) uint8.
    part : a name of `PARTS`.

    Returns
    -------
    (N, H, W) uint8; `images` itself for the whole picture.
    """
    if part not in PARTS:
        raise ValueError(f"Expected part to be one of {', '.join(PARTS)}. Received: {part!r}")
    if part == "whole":
        return images
    hidden = ~_shown(images.shape[1:], part)
    changed = images.copy()
    changed[:, hidden] = 0 if part == "lungs_blacked_out" else GREY
    return changed


def _shown(shape: tuple[int, int], part: str) -> np.ndarray:
    """Return (H, W) bool, True where the picture can be seen."""
    match part:
        case "border_ring":
            return ~_box(shape, RING, 1 - RING, RING, 1 - RING)
        case "border_frame":
            return ~_box(shape, FRAME, 1 - FRAME, FRAME, 1 - FRAME)
        case "border_blanked":
            return _box(shape, FRAME, 1 - FRAME, FRAME, 1 - FRAME)
        case "lungs_only":
            return _box(shape, *THORAX)
    return ~_box(shape, *THORAX)


def _box(shape: tuple[int, int], top: float, bottom: float, left: float, right: float):
    """Return (H, W) bool, True inside limits that are shares of the sides."""
    inside = np.zeros(shape, bool)
    rows = slice(round(top * shape[0]), round(bottom * shape[0]))
    inside[rows, round(left * shape[1]) : round(right * shape[1])] = True
    return inside
