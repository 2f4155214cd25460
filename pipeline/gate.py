"""May this picture be judged at all?

Plain checks that need no network: what a chest X-ray of this kind cannot look like.
The limits are the extremes of the 5216 training images with a margin; nothing is fitted on test.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.images import Picture

LARGEST_COLOUR = 0.06
SMALLEST_SPREAD = 15.0
LARGEST_ASPECT = 3.2


@dataclass(frozen=True)
class Gate:
    """Whether a picture is accepted; `reasons` are sentences, empty if it is."""

    accepted: bool
    reasons: tuple[str, ...]


def check(picture: Picture) -> Gate:
    """Look for signs that `picture` is no frontal chest radiograph."""
    image = picture.image
    height, width = image.shape
    reasons = []
    if picture.colour > LARGEST_COLOUR:
        reasons.append("The picture is coloured; a radiograph is grey.")
    if float(np.std(image[::4, ::4])) < SMALLEST_SPREAD:
        reasons.append("The picture has almost no contrast.")
    if max(height, width) / min(height, width) > LARGEST_ASPECT:
        reasons.append("The picture is far longer than wide, unlike a chest radiograph.")
    return Gate(not reasons, tuple(reasons))
