"""``data fetch``, ``check``, ``audit`` and ``thorax``: get the pictures, see if they are fit for
training, what figures made from them can be trusted for, and where the lungs are.

``audit --write`` stores ``artifacts/audit/data.json``, which the page *Data* shows;
``thorax --write`` stores ``artifacts/audit/thorax.json``, how good the chest field is.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from pipeline import fetch
from pipeline.audit import Audit, audit
from pipeline.audit.document import examine
from pipeline.commands import audit_text
from pipeline.config import CLASS_NAMES, Paths
from pipeline.storage import require_own, write_json

_LISTED = 20  # longer lists go to --json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(
        dest="action", required=True, metavar="check|audit|thorax|fetch"
    )
    check = actions.add_parser("check", help="count, find broken and identical files")
    check.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="default: the data set")
    check.add_argument("--json", action="store_true", help="print one JSON document")
    full = actions.add_parser("audit", help="the whole audit, with simple models (minutes)")
    full.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="default: the data set")
    full.add_argument("--write", action="store_true", help="store it as artifacts/audit/data.json")
    full.add_argument("--json", action="store_true", help="print one JSON document")
    chest = actions.add_parser("thorax", help="fit and judge the chest field (a minute)")
    chest.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="default: the data set")
    chest.add_argument("--write", action="store_true", help="store artifacts/audit/thorax.json")
    chest.add_argument("--json", action="store_true", help="print one JSON document")
    get = actions.add_parser("fetch", help="get the data set, or sixteen samples")
    what = get.add_mutually_exclusive_group(required=True)
    what.add_argument("what", nargs="?", choices=("kaggle", "samples"))
    what.add_argument(
        "--from", dest="source", type=Path, metavar="ZIP_OR_DIR", help="a copy you have already"
    )
    get.add_argument("--to", type=Path, metavar="DIR", help="where to put the pictures")


def run(arguments: argparse.Namespace) -> int:
    """Return 0, or 1 if what was checked keeps a training from starting."""
    if arguments.action == "check":
        return _check(arguments.folder or Paths.from_environment().dataset, arguments.json)
    if arguments.action in ("audit", "thorax") and arguments.write:
        require_own(Paths.from_environment().artifacts)
    if arguments.action == "audit":
        folder = arguments.folder or Paths.from_environment().dataset
        return _audit(folder, arguments.write, arguments.json)
    if arguments.action == "thorax":
        folder = arguments.folder or Paths.from_environment().dataset
        return _thorax(folder, arguments.write, arguments.json)
    return _fetch(arguments.what, arguments.source, arguments.to)


def _check(folder: Path, as_json: bool) -> int:
    with _bar("Reading pictures") as progress:
        found = audit(folder, progress)
    print(json.dumps(found.to_json(), indent=1, ensure_ascii=False) if as_json else _report(found))
    return 1 if found.problems else 0


def _audit(folder: Path, write: bool, as_json: bool) -> int:
    with _bar("Auditing") as progress:
        document = examine(folder, progress)
    if write:
        _store("data.json", document)
    print(
        json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False)
        if as_json
        else audit_text.as_text(document)
    )
    return 0


def _thorax(folder: Path, write: bool, as_json: bool) -> int:
    from pipeline.audit import thorax  # here: it loads scikit-image, which only this needs

    with _bar("Fitting the chest field") as progress:
        document = thorax.examine(folder, progress)
    if write:
        _store("thorax.json", document)
    print(
        json.dumps(document, indent=1, allow_nan=False)
        if as_json
        else audit_text.chest_field(document)
    )
    return 0


def _store(name: str, document: dict) -> None:
    path = Paths.from_environment().artifacts / "audit" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, document)


def _fetch(what: str | None, source: Path | None, to: Path | None) -> int:
    paths = Paths.from_environment()
    if what == "samples":
        folder = to or paths.samples
        with _bar("Fetching samples") as progress:
            placed = fetch.fetch_samples(folder, progress)
    else:
        folder = to or paths.dataset
        with _bar("Placing pictures") as progress:
            if what == "kaggle":
                placed = fetch.fetch_kaggle(folder, progress)
            else:
                placed = fetch.fetch_from(source, folder, progress)
    print(f"{len(placed)} pictures in {folder}")
    return 0


@contextmanager
def _bar(title: str) -> Iterator[Callable[[float], None]]:
    """Yield a callback that draws a finished fraction, with the time to go, on stderr."""
    form = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}, {remaining} to go"
    # Drawn at the first report only, so that no empty bar stands beside kagglehub's own.
    with tqdm(
        total=1.0, desc=title, bar_format=form, file=sys.stderr, mininterval=0.5, delay=1e-6
    ) as bar:
        yield lambda fraction: bar.update(fraction - bar.n)


def _report(found: Audit) -> str:
    lines = [f"{found.folder}", f"{'':8}" + "".join(f"{name:>24}" for name in CLASS_NAMES)]
    for split, counts in found.files.items():
        patients = found.patients[split]
        cells = (f"{counts[name]} of {patients[name]} patients" for name in CLASS_NAMES)
        lines.append(f"{split:8}" + "".join(f"{cell:>24}" for cell in cells))
    lines += _listing(
        "Unreadable files", [f"{entry.file}: {entry.reason}" for entry in found.unreadable]
    )
    lines += _listing(
        "Groups of identical pictures", [" = ".join(group.files) for group in found.identical]
    )
    lines += _listing(
        "Patients in more than one split",
        [
            f"{entry.patient}: " + ", ".join(f"{n} in {split}" for split, n in entry.files.items())
            for entry in found.crossing
        ],
    )
    lines += [f"Caution: {sentence}" for sentence in found.cautions]
    lines += [f"Problem: {sentence}" for sentence in found.problems]
    lines += [] if found.problems else ["Fit for training."]
    return "\n".join(lines)


def _listing(title: str, entries: list[str]) -> list[str]:
    shown = [f"  {entry}" for entry in entries[:_LISTED]]
    more = len(entries) - len(shown)
    return [f"{title}: {len(entries)}", *shown, *([f"  and {more} more (--json)"] if more else [])]
