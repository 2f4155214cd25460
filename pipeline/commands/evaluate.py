"""Judge a run on labelled pictures: every figure with its 95 % interval and its n.

By default the pictures of the data set's official test split are read and judged anew; with
``--data`` those of any folder: a data set in the Kaggle layout (its ``test/`` is taken), or
``NORMAL/`` and ``PNEUMONIA/`` directly. What is not the official test set is set against it: how
much is lost. Temperature, threshold and abstain band are the run's own, fitted on its validation
patients; nothing is fitted here. A picture that cannot be read is listed and left out.

``--stored`` reads no picture: it computes ``metrics.json`` again from ``predictions.csv``; with
``--refit`` after fitting temperature, operating points and abstain band anew on the validation
rows, which gives an older run what this version knows. ``--refit`` alone first has the stored
network judge the held-out pictures of the data set anew.

Several runs, for instance several seeds, give each its table, then mean and range over the runs.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from pipeline.commands import share_between_0_and_1
from pipeline.commands.evaluate_text import as_text
from pipeline.config import Paths
from pipeline.dataset import index
from pipeline.errors import RunError
from pipeline.judging import evaluate, evaluate_stored, labelled_items
from pipeline.runs import open_run
from pipeline.storage import require_own


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
        "--prevalence",
        type=share_between_0_and_1,
        metavar="P",
        help="also PPV and NPV where this share of the children has pneumonia, such as 0.1",
    )
    parser.add_argument(
        "--stored",
        action="store_true",
        help="compute metrics.json again from predictions.csv, without reading a picture",
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help="with --stored: replace metrics.json; with --refit also run.json and predictions.csv",
    )
    parser.add_argument(
        "--refit",
        action="store_true",
        help="fit temperature, operating points and abstain band anew; without --stored after "
        "the network has judged its validation patients and the official test set anew",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    if arguments.write and not (arguments.stored or arguments.refit):
        raise RunError(
            "Without --stored or --refit there is nothing to write.",
            "Add one of them to the command.",
        )
    if arguments.refit and arguments.data:
        raise RunError(
            "Decisions are fitted on a run's own validation patients, never on other pictures.",
            "Leave --data out, or --refit.",
        )
    paths = Paths.from_environment()
    if arguments.write:
        require_own(paths.artifacts)
    runs = [open_run(paths.runs, name) for name in dict.fromkeys(arguments.runs)]
    if arguments.stored or arguments.refit:
        document = evaluate_stored(
            runs,
            arguments.point,
            arguments.write,
            arguments.prevalence,
            arguments.refit,
            None if arguments.stored else paths.dataset,
        )
    else:
        folder = arguments.data or paths.dataset
        items = labelled_items(folder) if arguments.data else index(folder, ("test",))
        document = evaluate(runs, items, arguments.point, arguments.prevalence)
        document["data"] = {"folder": str(folder), **document["data"]}
    if arguments.json:
        print(json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False))
    else:
        print(as_text(document))
    return 0
