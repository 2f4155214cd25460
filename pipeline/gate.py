"""May this picture be judged at all?

Plain checks that need no network: what a frontal chest X-ray of this kind cannot look like. Every
limit lies outside the extremes of the 5216 official training images (in brackets below, measured
on their 224 px copies), so that none of them is refused; nothing is fitted on test images. A
picture that passes need not be a chest X-ray: a grey photograph with a bright middle passes too,
as do two of three radiographs that lie on their side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.images import Picture, resize

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
# Grey levels by which the middle, spine and heart, is brighter than the lungs (at least 1.4).
SMALLEST_MIDDLE_LEAD = -2.0

# The checks look at the size of the copies that the limits were measured on.
_SIDE_PX = 224
_BLACK = 5


@dataclass(frozen=True)
class Gate:
    """Whether a picture is accepted; `reasons` are sentences, empty if it is."""

    accepted: bool
    reasons: tuple[str, ...]


def check(picture: Picture) -> Gate:
    """Look for signs that `picture` is no frontal chest radiograph."""
    height, width = picture.image.shape
    image = resize(picture.image, _SIDE_PX).astype(np.float32)
    reasons = []
    if picture.colour > LARGEST_COLOUR:
        reasons.append("The picture is coloured; a radiograph is grey.")
    if max(height, width) / min(height, width) > LARGEST_ASPECT:
        reasons.append("The picture is a long strip, unlike a chest radiograph.")
    if min(height, width) < SMALLEST_SIDE_PX:
        reasons.append(
            f"The picture has only {width} x {height} pixels; details of the lungs are lost."
        )
    if float(image.std()) < SMALLEST_SPREAD:
        # All further checks would only speak of the noise in it.
        reasons.append("The picture has almost no contrast.")
        return Gate(False, tuple(reasons))
    if black_share(image) > LARGEST_BLACK_SHARE:
        reasons.append("Most of the picture is black; a chest radiograph fills its frame.")
    if flat_share(image) > LARGEST_FLAT_SHARE:
        reasons.append("Much of the picture is one flat shade, like a document or a screenshot.")
    if roughness(image) > LARGEST_ROUGHNESS:
        reasons.append("The picture is full of fine detail, like text, a texture or noise.")
    if middle_lead(image) < SMALLEST_MIDDLE_LEAD:
        reasons.append(
            "The middle is darker than the sides: the picture is inverted, lies on its side, "
            "or is no chest X-ray."
        )
    return Gate(not reasons, tuple(reasons))


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


def middle_lead(image: np.ndarray) -> float:
    """Return by how many grey levels the spine's place in `image` (H, W) outshines the lungs'."""
    height, width = image.shape
    rows = slice(height // 4, round(height * 0.65))
    spine = image[rows, round(width * 0.44) : round(width * 0.56)].mean()
    left = image[rows, round(width * 0.18) : round(width * 0.36)].mean()
    right = image[rows, round(width * 0.64) : round(width * 0.82)].mean()
    return float(spine - (left + right) / 2)
