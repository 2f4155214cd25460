"""Pictures with some of their superpixels hidden."""

from __future__ import annotations

from collections.abc import Callable
from math import gcd

import numpy as np
from scipy import ndimage  # loads itself only when a function is called

from pipeline.config import CLASS_NAMES

# Of the side: as wide as a rib, so that a lung keeps its place and loses its markings.
BLUR = 1 / 16
# What takes the place of a hidden superpixel unless told otherwise. A map is right for what it was
# made with: made with means, which are LIME's own, it says less of a picture out of focus, and the
# other way round. On 30 validation pictures a blur did best of the three where neither was tested
# on its own ground (means of a grid's cells), and it adds no edge that was not there.
FILL = "blur"

# Pixels whose visibility is looked up at once, where that divides the picture's size.
_TOGETHER = 4


class Perturbation:
    """One picture, ready to have superpixels hidden.

    Parameters
    ----------
    image : (S, S) uint8.
    segments : (S, S) int, labels 0 to n-1.
    fill : a name in `FILLS`: what takes the place of hidden pixels.
    """

    def __init__(self, image: np.ndarray, segments: np.ndarray, fill: str = FILL):
        if image.shape != segments.shape:
            raise ValueError(
                "Expected image and segments of one shape. "
                f"Received: {image.shape} and {segments.shape}"
            )
        self._shape = image.shape
        self.count = int(segments.max()) + 1
        # Pixels side by side are looked up together: within a superpixel, and along its edges, the
        # same few groups of labels come again and again. Half the time of one by one.
        self._width = gcd(segments.size, _TOGETHER)
        labels = segments.astype(np.uint16).ravel()
        groups, places = np.unique(labels.view(f"u{2 * self._width}"), return_inverse=True)
        self._groups, self._places = groups.view(np.uint16).astype(np.intp), places.astype(np.intp)
        self._hidden = filled(image, segments, fill).ravel()
        self._difference = image.ravel() ^ self._hidden
        self._pairs = np.empty((0, self._hidden.size), np.uint8)

    def images(self, shown: np.ndarray) -> np.ndarray:
        """Return a picture per row of `shown`.

        Parameters
        ----------
        shown : (N, n), 1 or True where the superpixel is visible.

        Returns
        -------
        (N, S, S) uint8.
        """
        return self._drawn(shown, np.empty((len(shown), self._hidden.size), np.uint8))

    def pairs(self, shown: np.ndarray) -> np.ndarray:
        """Return a picture per row of `shown`, then one per row of its opposite.

        Parameters
        ----------
        shown : (N, n), 1 or True where the superpixel is visible.

        Returns
        -------
        (2 N, S, S) uint8, in memory that the next call writes to again: new memory would take
        longer to get than to fill.
        """
        if len(self._pairs) != 2 * len(shown):
            self._pairs = np.empty((2 * len(shown), self._hidden.size), np.uint8)
        first, second = np.split(self._pairs, 2)
        self._drawn(shown, first)
        np.bitwise_xor(first, self._difference, out=second)
        return self._pairs.reshape(-1, *self._shape)

    def _drawn(self, shown: np.ndarray, pictures: np.ndarray) -> np.ndarray:
        """Fill `pictures` (N, S * S) and return them as (N, S, S)."""
        # All bits of the difference or none: quicker than choosing between two pictures.
        visible = np.where(shown, np.uint8(255), np.uint8(0))
        groups = visible.take(self._groups, axis=1).view(f"u{self._width}")
        # All places are within bounds; "clip" does not look whether they are.
        groups.take(self._places, axis=1, out=pictures.view(groups.dtype), mode="clip")
        pictures &= self._difference
        pictures ^= self._hidden
        return pictures.reshape(-1, *self._shape)


def filled(image: np.ndarray, segments: np.ndarray, fill: str) -> np.ndarray:
    """Return the picture (S, S) uint8 that is seen where everything is hidden.

    Parameters
    ----------
    image : (S, S) uint8.
    segments : (S, S) int, labels 0 to n-1.
    fill : a name in `FILLS`.
    """
    if fill not in FILLS:
        raise ValueError(f"Expected fill {' or '.join(FILLS)}. Received: {fill!r}")
    return FILLS[fill](image, segments)


def mean(image: np.ndarray, segments: np.ndarray) -> np.ndarray:
    """Return every superpixel's own mean grey, LIME's choice: brightness stays, texture goes."""
    sums = np.bincount(segments.ravel(), weights=image.ravel())
    # Rounded down, as LIME does when it stores the mean in the picture's own type.
    return (sums / np.bincount(segments.ravel())).astype(np.uint8)[segments]


def black(image: np.ndarray, segments: np.ndarray) -> np.ndarray:
    """Return black, which on an X-ray is air: it hides an opacity, and looks like a lung."""
    return np.zeros_like(image)


def blur(image: np.ndarray, segments: np.ndarray) -> np.ndarray:
    """Return the picture out of focus: no edge of a superpixel is seen that was not there."""
    soft = ndimage.gaussian_filter(image.astype(np.float32), BLUR * len(image), mode="nearest")
    return np.clip(np.round(soft), 0, 255).astype(np.uint8)


FILLS = {"blur": blur, "mean": mean, "black": black}


def judged(predict: Callable[[np.ndarray], np.ndarray], images: np.ndarray) -> np.ndarray:
    """Return what `predict` says of `images`: (N, 2) probabilities, checked.

    Raises
    ------
    ValueError : if it does not return two finite columns; a method would explain the wrong class.
    """
    return checked(predict(images), len(images))


def checked(probabilities: np.ndarray, count: int) -> np.ndarray:
    """Return `probabilities` if they are finite and (count, 2), else raise ValueError."""
    expected = (count, len(CLASS_NAMES))
    if np.shape(probabilities) != expected or not np.isfinite(probabilities).all():
        raise ValueError(
            f"Expected finite probabilities {expected} from predict. "
            f"Received: {np.shape(probabilities)}"
        )
    return probabilities
