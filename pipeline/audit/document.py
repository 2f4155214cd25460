"""The whole audit as one document, as it is stored in ``artifacts/audit/data.json``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pipeline.audit import files, grey, siblings
from pipeline.audit.difference import Cells, separability, shift, shortcut_models
from pipeline.audit.parts import PARTS
from pipeline.audit.pictures import Pictures, read
from pipeline.audit.simple import SIZE_PX, thumbnails
from pipeline.config import CLASS_NAMES
from pipeline.dataset import fingerprint
from pipeline.errors import DatasetError

SCHEMA = 1
COMMAND = "python -m pipeline data audit --write"
_READING, _SEPARATING = 0.2, 0.5  # shares of the time, roughly


def examine(folder: Path, progress: Callable[[float], None] | None = None) -> dict:
    """Audit a data set: what it holds, what is twice in it, and what its figures are worth.

    Parameters
    ----------
    folder : in the Kaggle layout. What a part of it cannot tell is left out and said under
        ``not_computed``.
    progress : called with the finished fraction, 0 to 1.

    Returns
    -------
    Figures are ``{"value", "low", "high", "n"}``; the sections are those of the functions of this
    package. No picture, and no path of this machine, is in it.

    Raises
    ------
    DatasetError : if the folder does not exist or holds no picture in this layout that can be
        read.
    """
    tell = progress or (lambda _: None)
    pictures = read(folder, SIZE_PX, lambda done: tell(_READING * done))
    found = files.of_pictures(pictures)
    everything, pictures = pictures, pictures.readable
    if not pictures.items:
        raise DatasetError(
            f"Not one of the {len(everything.items)} pictures in {folder} can be read.",
            "See why with 'python -m pipeline data check'.",
        )
    document = {
        "schema": SCHEMA,
        "command": COMMAND,
        "pictures": len(pictures.items),
        "fingerprint": fingerprint(pictures.items, [str(d) for d in pictures.digests]),
        **{key: value for key, value in found.to_json().items() if key != "folder"},
        "kinds": _kinds(pictures),
        "duplicates": _duplicates(found),
        "per_patient": siblings.per_patient(pictures.items),
        "collisions": siblings.collisions(pictures.items),
    }
    test = sum(item.split == "test" for item in pictures.items)
    if 0 < test < len(pictures.items):
        document["random_split"] = siblings.random_split(pictures.items, pictures.digests, test)
    document["sizes"] = grey.sizes([digest[0] for digest in pictures.digests], pictures.items)
    document["grey"] = grey.of_pictures(pictures.images, pictures.items)
    data = _cells(pictures)
    document["separability"] = separability(data)
    document["shift"] = shift(data)
    tell(_SEPARATING)
    finished = iter(range(1, len(PARTS) + 1))
    document["shortcut_models"] = shortcut_models(
        data, lambda: tell(_SEPARATING + (1 - _SEPARATING) * next(finished) / len(PARTS))
    )
    document["not_computed"] = _not_computed(document)
    tell(1.0)
    return document


def _cells(pictures: Pictures) -> Cells:
    images = pictures.images
    levels = np.stack(
        [images.mean(axis=(1, 2)), [image.std(dtype=np.float32) for image in images]], axis=1
    )
    return Cells(pictures.items, {part: thumbnails(images, part) for part in PARTS}, levels)


def _kinds(pictures: Pictures) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter] = {}
    for item in pictures.items:
        counts.setdefault(item.split, Counter())[item.kind] += 1
    return {split: dict(sorted(kinds.items())) for split, kinds in counts.items()}


def _duplicates(found: files.Audit) -> dict:
    """Count groups of pixel-identical pictures by where they stand."""
    groups = found.identical
    return {
        "groups": len(groups),
        "files": sum(len(group.files) for group in groups),
        "inside": {
            split: sum(group.splits == (split,) for group in groups) for split in found.files
        },
        "across_splits": sum(len(group.splits) > 1 for group in groups),
        "across_classes": sum(len(group.classes) > 1 for group in groups),
    }


def _not_computed(document: dict) -> list[str]:
    sentences = [
        f"Whether train and test differ in {name}: each side needs five patients."
        for name in CLASS_NAMES
        if name not in document["separability"]
    ]
    if not document["shortcut_models"]:
        sentences.append(
            "What simple models learn: train needs five patients of each class, test both classes."
        )
    if "random_split" not in document:
        sentences.append("What a random split leaks: there is no test split beside another one.")
    return sentences
