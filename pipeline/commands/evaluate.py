"""Judge a run on labelled pictures: every figure with its 95 % interval and its n.

By default the pictures of the data set's official test split are read and judged anew; with
``--data`` those of any folder: a data set in the Kaggle layout (its ``test/`` is taken), or
``NORMAL/`` and ``PNEUMONIA/`` directly. Temperature and threshold are the run's own, fitted on
its validation patients; nothing is fitted here. A picture that cannot be read is listed and left
out.

``--stored`` reads no picture: it computes ``metrics.json`` again from ``predictions.csv``.

Several runs, for instance several seeds, give each its table, then mean and range over the runs.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from tqdm import tqdm

from pipeline import evaluation
from pipeline.classifier import Classifier
from pipeline.config import Paths
from pipeline.dataset import Item, index, index_labelled
from pipeline.errors import DatasetError, ImageError, RunError
from pipeline.images import read_image
from pipeline.runs import Run, class_counts, open_run
from pipeline.storage import write_json

_CHUNK = 64  # pictures held at once


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("runs", nargs="+", metavar="RUN", help="name of a stored run")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="labelled pictures: Kaggle layout (its test/), or NORMAL/ and PNEUMONIA/ "
        "(default: the official test split of the data set)",
    )
    parser.add_argument("--point", metavar="NAME", help="operating point (default: the run's)")
    parser.add_argument(
        "--stored",
        action="store_true",
        help="compute metrics.json again from predictions.csv, without reading a picture",
    )
    parser.add_argument("--write", action="store_true", help="with --stored: replace metrics.json")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    paths = Paths.from_environment()
    runs = [open_run(paths.runs, name) for name in dict.fromkeys(arguments.runs)]
    if arguments.stored:
        document = evaluate_stored(runs, arguments.point, arguments.write)
    else:
        folder = arguments.data or paths.dataset
        items = labelled_items(folder) if arguments.data else index(folder, ("test",))
        document = evaluate(runs, items, arguments.point)
        document["data"] = {"folder": str(folder), **document["data"]}
    if arguments.json:
        print(json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False))
    else:
        print(as_text(document))
    return 0


def labelled_items(folder: Path) -> list[Item]:
    """List the test split of a data set in the Kaggle layout, or any ``{NORMAL,PNEUMONIA}/``."""
    if folder.is_dir() and not (folder / "test").is_dir():
        return index_labelled(folder)
    return index(folder, ("test",))


def evaluate(runs: Sequence[Run], items: Sequence[Item], point: str | None = None) -> dict:
    """Judge `items` with each run.

    Returns
    -------
    ``{"data": {..., "unreadable": [...]}, "runs": [...], "over_runs": {...}}``. Each run carries
    its `pipeline.evaluation.report`; ``over_runs`` has mean, lowest and highest of each figure.

    Raises
    ------
    DatasetError : if not one picture can be read.
    """
    classifiers = [Classifier(run) for run in runs]
    points = [_point(run, point) for run in runs]
    scores, unreadable = _scores(classifiers, items)
    left_out = {entry["file"] for entry in unreadable}
    judged = [item for item in items if str(item.path) not in left_out]
    labels = np.array([item.label for item in judged])
    groups = [item.patient for item in judged]
    results = [
        _result(run, chosen, evaluation.report(score, labels, _threshold(run, chosen), groups))
        | {"seen_in_training": _seen_in_training(run, judged)}
        for run, chosen, score in zip(runs, points, scores, strict=True)
    ]
    return {
        "data": {
            "split": items[0].split,
            "pictures": len(judged),
            **class_counts(labels),
            "patients": len(set(groups)),
            "unreadable": unreadable,
        },
        "runs": results,
        "over_runs": _over_runs(results),
    }


def evaluate_stored(runs: Sequence[Run], point: str | None, write: bool) -> dict:
    """Compute ``metrics.json`` of each run again from its ``predictions.csv``."""
    results = []
    for run in runs:
        table = run.predictions()
        if table.empty or "operating_points" not in run.document:
            raise RunError(
                f"The run {run.name} has no stored predictions.",
                "Choose a finished run: 'python -m pipeline runs' lists them.",
            )
        metrics = evaluation.judge(table, run.operating_points)
        agrees = metrics == run.metrics()
        if write:
            write_json(run.folder / "metrics.json", metrics)
        split = "test" if "test" in metrics else "validation"
        chosen = _point(run, point)
        results.append(
            _result(run, chosen, metrics[split][chosen])
            | {"split": split, "metrics_json": "written" if write else _agreement(agrees)}
        )
    return {"data": None, "runs": results, "over_runs": _over_runs(results)}


def _agreement(agrees: bool) -> str:
    return "agrees" if agrees else "differs: --write replaces it"


def _point(run: Run, asked: str | None) -> str:
    points = run.document.get("operating_points", {})
    chosen = asked or run.document.get("operating_point")
    if chosen not in points:
        raise RunError(
            f"The run {run.name} has no operating point {chosen!r}.",
            f"Choose one of: {', '.join(points) or 'none, the run is not finished'}.",
        )
    return chosen


def _threshold(run: Run, point: str) -> float:
    return run.operating_points[point]["threshold"]


def _scores(
    classifiers: Sequence[Classifier], items: Sequence[Item]
) -> tuple[list[np.ndarray], list[dict]]:
    """Return calibrated probabilities of pneumonia per classifier, and what cannot be read."""
    scores: list[list[np.ndarray]] = [[] for _ in classifiers]
    unreadable: list[dict] = []
    sizes = {classifier.size_px: classifier for classifier in classifiers}

    def prepared(item: Item) -> dict[int, np.ndarray] | dict:
        try:
            image = read_image(item.path)
        except ImageError as error:
            return {"file": str(item.path), "error": error.message, "hint": error.hint}
        return {size_px: one.prepare(image) for size_px, one in sizes.items()}

    bar = tqdm(total=len(items), desc="judging", unit="picture", file=sys.stderr)
    with bar, ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(items), _CHUNK):
            chunk = list(pool.map(prepared, items[start : start + _CHUNK]))
            unreadable += [entry for entry in chunk if "error" in entry]
            images = [entry for entry in chunk if "error" not in entry]
            if images:
                for classifier, own in zip(classifiers, scores, strict=True):
                    stack = np.stack([entry[classifier.size_px] for entry in images])
                    own.append(classifier.probabilities(stack)[:, 1])
            bar.update(len(chunk))
    if len(unreadable) == len(items):
        raise DatasetError(
            f"None of the {len(items)} pictures can be read; the first, {unreadable[0]['file']}: "
            f"{unreadable[0]['error']}",
            "Check the folder with 'python -m pipeline data check'.",
        )
    return [np.concatenate(own) for own in scores], unreadable


def _seen_in_training(run: Run, judged: Iterable[Item]) -> int:
    """Count pictures of any folder that bear the name of one of the run's validation pictures.

    Those were taken out of the training folder: if they are here, so are trained ones.
    """
    judged = [item for item in judged if item.split == "external"]
    table = run.predictions()
    own = table[table["split"] == "validation"]
    known = set(zip(own["file"], own["label"], strict=True))
    return sum((item.name, item.label) in known for item in judged)


def _result(run: Run, point: str, report: dict) -> dict:
    return {
        "run": run.name,
        "operating_point": point,
        "temperature": run.temperature,
        "threshold": report["threshold"],
        "n": report["n"],
        "counts": report["counts"],
        "figures": report["figures"],
    }


def _over_runs(results: Sequence[dict]) -> dict:
    table = {}
    for name in evaluation.FIGURES:
        values = [result["figures"][name]["value"] for result in results]
        if all(value is not None for value in values):
            table[name] = {
                "mean": float(np.mean(values)),
                "lowest": min(values),
                "highest": max(values),
                "runs": len(values),
            }
    return table


def as_text(document: dict) -> str:
    """Return the document of `evaluate` or `evaluate_stored` for a terminal."""
    lines = _data_lines(document["data"]) if document["data"] else []
    for result in document["runs"]:
        lines += ["", *_run_lines(result)]
    if len(document["runs"]) > 1:
        lines += ["", f"Over {len(document['runs'])} runs", _row("", "mean", "lowest", "highest")]
        lines += [
            _row(_spoken(name), *(f"{entry[key]:.4f}" for key in ("mean", "lowest", "highest")))
            for name, entry in document["over_runs"].items()
        ]
    return "\n".join(lines).lstrip("\n")


def _data_lines(data: dict) -> list[str]:
    lines = [
        f"{data['folder']} ({data['split']}): {data['pictures']} pictures of {data['patients']} "
        f"patients, {data['NORMAL']} NORMAL, {data['PNEUMONIA']} PNEUMONIA"
    ]
    if data["unreadable"]:
        lines.append(f"{len(data['unreadable'])} cannot be read and are left out:")
        lines += [f"  {entry['file']}: {entry['error']}" for entry in data["unreadable"]]
    return lines


def _run_lines(result: dict) -> list[str]:
    lines = [
        f"{result['run']} at operating point {result['operating_point']} "
        f"(pneumonia at probability >= {result['threshold']:.4f})",
    ]
    if "metrics_json" in result:
        lines.append(f"split {result['split']}; metrics.json {result['metrics_json']}")
    if result.get("seen_in_training"):
        lines.append(
            f"CAUTION: this seems to be the folder that the run was trained on "
            f"({result['seen_in_training']} names equal those of its validation pictures): "
            "figures on it flatter."
        )
    counts = result["counts"]
    lines.append("  ".join(f"{name.upper()} {counts[name]}" for name in ("tp", "fn", "tn", "fp")))
    lines.append(_row("", "value", "95 % interval", "n"))
    missing = []
    for name, entry in result["figures"].items():
        if entry["value"] is None:
            missing.append(_spoken(name))
            continue
        interval = f"{entry['low']:.4f} - {entry['high']:.4f}"
        lines.append(_row(_spoken(name), f"{entry['value']:.4f}", interval, str(entry["n"])))
    if missing:
        lines.append(f"Cannot be computed from these pictures: {', '.join(missing)}.")
    return lines


def _spoken(name: str) -> str:
    capitals = ("ppv", "npv", "auc", "ece")
    return name.upper() if name in capitals else name.replace("_", " ").capitalize()


def _row(name: str, first: str, second: str, third: str) -> str:
    return f"  {name:<18}{first:>8}  {second:>17}  {third:>8}".rstrip()
