"""Pictures with some of their superpixels hidden."""

from __future__ import annotations

import numpy as np


class Perturbation:
    """One picture, ready to have superpixels hidden.

    Parameters
    ----------
    image : (S, S) uint8.
    segments : (S, S) int, labels 0 to n-1.
    """

    def __init__(self, image: np.ndarray, segments: np.ndarray):
        if image.shape != segments.shape:
            raise ValueError(
                "Expected image and segments of one shape. "
                f"Received: {image.shape} and {segments.shape}"
            )
        self._image, self._labels = image, segments.ravel().astype(np.intp)
        sums = np.bincount(self._labels, weights=image.ravel())
        # Rounded down, as LIME does when it stores the mean in the picture's own type.
        means = (sums / np.bincount(self._labels)).astype(np.uint8)
        self.count = len(means)
        self.fill = means[segments]

    def images(self, shown: np.ndarray) -> np.ndarray:
        """Return a picture per row of `shown`; hidden superpixels have their own mean grey.

        Parameters
        ----------
        shown : (N, n), 1 or True where the superpixel is visible.

        Returns
        -------
        (N, S, S) uint8.
        """
        visible = shown.astype(bool).take(self._labels, axis=1)
        return np.where(visible.reshape(-1, *self._image.shape), self._image, self.fill)
