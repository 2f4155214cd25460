"""Is a data set fit for training? Counts, broken files, identical pictures, patients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.audit.pictures import Pictures, read
from pipeline.config import CLASS_NAMES
from pipeline.dataset import SPLITS, Item


@dataclass(frozen=True)
class Unreadable:
    """A file that cannot be decoded; `file` is relative to the data set's folder."""

    file: str
    reason: str


@dataclass(frozen=True)
class Identical:
    """Two or more files with the same pixels, and the splits and classes they stand in."""

    files: tuple[str, ...]
    splits: tuple[str, ...]
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Crossing:
    """A patient with pictures in more than one split: ``files`` counts them per split."""

    patient: str
    files: dict[str, int]


@dataclass(frozen=True)
class Audit:
    """What `audit` found.

    Attributes
    ----------
    folder : the data set.
    files, patients : counts as ``{split: {class: count}}``, for every split and class.
    unreadable : files that cannot be decoded.
    identical : groups of pixel-identical files.
    crossing : patients in more than one split.
    """

    folder: Path
    files: dict[str, dict[str, int]]
    patients: dict[str, dict[str, int]]
    unreadable: tuple[Unreadable, ...]
    identical: tuple[Identical, ...]
    crossing: tuple[Crossing, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """``split/class`` folders without a picture."""
        return tuple(
            f"{split}/{name}"
            for split, counts in self.files.items()
            for name, count in counts.items()
            if not count
        )

    @property
    def problems(self) -> tuple[str, ...]:
        """What keeps a training from starting, each a sentence."""
        found = [
            f"{place} holds no pictures." for place in self.missing if place.startswith("train/")
        ]
        if self.unreadable:
            found.append(f"{len(self.unreadable)} files cannot be read.")
        return tuple(found)

    @property
    def cautions(self) -> tuple[str, ...]:
        """What lets a training run but makes its figures doubtful, each a sentence."""
        found = [
            f"{place} holds no pictures."
            for place in self.missing
            if not place.startswith("train/")
        ]
        if self.crossing:
            found.append(f"{len(self.crossing)} patients stand in more than one split.")
        if leaks := sum(len(group.splits) > 1 for group in self.identical):
            found.append(f"{leaks} groups of identical pictures span more than one split.")
        if contradictions := sum(len(group.classes) > 1 for group in self.identical):
            found.append(f"{contradictions} groups of identical pictures carry both labels.")
        return tuple(found)

    def to_json(self) -> dict:
        fields = asdict(self) | {"folder": str(self.folder)}
        return fields | {
            "missing": self.missing,
            "problems": self.problems,
            "cautions": self.cautions,
        }


def audit(folder: Path, progress: Callable[[float], None] | None = None) -> Audit:
    """Examine the pictures of ``folder/{train,val,test}/{NORMAL,PNEUMONIA}/``.

    A part of the data set is examined too; `Audit.missing` says what it lacks.

    Parameters
    ----------
    progress : called with the fraction of pictures that were read, 0 to 1.

    Raises
    ------
    DatasetError : if the folder does not exist or holds no picture in this layout.
    """
    return of_pictures(read(folder, progress=progress))


def of_pictures(pictures: Pictures) -> Audit:
    """Return the audit of pictures that were read already."""
    folder, items = pictures.folder, pictures.items
    return Audit(
        folder=folder,
        files=counts(items, lambda item: item.path),
        patients=counts(items, lambda item: item.patient),
        unreadable=tuple(
            Unreadable(_relative(items[position], folder), reason)
            for position, reason in pictures.unreadable.items()
        ),
        identical=tuple(_identical(items, pictures.digests, folder)),
        crossing=tuple(_crossing(items)),
    )


def counts(items: Sequence[Item], key: Callable) -> dict[str, dict[str, int]]:
    """Count different keys per split and class: ``{split: {class: count}}``."""
    return {
        split: {
            name: len({key(i) for i in items if (i.split, CLASS_NAMES[i.label]) == (split, name)})
            for name in CLASS_NAMES
        }
        for split in SPLITS
    }


def _identical(items: Sequence[Item], digests: Sequence, folder: Path) -> list[Identical]:
    groups = defaultdict(list)
    for item, digest in zip(items, digests, strict=True):
        if digest is not None:
            groups[digest].append(item)
    return [
        Identical(
            files=tuple(_relative(item, folder) for item in group),
            splits=tuple(dict.fromkeys(item.split for item in group)),
            classes=tuple(dict.fromkeys(CLASS_NAMES[item.label] for item in group)),
        )
        for group in groups.values()
        if len(group) > 1
    ]


def _crossing(items: Sequence[Item]) -> list[Crossing]:
    where = defaultdict(lambda: defaultdict(int))
    for item in items:
        where[item.patient][item.split] += 1
    return [
        Crossing(patient, dict(splits))
        for patient, splits in sorted(where.items())
        if len(splits) > 1
    ]


def _relative(item: Item, folder: Path) -> str:
    return item.path.relative_to(folder).as_posix()
