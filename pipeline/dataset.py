"""The data set in the Kaggle layout: index, patients, splits and what training reads.

Kermany, Zhang, Goldbaum (2018), doi:10.17632/rscbjbr9sj.2, CC BY 4.0.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.config import CLASS_NAMES, NORMAL
from pipeline.errors import DatasetError, ImageError
from pipeline.images import read_image, resize

SPLITS = ("train", "val", "test")
SUFFIXES = (".jpeg", ".jpg", ".png", ".dcm")

_PNEUMONIA_NAME = re.compile(r"(person\d+)_(bacteria|virus)_", re.IGNORECASE)
_NORMAL_NAME = re.compile(r"((?:NORMAL\d+-)?IM-\d+)-", re.IGNORECASE)

_HOW_TO_GET_IT = (
    "Fetch it with 'python -m pipeline data fetch kaggle', or set XRAY_DATASET to the folder "
    "that holds train/, val/ and test/."
)


@dataclass(frozen=True)
class Item:
    """One labelled picture.

    Attributes
    ----------
    path : the file.
    split : ``train``, ``val`` or ``test``, as the folder says.
    label : 0 NORMAL, 1 PNEUMONIA.
    kind : ``normal``, ``bacteria``, ``virus`` or ``unknown``.
    patient : number and kind: ``person7_bacteria`` and ``person7_virus`` are two children.
    """

    path: Path
    split: str
    label: int
    kind: str
    patient: str

    @property
    def name(self) -> str:
        return self.path.name


def patient_of(name: str) -> tuple[str, str]:
    """Return (patient, kind) as the file's name tells them.

    A name that follows neither of the two patterns is a patient of its own.
    """
    if match := _PNEUMONIA_NAME.match(name):
        kind = match[2].lower()
        return f"{match[1].lower()}_{kind}", kind
    if match := _NORMAL_NAME.match(name):
        return match[1].upper(), "normal"
    return Path(name).stem, "unknown"


def index(folder: Path, splits: Sequence[str] = SPLITS) -> list[Item]:
    """List the pictures of ``folder/{split}/{NORMAL,PNEUMONIA}/``, in a fixed order.

    Raises
    ------
    DatasetError : if the folder, or any of the splits asked for, holds no picture.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DatasetError(f"The data set folder {folder} does not exist.", _HOW_TO_GET_IT)
    items = [
        item
        for split in splits
        for label in range(len(CLASS_NAMES))
        for item in _index_class(folder / split / CLASS_NAMES[label], split, label)
    ]
    missing = [split for split in splits if not any(item.split == split for item in items)]
    if missing:
        raise DatasetError(
            f"{folder} holds no pictures under {' or '.join(f'{split}/' for split in missing)}.",
            _HOW_TO_GET_IT,
        )
    return items


def index_labelled(folder: Path) -> list[Item]:
    """List the pictures of any ``folder/{NORMAL,PNEUMONIA}/``, as split ``external``."""
    items = [
        item
        for label in range(len(CLASS_NAMES))
        for item in _index_class(Path(folder) / CLASS_NAMES[label], "external", label)
    ]
    if not items:
        raise DatasetError(
            f"{folder} holds no pictures under NORMAL/ or PNEUMONIA/.",
            "Put each labelled picture in the folder of its class.",
        )
    return items


def _index_class(folder: Path, split: str, label: int) -> list[Item]:
    if not folder.is_dir():
        return []
    items = []
    for name in sorted(os.listdir(folder)):
        if name.startswith(".") or not name.lower().endswith(SUFFIXES):
            continue
        patient, kind = patient_of(name)
        if kind == "unknown":  # 001.png of one class is not the child of 001.png of the other
            patient = f"{CLASS_NAMES[label]}/{patient}"
            kind = "normal" if label == NORMAL else kind
        items.append(Item(folder / name, split, label, kind, patient))
    return items


def load_images(
    items: Sequence[Item], size_px: int, progress: Callable[[float], None] | None = None
) -> np.ndarray:
    """Read and resize pictures.

    Returns
    -------
    (N, size_px, size_px) uint8, in the order of `items`.

    Raises
    ------
    DatasetError : naming the first file that cannot be read.
    """
    images = np.empty((len(items), size_px, size_px), np.uint8)

    def load(position: int) -> None:
        try:
            images[position] = resize(read_image(items[position].path), size_px)
        except ImageError as error:
            raise DatasetError(
                f"{items[position].path} cannot be read: {error.message}",
                "See all such files with 'python -m pipeline data check', and remove them.",
            ) from error

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # Pillow decodes without the GIL
        for done, _ in enumerate(pool.map(load, range(len(items))), start=1):
            if progress and (done % 100 == 0 or done == len(items)):
                progress(done / len(items))
    return images


def load_held_out(
    names: Sequence[str], splits: Sequence[str], folder: Path, size_px: int
) -> np.ndarray:
    """Read and resize the pictures of stored predictions: (N, size_px, size_px) uint8.

    Parameters
    ----------
    names, splits : of each file; those of ``validation`` were taken out of the folder ``train``.
    folder : the data set in the Kaggle layout.

    Raises
    ------
    DatasetError : if a picture is not there or cannot be read.
    """
    folders = ["train" if split == "validation" else split for split in splits]
    there = {(item.split, item.name): item for item in index(folder, sorted(set(folders)))}
    keys = list(zip(folders, names, strict=True))
    missing = [f"{split}/{name}" for split, name in keys if (split, name) not in there]
    if missing:
        raise DatasetError(
            f"{len(missing)} of the {len(keys)} pictures are not in {folder}; the first: "
            f"{missing[0]}.",
            "Set XRAY_DATASET to the data set that the run was trained on.",
        )
    return load_images([there[key] for key in keys], size_px)


def image_hashes(images: np.ndarray) -> list[str]:
    """SHA-256 of each image's pixels; equal for pixel-identical pictures. `images` (N, H, W)."""
    return [hashlib.sha256(np.ascontiguousarray(image)).hexdigest() for image in images]


def fingerprint(items: Sequence[Item], hashes: Sequence[str]) -> str:
    """SHA-256 over split, class, name and pixels of every picture, whatever the order."""
    lines = sorted(
        f"{item.split}/{CLASS_NAMES[item.label]}/{item.name} {digest}"
        for item, digest in zip(items, hashes, strict=True)
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def split_by_patient(
    items: Sequence[Item], hashes: Sequence[str], fraction: float, seed: int
) -> np.ndarray:
    """Choose validation pictures so that no patient stands on both sides.

    Patients who share a pixel-identical picture are kept together too. Each class gives up
    `fraction` of its patients.

    Returns
    -------
    (N,) bool, True for validation.
    """
    groups = _joined_patients(items, hashes)
    held_out: set[str] = set()
    generator = np.random.default_rng(seed)
    for label in range(len(CLASS_NAMES)):
        names = sorted({groups[i] for i, item in enumerate(items) if item.label == label})
        # At least one patient of each class, or no figure could be computed.
        count = max(1, round(fraction * len(names)))
        if count >= len(names):
            raise DatasetError(
                f"The class {CLASS_NAMES[label]} has {len(names)} patients, too few to hold "
                "some out for validation.",
                "Add pictures of other patients.",
            )
        held_out.update(np.array(names)[generator.permutation(len(names))[:count]].tolist())
    return np.array([group in held_out for group in groups], dtype=bool)


def _joined_patients(items: Sequence[Item], hashes: Sequence[str]) -> list[str]:
    """Return a group per picture: its patient, merged with those who share a picture."""
    parent: dict[str, str] = {item.patient: item.patient for item in items}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    owner: dict[str, str] = {}
    for item, digest in zip(items, hashes, strict=True):
        other = owner.setdefault(digest, item.patient)
        # The smaller name stands for both, so that the groups' names do not depend on the order.
        first, second = sorted((root(item.patient), root(other)))
        parent[second] = first
    return [root(item.patient) for item in items]
