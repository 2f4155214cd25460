"""The chest field that the shortcut meter counts with: fitted on train, judged on validation.

Lungs are found without supervision: Otsu's threshold inside the body, a watershed that cuts
where the lung is narrowly joined to the air beside the child, the convex hull of the largest
piece on either side. What does not look like a pair of lungs is left out and counted. Only normal
pictures are used: an opaque lung is as bright as the body. Test pictures are never looked at.

References
----------
Otsu 1979, A Threshold Selection Method from Gray-Level Histograms, doi:10.1109/TSMC.1979.4310076.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from scipy import ndimage, spatial
from skimage import filters, measure, morphology, segmentation

from pipeline import evaluation
from pipeline.config import NORMAL, PNEUMONIA
from pipeline.dataset import Item, image_hashes, index, load_images, split_by_patient
from pipeline.errors import DatasetError
from pipeline.evaluation.wilson_score import share
from pipeline.explain import thorax

SCHEMA = 1
COMMAND = "python -m pipeline data thorax --write"
SIZE_PX = 128
# A place belongs to the field if it is lung in this share of the training pictures. Generous on
# purpose: of .5, .2, .1, .05 and .02 it is the first with which no normal training picture has a
# tenth of its lungs outside.
RARELY = 0.02
# Runs of this project hold the same patients out (`TrainingConfig`).
HELD_OUT, SPLIT_SEED = 0.15, 2018
# Every fifth ill picture: enough for a second figure.
_ILL_STEP = 5
# Shares of the side: rows from, to; columns from, to.
_BODY = (0.15, 0.80, 0.12, 0.88)
_CORES = ((0.30, 0.62, 0.16, 0.42), (0.30, 0.62, 0.58, 0.84))


def lungs(image: np.ndarray) -> np.ndarray | str:
    """Find both lungs in a normal picture.

    Parameters
    ----------
    image : (128, 128) uint8.

    Returns
    -------
    (128, 128) bool, or in one word why what was found is not a pair of lungs.
    """
    soft = ndimage.gaussian_filter(image.astype(float), 1.5)
    dark = soft < filters.threshold_otsu(soft[_box(_BODY)])
    depth = ndimage.distance_transform_edt(dark)
    markers = np.zeros(image.shape, int)
    markers[0], markers[-1], markers[:, 0], markers[:, -1] = 1, 1, 1, 1
    markers[~dark] = 0
    for label, window in enumerate(_CORES, start=2):
        core = np.zeros_like(depth)
        core[_box(window)] = depth[_box(window)]
        if core.max() < 3:
            return "no core"
        markers[np.unravel_index(core.argmax(), core.shape)] = label
    pieces = segmentation.watershed(-ndimage.gaussian_filter(depth, 1), markers, mask=dark)
    found = [_piece(pieces == label) for label in (2, 3)]
    if refused := [one for one in found if isinstance(one, str)]:
        return refused[0]
    areas = [one.sum() for one in found]
    heights = [one.any(axis=1).sum() for one in found]
    # A large heart or a stomach full of air cuts off the lower half of the lung beside it.
    if max(areas) > 3 * min(areas) or min(heights) < 0.75 * max(heights):
        return "uneven"
    return found[0] | found[1]


def examine(folder: Path, progress: Callable[[float], None] | None = None) -> dict:
    """Fit the outline on training patients and judge the product's one on validation patients.

    Parameters
    ----------
    folder : the data set in the Kaggle layout; only ``train/`` is read.
    progress : called with the finished fraction, 0 to 1.

    Returns
    -------
    ``{"outline", "fitted_outline", "segmented", "validation", "ill"}``: figures are ``{"value",
    "low", "high", "n"}``, the intervals of means bootstrapped over patients, Wilson's of shares.

    Raises
    ------
    DatasetError : if there are too few pictures, or too few of them show a pair of lungs.
    """
    tell = progress or (lambda _: None)
    items = index(folder, ("train",))
    images = load_images(items, SIZE_PX, lambda done: tell(0.4 * done))
    held_out = split_by_patient(items, image_hashes(images), HELD_OUT, SPLIT_SEED)
    label = np.array([item.label for item in items])
    positions = {
        "train": np.flatnonzero((label == NORMAL) & ~held_out),
        "validation": np.flatnonzero((label == NORMAL) & held_out),
        "ill": np.flatnonzero((label == PNEUMONIA) & held_out)[::_ILL_STEP],
    }
    total, done, found = sum(map(len, positions.values())), 0, {}
    for name, own in positions.items():
        found[name] = []
        for position in own:
            found[name].append(lungs(images[position]))
            done += 1
            tell(0.4 + 0.6 * done / total)
    masks = {name: _accepted(own) for name, own in found.items()}
    if min(len(masks["train"]), len(masks["validation"])) < 5:
        raise DatasetError(
            f"Lungs were found in {len(masks['train'])} training and {len(masks['validation'])} "
            "validation pictures, too few to fit a chest field.",
            "Use the whole data set: 'python -m pipeline data fetch kaggle'.",
        )
    atlas = masks["train"].mean(axis=0)
    return {
        "schema": SCHEMA,
        "command": COMMAND,
        "method": "fixed outline: hull of what is lung in at least "
        f"{100 * RARELY:g} % of the normal training pictures",
        "outline": [list(corner) for corner in thorax.OUTLINE],
        "fitted_outline": outline(atlas),
        "field_share": float(thorax.field(SIZE_PX).mean()),
        "border_share": float(thorax.border(SIZE_PX).mean()),
        "segmented": {
            name: {
                "pictures": len(own),
                "accepted": len(masks[name]),
                "refused": dict(Counter(one for one in own if isinstance(one, str))),
            }
            for name, own in found.items()
        },
        "validation": _judged(
            masks["validation"], atlas, _kept(items, positions["validation"], found["validation"])
        ),
        "ill": _judged(masks["ill"], atlas, _kept(items, positions["ill"], found["ill"])),
    }


def outline(atlas: np.ndarray) -> list[list[float]]:
    """Return the corners (row, column) of the convex hull of what is lung in `RARELY` or more.

    Clockwise as seen on the picture, in hundredths of the side.
    """
    hull = morphology.convex_hull_image(atlas >= RARELY)
    border = max(measure.find_contours(np.pad(hull.astype(float), 1), 0.5), key=len) - 1
    corners = np.round((measure.approximate_polygon(border, 1.0) + 0.5) / len(atlas), 2)
    # Once more: rounding can make a corner concave.
    corners = corners[spatial.ConvexHull(corners).vertices]
    rows, columns = corners.T
    if (rows * np.roll(columns, -1) - columns * np.roll(rows, -1)).sum() > 0:
        corners = corners[::-1]
    return np.roll(corners, -corners.sum(axis=1).argmin(), axis=0).tolist()


def _piece(area: np.ndarray) -> np.ndarray | str:
    """Return the convex hull of the largest piece of `area`, or why it is no lung."""
    labels, count = ndimage.label(ndimage.binary_opening(area, iterations=2))
    if not count:
        return "small"
    largest = labels == np.bincount(labels.ravel())[1:].argmax() + 1
    hull = morphology.convex_hull_image(largest)
    rows = np.flatnonzero(hull.any(axis=1)) / len(area)
    if hull.mean() < 0.03 or rows[-1] - rows[0] < 0.25:
        return "small"
    if hull.mean() > 0.20 or rows[0] < 0.04 or rows[-1] > 0.95:
        return "large"
    return hull if largest.sum() >= 0.75 * hull.sum() else "ragged"


def _judged(masks: np.ndarray, atlas: np.ndarray, patients: Sequence[str]) -> dict | None:
    """Return how well the product's field, and the typical lungs, cover those that were found."""
    if not len(masks):
        return None
    field, typical = thorax.field(SIZE_PX), atlas >= 0.5
    sizes = masks.sum(axis=(1, 2))
    covered = (masks & field).sum(axis=(1, 2)) / sizes
    dice = 2 * (masks & typical).sum(axis=(1, 2)) / (sizes + typical.sum())
    return {
        "pictures": len(masks),
        "patients": len(set(patients)),
        "covered": evaluation.mean_over_patients(covered, patients),
        "covered_lowest": float(covered.min()),
        "covered_95": share(int((covered >= 0.95).sum()), len(masks)),
        "dice_of_typical_lungs": evaluation.mean_over_patients(dice, patients),
    }


def _accepted(found: Sequence[np.ndarray | str]) -> np.ndarray:
    masks = [one for one in found if isinstance(one, np.ndarray)]
    return np.stack(masks) if masks else np.zeros((0, SIZE_PX, SIZE_PX), bool)


def _kept(items: Sequence[Item], positions: np.ndarray, found: Sequence) -> list[str]:
    return [
        items[position].patient
        for position, one in zip(positions, found, strict=True)
        if isinstance(one, np.ndarray)
    ]


def _box(limits: tuple[float, float, float, float]) -> tuple[slice, slice]:
    top, bottom, left, right = (round(SIZE_PX * limit) for limit in limits)
    return slice(top, bottom), slice(left, right)
