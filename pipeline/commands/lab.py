"""The lab record: what was tried, what it gave on validation patients and on the official test.

Without an action it lists the tries with their stored figures. ``keep RUN`` puts a finished
training on record, without its weights; ``average NAME --runs RUN...`` an ensemble, or views of
each picture. ``again`` computes all figures anew from the stored scores.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time

from tqdm import tqdm

from pipeline import lab
from pipeline.config import Paths
from pipeline.runs import open_run
from pipeline.storage import require_own


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    keep = actions.add_parser("keep", help="record a finished training, without its weights")
    keep.add_argument("run", metavar="RUN")
    keep.add_argument("--name", help="of the try (default: the run's)")
    average = actions.add_parser("average", help="record an ensemble of runs or of views")
    average.add_argument("name", metavar="NAME")
    average.add_argument("--runs", nargs="+", required=True, metavar="RUN")
    average.add_argument(
        "--views",
        type=int,
        default=1,
        choices=range(1, len(lab.VIEWS) + 1),
        help="parts of each picture to average over (default 1: the whole)",
    )
    actions.add_parser("again", help="compute every figure anew from the stored scores")
    for action in (keep, average):
        action.add_argument("--lever", required=True, help="kind of change, such as resolution")
        action.add_argument("--tried", required=True, metavar="SENTENCE")
        action.add_argument("--found", default="", metavar="SENTENCE")


def run(arguments: argparse.Namespace) -> int:
    paths = Paths.from_environment()
    folder = paths.artifacts / "lab"
    if arguments.action:
        require_own(folder)
    if arguments.action == "keep":
        kept = open_run(paths.runs, arguments.run)
        one = _try(arguments, arguments.name or kept.name, kept.document.get("seconds"))
        lab.keep_run(kept, folder, one)
    elif arguments.action == "average":
        began = time.monotonic()
        table = lab.averaged(
            [open_run(paths.runs, name) for name in arguments.runs],
            paths.dataset,
            arguments.views,
        )
        one = _try(arguments, arguments.name, round(time.monotonic() - began, 1))
        lab.store(folder, one, table)
    elif arguments.action == "again":
        for one in tqdm(lab.list_tries(folder), desc="judging", unit="try", file=sys.stderr):
            lab.store(folder, one, lab.predictions(folder, one))
    document = lab.record(folder)
    if arguments.json:
        print(json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False))
    else:
        print(as_text(document))
    return 0


def _try(arguments: argparse.Namespace, name: str, seconds: float | None) -> lab.Try:
    return lab.Try(
        name=name,
        lever=arguments.lever,
        tried=arguments.tried,
        found=arguments.found,
        command=_command(arguments),
        seconds=seconds,
    )


def _command(arguments: argparse.Namespace) -> str:
    paths = Paths.from_environment()
    words = ["python", "-m", "pipeline"]
    if arguments.action == "average":
        words += ["lab", "average", arguments.name, "--runs", *arguments.runs]
        return shlex.join([*words, "--views", str(arguments.views)])
    return shlex.join([*words, *_training(open_run(paths.runs, arguments.run).config)])


def _training(config: dict) -> list[str]:
    """Return the words that train with `config` again: what differs from its recipe's defaults."""
    from pipeline.config import training_config

    named = {"architecture", "recipe", "seed", "teachers"}
    usual = training_config(
        config["architecture"], config["recipe"], teachers=config.get("teachers", ())
    ).to_json()
    words = ["train", config["architecture"], "--recipe", config["recipe"]]
    words += ["--seed", str(config["seed"])]
    for teacher in config.get("teachers", ()):
        words += ["--teacher", teacher]
    for name, value in config.items():
        if name not in named and value != usual.get(name):
            words += ["--set", f"{name}={json.dumps(value)}"]
    return words


def as_text(document: list[dict]) -> str:
    """Return the record for a terminal, the highest validation AUC first."""
    if not document:
        return "Nothing is on record yet: 'python -m pipeline lab keep RUN --help'."
    lines = [
        "Fitted on validation patients, at 95 % sensitivity there; test: the official 624.",
        f"{'try':<28}{'lever':<16}{'val AUC':>8}{'test AUC':>9}{'acc.':>7}{'sens.':>7}"
        f"{'spec.':>7}{'ECE':>6}{'min':>6}",
    ]
    for entry in document:
        value = {name: f["value"] for name, f in entry["test"]["figures"].items()}
        minutes = "-" if entry["seconds"] is None else f"{entry['seconds'] / 60:.1f}"
        lines.append(
            f"{entry['name']:<28}{entry['lever']:<16}"
            f"{entry['validation']['figures']['auc']['value']:>8.4f}{value['auc']:>9.4f}"
            f"{value['accuracy']:>7.3f}{value['sensitivity']:>7.3f}{value['specificity']:>7.3f}"
            f"{value['ece']:>6.3f}{minutes:>6}"
        )
        lines.append(f"    {entry['tried']} {entry['found']}".rstrip())
    return "\n".join(lines)
