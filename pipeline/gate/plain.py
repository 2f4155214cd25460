"""Checks that need no fitting: what a frontal chest X-ray of this kind cannot look like.

Every limit lies outside the extremes of the 5216 official training images (in brackets below,
measured on their 224 px copies), so that none of them is refused.
"""

from __future__ import annotations

import numpy as np

from pipeline.images import Picture

# Mean saturation. The copies are grey throughout (0); the limit leaves room for a faint tint.
LARGEST_COLOUR = 0.06
# Standard deviation of the grey levels (at least 19.8).
SMALLEST_SPREAD = 15.0
# Longer side by shorter side. The copies are squares and say nothing here; the originals are
# 400 to 2900 px wide and vary in shape, some cut to a flat strip of the chest.
LARGEST_ASPECT = 3.2
# The shorter side: half of that of the copies. A smaller picture holds less than was learned from.
SMALLEST_SIDE_PX = 112
# Share of black pixels, grey level up to 5 (at most .345).
LARGEST_BLACK_SHARE = 0.5
# Share of the commonest grey level that is not black (at most .111): paper, or a window.
LARGEST_FLAT_SHARE = 0.25
# Mean step between neighbours in units of the spread (at most .136): text, noise, textures.
LARGEST_ROUGHNESS = 0.18

# The checks look at the size of the copies that the limits were measured on.
SIDE_PX = 224
_BLACK = 5


def check(picture: Picture, small: np.ndarray) -> tuple[list[str], bool]:
    """Tell why `picture` can be no chest radiograph, a sentence each, and whether it has contrast.

    Parameters
    ----------
    small : (SIDE_PX, SIDE_PX) uint8, the picture's pixels resized.

    Returns
    -------
    Usually no sentence, and True. Without contrast there is nothing more to be seen in a picture.
    """
    height, width = picture.image.shape
    reasons = []
    if picture.colour > LARGEST_COLOUR:
        reasons.append("The picture is coloured; a radiograph is grey.")
    if max(height, width) / min(height, width) > LARGEST_ASPECT:
        reasons.append("The picture is a long strip, unlike a chest radiograph.")
    if min(height, width) < SMALLEST_SIDE_PX:
        reasons.append(
            f"The picture has only {width} x {height} pixels; details of the lungs are lost."
        )
    levels = small.astype(np.float32)
    spread = float(levels.std())
    if spread < SMALLEST_SPREAD:
        # All further checks would only speak of the noise in it.
        return [*reasons, "The picture has almost no contrast."], False
    counts = np.bincount(small.ravel(), minlength=256)
    if counts[: _BLACK + 1].sum() / small.size > LARGEST_BLACK_SHARE:
        reasons.append("Most of the picture is black; a chest radiograph fills its frame.")
    if counts[_BLACK + 1 :].max() / small.size > LARGEST_FLAT_SHARE:
        reasons.append("Much of the picture is one flat shade, like a document or a screenshot.")
    if _mean_step(levels) / spread > LARGEST_ROUGHNESS:
        reasons.append("The picture is full of fine detail, like text, a texture or noise.")
    return reasons, True


def _mean_step(levels: np.ndarray) -> float:
    """Return the mean difference of neighbours in `levels` (H, W)."""
    down, right = (np.diff(levels, axis=axis) for axis in (0, 1))
    return float(np.abs(down, out=down).mean() + np.abs(right, out=right).mean()) / 2
