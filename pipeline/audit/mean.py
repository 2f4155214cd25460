"""The mean picture of each split and class: made when it is looked at, never stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.audit.pictures import read
from pipeline.config import CLASS_NAMES

SIDE_PX = 64


@dataclass(frozen=True)
class Mean:
    """The mean of `n` pictures of `patients` children: ``image`` (64, 64) float, 0 to 255."""

    image: np.ndarray
    n: int
    patients: int


def means(
    folder: Path, progress: Callable[[float], None] | None = None
) -> dict[str, dict[str, Mean]]:
    """Average the pictures of train and test: ``{split: {class: Mean}}``, only what is there.

    Parameters
    ----------
    progress : called with the fraction of pictures that were read, 0 to 1.

    Raises
    ------
    DatasetError : if the folder does not exist or holds no picture in the Kaggle layout.
    """
    pictures = read(folder, SIDE_PX, progress).readable
    table: dict[str, dict[str, Mean]] = {}
    for split in ("train", "test"):
        for label, name in enumerate(CLASS_NAMES):
            own = [
                position
                for position, item in enumerate(pictures.items)
                if (item.split, item.label) == (split, label)
            ]
            if own:
                patients = {pictures.items[position].patient for position in own}
                image = pictures.images[own].mean(axis=0)
                table.setdefault(split, {})[name] = Mean(image, len(own), len(patients))
    return table
