"""Superpixels: the parts of a picture that are hidden and shown together.

Every segmentation is labelled 0 to n-1 without gaps. LIME counts the labels and takes them for
0 to n-1: with scikit-image's own start at 1 the last superpixel is never switched and silently
gets weight 0. The same picture always has the same superpixels, whatever the seed of the
samples, so that explanations of different seeds can be compared part by part.
"""

from __future__ import annotations

import numpy as np
from skimage import segmentation  # loads itself only when a function is called

GRID = 5


def segment(image: np.ndarray, method: str = "slic") -> np.ndarray:
    """Divide a picture into superpixels.

    Parameters
    ----------
    image : (S, S) uint8.
    method : a name in `SEGMENTATIONS`.

    Returns
    -------
    (S, S) int32, labels 0 to n-1, each of them present.
    """
    if method not in SEGMENTATIONS:
        raise ValueError(f"Expected segments {' or '.join(SEGMENTATIONS)}. Received: {method!r}")
    if image.ndim != 2 or image.dtype != np.uint8:
        raise ValueError(
            f"Expected a grey image (S, S) of uint8. Received: {image.shape}, {image.dtype}"
        )
    labels = SEGMENTATIONS[method](image)
    return np.unique(labels, return_inverse=True)[1].reshape(image.shape).astype(np.int32)


def slic(image: np.ndarray) -> np.ndarray:
    """About 50 compact superpixels that follow edges.

    References
    ----------
    Achanta et al. 2012, SLIC Superpixels, doi:10.1109/TPAMI.2012.120.
    """
    # scikit-image's compactness of 10 is meant for Lab colours in 0..100. A grey picture is
    # scaled to 0..1, where it gives squares; 0.3 follows ribs and heart and stays compact.
    return segmentation.slic(
        image, n_segments=50, compactness=0.3, sigma=1, start_label=0, channel_axis=None
    )


def quickshift(image: np.ndarray) -> np.ndarray:
    """LIME's own default: 20 to 50 superpixels of uneven size.

    References
    ----------
    Vedaldi, Soatto 2008, Quick Shift and Kernel Methods for Mode Seeking,
    doi:10.1007/978-3-540-88693-8_52.
    """
    colours = np.repeat(image[..., None], 3, axis=-1)
    return segmentation.quickshift(colours, kernel_size=4, max_dist=200, ratio=0.2, rng=42)


def grid(image: np.ndarray) -> np.ndarray:
    """Five by five rectangles, whatever the picture shows: the same parts on every picture."""
    rows, columns = (np.arange(side) * GRID // side for side in image.shape)
    return rows[:, None] * GRID + columns


SEGMENTATIONS = {"slic": slic, "quickshift": quickshift, "grid": grid}
