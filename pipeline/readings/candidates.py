"""Pictures that may become cases of a study: from the data set, a folder or an upload."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np

from pipeline.batch import results
from pipeline.batch.places import Place
from pipeline.config import CLASS_NAMES
from pipeline.dataset import SUFFIXES, Item, index, patient_of
from pipeline.errors import StoreError
from pipeline.readings.truth import Line, read_truth

# Of a folder: DICOM files often have no suffix at all.
_PICTURES = (*SUFFIXES, ".dcm", ".dicom", "")


@dataclass(frozen=True)
class Candidate:
    """A picture that may become a case.

    Attributes
    ----------
    name : what the person who chose it calls it; told to that person alone, and never stored.
    source : the file, or its bytes.
    label : 0 normal, 1 pneumonia, None where the truth is not known.
    patient : pictures of one child have the same; becomes a pseudonym.
    """

    name: str
    source: Path | bytes = field(repr=False)
    label: int | None
    patient: str


def cases_from_test(dataset: Path, count: int | None = None, seed: int = 0) -> list[Candidate]:
    """Draw pictures of the official test split: half of each class, one of each child.

    Parameters
    ----------
    dataset : in the Kaggle layout.
    count : how many; as many as one class has children, twice, by default. Of an odd number one
        more is ill.
    seed : decides which.

    Raises
    ------
    DatasetError : if there is no test split.
    StoreError : if it has fewer children.
    """
    items = index(dataset, ("test",))
    shuffled = [items[i] for i in np.random.default_rng(seed).permutation(len(items))]
    classes = []
    for label in range(len(CLASS_NAMES)):
        classes.append({item.patient: item for item in shuffled if item.label == label})
    normal, ill = (list(found.values()) for found in classes)
    half = min(len(normal), len(ill)) if count is None else count // 2
    wanted = (half, half if count is None else count - half)
    if len(normal) < wanted[0] or len(ill) < wanted[1]:
        raise StoreError(
            f"The test split has {len(normal)} normal and {len(ill)} ill children, too few for "
            f"{count} cases.",
            "Ask for fewer.",
        )
    chosen = normal[: wanted[0]] + ill[: wanted[1]]
    return cases_from_items(chosen)


def cases_from_folder(folder: Path, truth: bytes | None = None) -> list[Candidate]:
    """List the pictures of a folder and those in it.

    Parameters
    ----------
    truth : a CSV with ``file`` (below the folder, or a name that only one file has), ``label`` and
        perhaps ``patient``; without it the folders NORMAL and PNEUMONIA tell the truth.

    Raises
    ------
    StoreError : if there is none, or the table cannot be used.
    """
    if not folder.is_dir():
        raise StoreError("The folder of the pictures does not exist.", "Name one that does.")
    found = []
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in relative.parts)
        if path.is_file() and not hidden and path.suffix.lower() in _PICTURES:
            within = (folder.resolve().name, *relative.parts[:-1])
            found.append(_candidate(relative.as_posix(), path, within))
    return _labelled(found, truth)


def cases_from_results(
    name: str, count: int | None = None, seed: int = 0, least_sure: bool = False
) -> list[Candidate]:
    """List pictures of a batch's results, which must lie where they were judged.

    Parameters
    ----------
    name : of the Parquet file, as a path or URL.
    count, seed, least_sure : as in `pipeline.batch.results.chosen`.

    Raises
    ------
    BatchError : if these are no results, or a picture of them has gone or changed.
    """
    found = results.chosen(Place.of(name), count, seed, least_sure)
    return [
        Candidate(
            case.file,
            case.source,
            case.label,
            case.file if case.patient is None else f"patient {case.patient}",
        )
        for case in found
    ]


def cases_from_items(items: Iterable[Item]) -> list[Candidate]:
    """List pictures of the data set, or samples of it."""
    return [Candidate(item.name, item.path, item.label, item.patient) for item in items]


def cases_from_bytes(files: Iterable[bytes]) -> list[Candidate]:
    """List uploaded pictures by their content alone: each of another child, the truth not known."""
    return [
        Candidate(f"picture {number}", content, None, f"picture {number}")
        for number, content in enumerate(files, start=1)
    ]


def _candidate(name: str, source: Path | bytes, within: Sequence[str]) -> Candidate:
    """Return a candidate; `within` are the folders it lies in, the nearest last."""
    told = [CLASS_NAMES.index(part) for part in within if part in CLASS_NAMES]
    label = told[-1] if told else None
    patient, kind = patient_of(PurePosixPath(name).name)
    # A name that follows no pattern tells of one child only where it is the whole path.
    return Candidate(name, source, label, name if kind == "unknown" else patient)


def _labelled(found: Sequence[Candidate], truth: bytes | None) -> list[Candidate]:
    if not found:
        raise StoreError("There is no picture.", "Choose PNG, JPEG or DICOM files.")
    if truth is None:
        return list(found)
    lines = read_truth(truth, ("file",))
    by_name = _by_name(found)
    told: dict[str, Line] = {}
    for line in lines:
        names = by_name.get(line.name.replace("\\", "/"), set())
        if len(names) != 1:
            raise StoreError(
                f"Line {line.number} of the table names "
                f"{'several of the files' if names else 'none of the files'}.",
                "Write the path below the folder, as it is spelt there.",
            )
        told[names.pop()] = line
    return [
        Candidate(
            one.name,
            one.source,
            line.label if (line := told.get(one.name)) else None,
            f"patient {line.patient}" if line and line.patient else one.patient,
        )
        for one in found
    ]


def _by_name(found: Sequence[Candidate]) -> Mapping[str, set[str]]:
    """Return the full names that a path or a bare file name may mean."""
    names: dict[str, set[str]] = {}
    for candidate in found:
        for name in {candidate.name, PurePosixPath(candidate.name).name}:
            names.setdefault(name, set()).add(candidate.name)
    return names
