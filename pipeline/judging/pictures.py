"""Runs judged on labelled pictures: the official test set, or any folder from outside."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from pipeline import evaluation
from pipeline.classifier import Classifier
from pipeline.dataset import Item, index, index_labelled
from pipeline.errors import DatasetError, ImageError
from pipeline.images import read_image
from pipeline.judging.results import over_runs, result
from pipeline.runs import Run, class_counts

_CHUNK = 64  # pictures held at once


@dataclass(frozen=True)
class _Read:
    """What is kept of a picture once it has been decoded.

    `prepared` holds the (S, S) uint8 that networks of input size S see; `brightness` is the mean
    grey level.
    """

    prepared: dict[int, np.ndarray]
    pixels: int
    brightness: float


def labelled_items(folder: Path) -> list[Item]:
    """List the test split of a data set in the Kaggle layout, or any ``{NORMAL,PNEUMONIA}/``.

    Raises
    ------
    DatasetError : if it is no folder, or holds no picture in such a place.
    """
    folder = Path(folder)
    if folder.is_file():
        raise DatasetError(
            f"{folder} is a file, not a folder.",
            "Name the folder that holds NORMAL/ and PNEUMONIA/.",
        )
    if folder.is_dir() and not (folder / "test").is_dir():
        return index_labelled(folder)
    return index(folder, ("test",))


def evaluate(
    runs: Sequence[Run],
    items: Sequence[Item],
    point: str | None = None,
    prevalence: float | None = None,
) -> dict:
    """Judge `items` with each run.

    Returns
    -------
    ``{"data": {..., "unreadable": [...]}, "runs": [...], "over_runs": {...}}``. Each run carries
    what `pipeline.judging.results.result` tells, ``seen_in_training``, and ``change``: every figure
    against the run's own on the official test set, None if that is what was judged.
    ``over_runs`` has mean, lowest and highest of each figure.

    Raises
    ------
    DatasetError : if not one picture can be read.
    RunError : if a run cannot judge or has no such operating point.
    """
    classifiers = [Classifier(run) for run in runs]
    points = [run.point(point) for run in runs]
    scores, read, unreadable = _read_and_score(classifiers, items)
    left_out = {entry["file"] for entry in unreadable}
    judged = [item for item in items if str(item.path) not in left_out]
    labels = np.array([item.label for item in judged])
    groups = [item.patient for item in judged]
    families = _families(judged, read)
    results = []
    for run, chosen, score in zip(runs, points, scores, strict=True):
        threshold = run.operating_points[chosen]["threshold"]
        own = (score, labels, groups)
        report = evaluation.report(score, labels, threshold, groups)
        results.append(
            result(run, chosen, report, own, families, prevalence)
            | {
                "seen_in_training": _seen_in_training(run, judged),
                "change": _change(run, threshold, judged, own),
            }
        )
    return {
        "data": {
            "split": items[0].split,
            "pictures": len(judged),
            **class_counts(labels),
            "patients": len(set(groups)),
            "unreadable": unreadable,
        },
        "runs": results,
        "over_runs": over_runs(results),
    }


def _families(judged: Sequence[Item], read: Sequence[_Read]) -> dict[str, list[str | None]]:
    megapixels = [one.pixels / 1e6 for one in read]
    brightness = [one.brightness for one in read]
    return evaluation.name_families(
        [item.label for item in judged],
        [item.kind for item in judged],
        [item.patient for item in judged],
    ) | {
        "image size": evaluation.thirds(
            megapixels, ("small", "medium", "large"), "megapixels", digits=2
        ),
        "brightness": evaluation.thirds(
            brightness, ("dark", "medium", "bright"), "mean grey level", digits=1
        ),
    }


def _read_and_score(
    classifiers: Sequence[Classifier], items: Sequence[Item]
) -> tuple[list[np.ndarray], list[_Read], list[dict]]:
    """Return probabilities of pneumonia per classifier, what was read, and what cannot be read."""
    scores: list[list[np.ndarray]] = [[] for _ in classifiers]
    kept: list[_Read] = []
    unreadable: list[dict] = []
    sizes = {classifier.size_px: classifier for classifier in classifiers}

    def look(item: Item) -> _Read | dict:
        try:
            image = read_image(item.path)
        except ImageError as error:
            return {"file": str(item.path), "error": error.message, "hint": error.hint}
        prepared = {size_px: one.prepare(image) for size_px, one in sizes.items()}
        return _Read(prepared, image.size, float(image.mean()))

    bar = tqdm(total=len(items), desc="judging", unit="picture", file=sys.stderr)
    with bar, ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(items), _CHUNK):
            chunk = list(pool.map(look, items[start : start + _CHUNK]))
            unreadable += [entry for entry in chunk if isinstance(entry, dict)]
            read = [entry for entry in chunk if isinstance(entry, _Read)]
            if read:
                for classifier, own in zip(classifiers, scores, strict=True):
                    stack = np.stack([entry.prepared[classifier.size_px] for entry in read])
                    own.append(classifier.probabilities(stack)[:, 1])
            kept += [_Read({}, entry.pixels, entry.brightness) for entry in read]
            bar.update(len(chunk))
    if not kept:
        raise DatasetError(
            f"None of the {len(items)} pictures can be read; the first, {unreadable[0]['file']}: "
            f"{unreadable[0]['error']}",
            "Check the folder with 'python -m pipeline data check'.",
        )
    return [np.concatenate(own) for own in scores], kept, unreadable


def _seen_in_training(run: Run, judged: Sequence[Item]) -> int:
    """Count pictures of any folder that bear the name of one of the run's validation pictures.

    Those were taken out of the training folder: if they are here, so are trained ones.
    """
    known = _names(run, "validation")
    return sum((item.name, item.label) in known for item in judged if item.split == "external")


def _change(run: Run, threshold: float, judged: Sequence[Item], own: tuple) -> dict | None:
    """Return each figure against the run's own on the official test set, None if that is it."""
    official = _names(run, "test")
    shared = sum((item.name, item.label) in official for item in judged)
    if not official or shared == len(judged):
        return None
    table = run.predictions()
    table = table[table["split"] == "test"]
    reference = tuple(table[name].to_numpy() for name in ("probability", "label", "patient"))
    return {
        "against": "official test",
        "n_reference": len(table),
        "shared_pictures": shared,
        "figures": evaluation.change(reference, own, threshold),
    }


def _names(run: Run, split: str) -> set[tuple[str, int]]:
    table = run.predictions()
    own = table[table["split"] == split]
    return set(zip(own["file"], own["label"], strict=True))
