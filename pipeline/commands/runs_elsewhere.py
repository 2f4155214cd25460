"""``python -m pipeline runs import`` and ``export``: runs in from other programs, and out again."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from pipeline.config import Paths
from pipeline.exporting import to_csv, to_tensorboard
from pipeline.foreign import Foreign, Found, read
from pipeline.importing import import_runs
from pipeline.runs import list_runs, open_run

_WAYS = {"tensorboard": to_tensorboard, "csv": to_csv}


def add_import(actions: argparse._SubParsersAction) -> None:
    parser = actions.add_parser(
        "import",
        help="add runs that TensorBoard, Keras, MLflow or W&B logged",
        description="Add what lies at PATH, a file, a folder or a ZIP, as runs: event files of "
        "TensorBoard, Keras' CSVLogger and History (JSON), MLflow's file store, W&B's CSV export "
        "of a chart, and history.csv of this program. Nothing is overwritten.",
    )
    parser.add_argument("path", type=Path, metavar="PATH")
    parser.add_argument("--name", help="what to call the run; of several, with -2, -3, ...")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be added")
    # Not `json`: the default here would undo a --json that was given before the action.
    parser.add_argument(
        "--json", dest="json_here", action="store_true", help="print one JSON document"
    )


def add_export(actions: argparse._SubParsersAction) -> None:
    parser = actions.add_parser("export", help="write runs for TensorBoard, or as CSV files")
    parser.add_argument("runs", nargs="*", metavar="RUN", help="default: every run with a curve")
    parser.add_argument("--to", choices=_WAYS, required=True, help="form of the files")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to")


def run_import(arguments: argparse.Namespace) -> int:
    found = read(arguments.path)
    names = [arguments.name or run.name for run in found.runs]
    written, skipped = [], ()
    if not arguments.dry_run:
        folder = Paths.from_environment().runs
        if len(found.runs) > 1:
            print(f"Adding {len(found.runs)} runs to {folder} ...", file=sys.stderr)
        imported = import_runs(found, folder, names=names)
        written, skipped = [run.name for run in imported.runs], imported.skipped
    if arguments.json or arguments.json_here:
        print(json.dumps(_document(found, written, skipped), indent=1))
    else:
        for run in found.runs:
            print("\n".join(_lines(run)))
        for sentence in skipped:
            print(sentence)
        if written:
            print(f"Added: {', '.join(written)}")
        elif arguments.dry_run and found.runs:
            print("Nothing was written (--dry-run).")
    for problem in found.problems:
        print(problem, file=sys.stderr)
    if not found.runs:
        print(
            f"There is no training curve in {arguments.path}. Give event files, Keras logs, a "
            "folder mlruns/ or a chart exported from W&B.",
            file=sys.stderr,
        )
    return 1 if found.problems or not found.runs else 0


def run_export(arguments: argparse.Namespace) -> int:
    folder = Paths.from_environment().runs
    runs = (
        [open_run(folder, name) for name in dict.fromkeys(arguments.runs)]
        if arguments.runs
        else list(list_runs(folder, unfinished=True).runs)
    )
    for path in _WAYS[arguments.to](runs, arguments.out):
        print(path)
    return 0


def _lines(run: Foreign) -> list[str]:
    epochs = "1 epoch" if len(run.history) == 1 else f"{len(run.history):,} epochs"
    lines = [f"{run.name}  ({run.source}, {epochs}): {', '.join(run.figures)}"]
    if run.renamed:
        told = (f"{old} -> {new}" for old, new in run.renamed.items())
        lines.append(f"  renamed: {', '.join(told)}")
    return [*lines, *(f"  note: {note}" for note in run.notes)]


def _document(found: Found, written: list[str], skipped: tuple[str, ...]) -> dict:
    return {
        "found": [
            {
                "name": run.name,
                "source": run.source,
                "epochs": len(run.history),
                "figures": list(run.figures),
                "renamed": dict(run.renamed),
                "notes": list(run.notes),
                "started": run.started,
            }
            for run in found.runs
        ],
        "problems": list(found.problems),
        "written": written,
        "skipped": list(skipped),
    }
