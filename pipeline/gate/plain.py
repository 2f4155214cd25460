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


def check(picture: Picture, small: np.ndarray) -> list[str]:
    """Return why `picture` can be no chest radiograph, a sentence each; usually none.

    Parameters
    ----------
    small : (SIDE_PX, SIDE_PX) uint8, the picture's pixels resized.
    """
    height, width = picture.image.shape
    image = small.astype(np.float32)
    reasons = []
    if picture.colour > LARGEST_COLOUR:
        reasons.append("The picture is coloured; a radiograph is grey.")
    if max(height, width) / min(height, width) > LARGEST_ASPECT:
        reasons.append("The picture is a long strip, unlike a chest radiograph.")
    if min(height, width) < SMALLEST_SIDE_PX:
        reasons.append(
            f"The picture has only {width} x {height} pixels; details of the lungs are lost."
        )
    if not has_contrast(image):
        # All further checks would only speak of the noise in it.
        return [*reasons, "The picture has almost no contrast."]
    if black_share(image) > LARGEST_BLACK_SHARE:
        reasons.append("Most of the picture is black; a chest radiograph fills its frame.")
    if flat_share(image) > LARGEST_FLAT_SHARE:
        reasons.append("Much of the picture is one flat shade, like a document or a screenshot.")
    if roughness(image) > LARGEST_ROUGHNESS:
        reasons.append("The picture is full of fine detail, like text, a texture or noise.")
    return reasons


def has_contrast(image: np.ndarray) -> bool:
    """Tell whether there is anything to see in `image` (H, W), 0 to 255."""
    return float(image.std()) >= SMALLEST_SPREAD


def black_share(image: np.ndarray) -> float:
    """Return the share of black pixels of `image` (H, W), 0 to 255."""
    return float(np.mean(image <= _BLACK))


def flat_share(image: np.ndarray) -> float:
    """Return the share of the commonest grey level of `image` (H, W) that is not black."""
    counts = np.bincount(image.astype(np.uint8).ravel(), minlength=256)
    return float(counts[_BLACK + 1 :].max() / image.size)


def roughness(image: np.ndarray) -> float:
    """Return the mean step between neighbours of `image` (H, W) by its standard deviation."""
    steps = np.abs(np.diff(image, axis=0)).mean() + np.abs(np.diff(image, axis=1)).mean()
    return float(steps / 2 / image.std())
