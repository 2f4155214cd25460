"""``python -m pipeline runs``: list the stored runs, their results, write the recorded ones, or
exchange runs with other programs.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from pipeline import annotations
from pipeline.commands import runs_elsewhere
from pipeline.comparison import summary
from pipeline.config import Paths
from pipeline.errors import RunError
from pipeline.performance.measured import latencies
from pipeline.performance.results import as_markdown, name_smallest, stored_results
from pipeline.recorded import record
from pipeline.runs import list_runs, open_run

# Column heading and number format of the table; --json gives everything unrounded.
_COLUMNS = {
    "run": ("RUN", ""),
    "architecture": ("ARCHITECTURE", ""),
    "status": ("STATUS", ""),
    "parameters": ("PARAMETERS", ","),
    "epochs": ("EPOCHS", ""),
    "best_epoch": ("BEST", ""),
    "val_loss": ("VAL LOSS", ".4f"),
    "val_accuracy": ("VAL ACC", ".4f"),
    "test_auc": ("TEST AUC", ".4f"),
}
_WORDS = ("run", "architecture", "status")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--all", action="store_true", help="show unfinished runs too")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    actions.add_parser(
        "results", help="print what each was worth on the official test, as a Markdown table"
    )
    recording = actions.add_parser(
        "record", help="write the recorded trainings of the 2021 notebooks as runs"
    )
    recording.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="DIR",
        help="folder of the record (default: notebooks/ beside the runs)",
    )
    runs_elsewhere.add_import(actions)
    runs_elsewhere.add_export(actions)
    noting = actions.add_parser(
        "note", help="keep tags and a note on a run; with no option, print them"
    )
    noting.add_argument("noted", metavar="RUN", help="name of a stored run")
    noting.add_argument("--tag", action="append", default=[], help="add a tag; may be repeated")
    noting.add_argument("--untag", action="append", default=[], help="take a tag away again")
    noting.add_argument("--text", help='the note; --text "" takes it away')


def run(arguments: argparse.Namespace) -> int:
    paths = Paths.from_environment()
    if arguments.action == "import":
        return runs_elsewhere.run_import(arguments)
    if arguments.action == "export":
        return runs_elsewhere.run_export(arguments)
    if arguments.action == "record":
        for recorded in record(arguments.source or paths.artifacts / "notebooks", paths.runs):
            print(recorded.name)
        return 0
    if arguments.action == "results":
        found = stored_results(list_runs(paths.runs).runs)
        told = name_smallest(found, latencies(paths.artifacts))
        print("\n".join([*as_markdown(found), "", told]))
        return 0
    if arguments.action == "note":
        return _note(paths.runs, arguments)
    listing = list_runs(paths.runs, unfinished=arguments.all)
    rows, damaged = [], list(listing.damaged)
    for stored in listing.runs:
        try:
            rows.append(summary(stored, stored.history()))
        except RunError as error:
            damaged.append(error)
    if arguments.json:
        print(json.dumps(rows, indent=1))
    elif rows:
        print(_table(rows))
    for error in damaged:
        print(error, file=sys.stderr)
    if not rows and not damaged:
        print(
            f"There are no runs in {paths.runs} yet. Train one with `python -m pipeline train`, or "
            "write the recorded ones with `python -m pipeline runs record`.",
            file=sys.stderr,
        )
    return 1 if damaged else 0


def _note(runs: Path, arguments: argparse.Namespace) -> int:
    """Change what is written to a run, if anything is to change, and print it."""
    noted = open_run(runs, arguments.noted)
    before = annotations.read(noted)
    kept = before.changed(arguments.tag, arguments.untag, arguments.text)
    if kept != before:
        annotations.write(noted, kept)
    if arguments.json:
        print(json.dumps({"run": noted.name, "tags": kept.tags, "note": kept.note}, indent=1))
    else:
        print(f"{noted.name}: {', '.join(kept.tags) or 'no tag'}")
        print(kept.note or "no note")
    return 0


def _table(rows: list[dict]) -> str:
    lines = [[heading for heading, _ in _COLUMNS.values()]]
    for row in rows:
        lines.append(
            [
                "-" if row[name] is None else format(row[name], form)
                for name, (_, form) in _COLUMNS.items()
            ]
        )
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if name in _WORDS else cell.rjust(width)
            for name, cell, width in zip(_COLUMNS, line, widths, strict=True)
        ).rstrip()
        for line in lines
    )
