"""``python -m pipeline explain``: which parts of X-rays moved the verdict, as pictures and numbers.

One file's results go into the folder itself. Those of several files, or of a folder's pictures,
get a folder each below it, and ``index.json`` lists them with those that could not be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from pipeline.commands import between, named_run
from pipeline.commands.explain_text import as_lines, as_table
from pipeline.dataset import SUFFIXES
from pipeline.errors import ImageError, PipelineError
from pipeline.explain import EXPLAINERS
from pipeline.explain.perturbation import FILL, FILLS
from pipeline.explain.segments import SEGMENTATIONS
from pipeline.explaining import Explainer, Request, explain_all
from pipeline.report import Report, Shown, as_dicom, as_html, png, to_json
from pipeline.storage import replacing, write_json, write_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="chest X-rays: PNG, JPEG, DICOM, or folders",
    )
    parser.add_argument(
        "--out",
        required=True,
        type=Path,
        metavar="DIR",
        help="folder for the overlays (PNG), the numbers (JSON) and a page to print (HTML)",
    )
    parser.add_argument("--method", choices=EXPLAINERS, default="lime", help="default: lime")
    parser.add_argument("--run", help="the run to ask (default: the one the pages use)")
    parser.add_argument(
        "--trust",
        action="store_true",
        help="measure how far the explanation may be believed, too",
    )
    parser.add_argument(
        "--samples",
        type=between(2, 100_000),
        help="perturbed pictures to judge (default: the method's own; LIME looks until it has "
        "settled)",
    )
    parser.add_argument(
        "--seed",
        type=between(0, 2**32 - 1),
        default=0,
        help="decides what is hidden in which picture (default: 0)",
    )
    parser.add_argument(
        "--segments", choices=SEGMENTATIONS, default="slic", help="kind of superpixels"
    )
    parser.add_argument(
        "--fill",
        choices=FILLS,
        default=FILL,
        help=f"in place of hidden superpixels (default: {FILL})",
    )
    parser.add_argument(
        "--k",
        type=between(0, 1000),
        default=5,
        help="superpixels outlined in mask.png (default: 5)",
    )
    parser.add_argument(
        "--dicom",
        action="store_true",
        help="write DICOM files, too, without a name or date of any patient: the picture, the "
        "overlays (Secondary Capture) and the figures (Structured Report); 4 bytes a pixel",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Return 0 if every picture was explained, else 1."""
    chosen = named_run(arguments.run)
    _make(arguments.out)  # before the work, so that a wrong folder costs no waiting
    options = ("method", "segments", "fill", "samples", "seed", "trust", "k")
    request = Request(**{name: getattr(arguments, name) for name in options})
    if len(arguments.files) == 1 and not arguments.files[0].is_dir():
        explainer = Explainer(chosen, request)
        # disable=None: shown only where somebody watches.
        with tqdm(total=100, unit="%", disable=None, file=sys.stderr) as bar:
            report = explainer(
                arguments.files[0], lambda done: bar.update(round(100 * done) - bar.n)
            )
        row = _keep(arguments.files[0], report, arguments.out, arguments.dicom)
        print(json.dumps([row], indent=1) if arguments.json else "\n".join(as_lines(report, row)))
        return 0
    places = _places(arguments.files, arguments.out)
    found = explain_all(
        chosen,
        list(places),
        request,
        lambda path, report: _keep(path, report, places[path], arguments.dicom),
    )
    rows = []
    try:
        for path, row in zip(
            places,
            tqdm(found, total=len(places), unit="picture", disable=None, file=sys.stderr),
            strict=True,
        ):
            rows.append(_refused(path, row) if isinstance(row, ImageError) else row)
    finally:  # what was made before it was stopped is listed, too
        _write_index(arguments.out, rows)
    print(json.dumps(rows, indent=1) if arguments.json else "\n".join(as_table(rows)))
    return 1 if any("error" in row for row in rows) else 0


def _places(files: Sequence[Path], out: Path) -> dict[Path, Path]:
    """Return the pictures in a fixed order, each with the folder for what is made of it."""
    places: dict[Path, Path] = {}
    taken: set[Path] = set()
    for named in files:
        for path in _pictures(named, out) if named.is_dir() else [named]:
            if path in places:
                continue
            relative = path.relative_to(named) if named.is_dir() else Path(path.name)
            first = place = out / relative.with_suffix("")
            number = 1
            while place in taken:  # one.png beside one.jpeg
                number += 1
                place = first.with_name(f"{first.name}-{number}")
            taken.add(place)
            places[path] = place
    return places


def _pictures(folder: Path, out: Path) -> list[Path]:
    """List a folder's pictures; what was written below it by an earlier call is none."""
    own = out.resolve()
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES and not path.resolve().is_relative_to(own)
    )
    if not found:
        raise ImageError(
            f"{folder} holds no PNG, JPEG or DICOM (.dcm).",
            "Name a folder with chest X-rays, or files.",
        )
    return found


def _keep(path: Path, report: Report, folder: Path, dicom: bool) -> dict:
    """Write what is made of one picture, and return its row of the index."""
    pictures = {
        "original.png": Shown(),
        "mask.png": Shown(mask=True, k=report.shown.k),
        "heatmap.png": Shown(heat=True),
    }
    made = {name: png(replace(report, shown=shown)) for name, shown in pictures.items()}
    if dicom:
        made |= as_dicom(report)
    _make(folder)
    try:
        for name, content in made.items():
            with replacing(folder / name) as temporary:
                temporary.write_bytes(content)
        write_text(folder / "report.html", as_html(report))
        write_json(folder / "explanation.json", to_json(report))
    except OSError as error:
        raise _unwritable(folder, error) from error
    row = {"file": _name(path), "folder": _name(folder), **report.explanation.to_json()}
    row |= {"decision": report.verdict.decision, "accepted": report.verdict.gate.accepted}
    if report.trust is not None:
        row["verdict"] = {
            "kind": report.trust.verdict.kind,
            "sentence": report.trust.verdict.sentence,
        }
    return row


def _refused(path: Path, error: ImageError) -> dict:
    return {"file": _name(path), "error": error.message, "hint": error.hint}


def _name(path: Path) -> str:
    """Return a path as Unicode; bytes of a file name that are none stand escaped."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def _write_index(folder: Path, rows: list[dict]) -> None:
    try:
        write_json(folder / "index.json", rows)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> PipelineError:
    return PipelineError(
        f"The results cannot be written to {folder} ({error.strerror or error}).",
        "Name another folder with --out, or mend its permissions.",
    )
