"""Does a run's network look at the lungs? Its test figures with parts of each picture hidden.

``--write`` stores the result as ``shortcuts.json`` beside the run's other files, bound to its
network by hash.
"""

from __future__ import annotations

import argparse
import json
import sys

from tqdm import tqdm

from pipeline import shortcuts
from pipeline.config import Paths
from pipeline.dataset import index
from pipeline.errors import DatasetError
from pipeline.runs import open_run
from pipeline.storage import require_own, write_json

WORDS = {
    shortcuts.STRONG: "uses a shortcut: it tells the classes apart without a lung",
    shortcuts.TRACE: "leans on a shortcut a little: above chance without a lung",
    shortcuts.NONE: "no shortcut shown: not different from chance",
    shortcuts.REVERSED: "no shortcut shown: what is left moves it, but against the class",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("runs", nargs="+", metavar="RUN", help="name of a stored run")
    parser.add_argument("--write", action="store_true", help="store shortcuts.json with each run")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    paths = Paths.from_environment()
    if arguments.write:
        require_own(paths.artifacts)
    runs = [open_run(paths.runs, name) for name in dict.fromkeys(arguments.runs)]
    items = index(paths.dataset, ("test",))
    if len({item.label for item in items}) < 2:
        raise DatasetError(
            f"The test set in {paths.dataset} holds one class only.",
            "Set XRAY_DATASET to a data set with test/NORMAL and test/PNEUMONIA.",
        )
    documents = []
    for one in runs:
        with tqdm(
            total=1.0,
            desc=one.name,
            bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}, {remaining} to go",
            file=sys.stderr,
        ) as bar:
            documents.append(
                shortcuts.examine(one, items, lambda done, bar=bar: bar.update(done - bar.n))
            )
        if arguments.write:
            write_json(one.folder / shortcuts.FILE, documents[-1])
    if arguments.json:
        print(json.dumps({"runs": documents}, indent=1, allow_nan=False, ensure_ascii=False))
    else:
        print("\n\n".join(as_text(document) for document in documents))
    return 0


def as_text(document: dict) -> str:
    """Return one run's audit for a terminal."""
    data = document["data"]
    lines = [
        f"{document['run']} on {data['split']}: {data['pictures']} pictures of "
        f"{data['patients']} patients, {data['NORMAL']} NORMAL, {data['PNEUMONIA']} PNEUMONIA; "
        f"{document['operating_point']} (pneumonia at probability >= {document['threshold']:.4f})",
        f"  {'shown':<20}{'AUC':<24}{'sensitivity':<24}{'specificity':<24}mean probability "
        "NORMAL, PNEUMONIA",
    ]
    for name, part in document["parts"].items():
        cells = (_figure(part[key]) for key in shortcuts.KEPT)
        means = ", ".join(f"{own['value']:.2f}" for own in part["mean_probability"].values())
        lines.append(f"  {name:<20}" + "".join(f"{cell:<24}" for cell in cells) + means)
    lines += [
        f"{name}, {part['part']}: {WORDS[part['shortcut']]}."
        for name, part in document["parts"].items()
        if "shortcut" in part
    ]
    return "\n".join(lines)


def _figure(figure: dict) -> str:
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"
