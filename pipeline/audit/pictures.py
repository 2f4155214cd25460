"""The pictures of a data set, read once: what identifies each, its size, and a small copy."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.dataset import SPLITS, Item, image_hashes, index
from pipeline.errors import DatasetError, ImageError
from pipeline.images import read_image, resize


@dataclass(frozen=True)
class Pictures:
    """Every picture of a data set.

    Attributes
    ----------
    folder : the data set.
    items : N pictures, in a fixed order.
    digests : per picture its shape and the SHA-256 of its pixels, None if it cannot be read.
    unreadable : position in `items` -> why it cannot be read.
    images : (N, size_px, size_px) uint8 copies, black for unreadable ones; empty if none were
        asked for.
    """

    folder: Path
    items: tuple[Item, ...]
    digests: tuple[tuple | None, ...]
    unreadable: dict[int, str]
    images: np.ndarray

    @property
    def readable(self) -> Pictures:
        """The pictures without those that cannot be read."""
        kept = [i for i in range(len(self.items)) if i not in self.unreadable]
        if len(kept) == len(self.items):
            return self
        return Pictures(
            self.folder,
            tuple(self.items[i] for i in kept),
            tuple(self.digests[i] for i in kept),
            {},
            self.images[kept] if len(self.images) else self.images,
        )


def read(
    folder: Path, size_px: int | None = None, progress: Callable[[float], None] | None = None
) -> Pictures:
    """Read every picture at its original size, one at a time per thread.

    Parameters
    ----------
    folder : in the Kaggle layout; a part of it will do.
    size_px : of the copies that are kept; None keeps none.
    progress : called with the fraction of pictures that were read, 0 to 1.

    Raises
    ------
    DatasetError : if the folder does not exist or holds no picture in this layout.
    """
    folder = Path(folder)
    items = _items(folder)
    images = np.zeros((len(items) if size_px else 0, size_px or 0, size_px or 0), np.uint8)

    def look(position: int) -> tuple | ImageError:
        try:
            image = read_image(items[position].path)
        except ImageError as error:
            return error
        if size_px:
            images[position] = resize(image, size_px)
        # The shape belongs to it: a black 2 x 3 picture is not a black 3 x 2 one.
        return image.shape, image_hashes(image[None])[0]

    digests, unreadable = [], {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # Pillow decodes without the GIL
        for position, result in enumerate(pool.map(look, range(len(items)))):
            if isinstance(result, ImageError):
                unreadable[position] = result.message
            digests.append(None if isinstance(result, ImageError) else result)
            if progress:
                progress((position + 1) / len(items))
    return Pictures(folder, tuple(items), tuple(digests), unreadable, images)


def _items(folder: Path) -> Sequence[Item]:
    items = []
    for split in SPLITS:
        with suppress(DatasetError):  # `Audit.missing` tells which splits are empty
            items += index(folder, (split,))
    return items or index(folder)  # the latter says what is wrong
