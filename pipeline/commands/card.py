"""Write a run's model card as one self-contained HTML file, or hold such a file to its run.

Every figure is computed anew from the stored files; a run whose stored figures do not follow from
its predictions gets no card. An existing file is replaced only if it is a card of the same run;
anything else needs --force.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from pipeline.card import as_html, build, differences
from pipeline.card.binding import read
from pipeline.commands import named_run
from pipeline.config import Paths
from pipeline.errors import PipelineError, RunError
from pipeline.storage import write_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "run", nargs="?", metavar="RUN", help="name of a stored run (default: the one pages use)"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="where to write (default: card-RUN.html, here)"
    )
    parser.add_argument("--force", action="store_true", help="replace any file that is there")
    parser.add_argument(
        "--check",
        type=Path,
        metavar="FILE",
        help="write nothing; say whether this card still belongs to its stored run",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    artifacts = Paths.from_environment().artifacts
    if arguments.check:
        return _check(arguments.check, artifacts, arguments.json)
    stored = named_run(arguments.run)
    out = arguments.out or Path(f"card-{stored.name}.html")
    if out.exists() and not arguments.force:
        _refuse_stranger(out, stored.name)
    if not out.absolute().parent.is_dir():
        raise RunError(
            f"The folder {out.absolute().parent} does not exist.",
            "Make it, or choose another with --out.",
        )
    card = build(stored, artifacts)
    write_text(out, as_html(card))
    if arguments.json:
        told = {"file": str(out), "run": card.run, "fingerprint": card.fingerprint}
        print(json.dumps(told | {"figures": sum(1 for _ in card.figures())}, indent=1))
    else:
        print(f"{out}: {card.run}, bound by {card.fingerprint}")
    return 0


def _check(path: Path, artifacts: Path, as_json: bool) -> int:
    found = differences(_text(path), artifacts)
    if as_json:
        print(json.dumps({"file": str(path), "holds": not found, "differences": found}, indent=1))
    elif found:
        print(f"{path} does not hold any more:")
        print("\n".join(f"  {sentence}" for sentence in found))
    else:
        print(f"{path} holds: files, figures and text are those of the stored run.")
    return 1 if found else 0


def _refuse_stranger(path: Path, run: str) -> None:
    """Let a card of the same run be replaced, nothing else."""
    try:
        same = read(_text(path)).run == run
    except PipelineError:
        same = False
    if not same:
        raise RunError(
            f"{path} exists and is not a card of {run}.",
            "Choose another name with --out, or replace it with --force.",
        )


def _text(path: Path) -> str:
    try:
        # As it was written: no change of line ends, or the text would seem edited.
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(
            f"{path} cannot be read as a card.",
            "Give a file that 'python -m pipeline card' wrote.",
        ) from error
