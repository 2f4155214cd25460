"""``python -m pipeline readings create``: a new study, with a code for everybody in it."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from pipeline.classifier import Classifier
from pipeline.commands import between, named_run, printable
from pipeline.config import Paths
from pipeline.errors import StoreError
from pipeline.explain import EXPLAINERS
from pipeline.explain.perturbation import FILL, FILLS
from pipeline.explain.segments import SEGMENTATIONS
from pipeline.readings import codes, making
from pipeline.readings.design import (
    AI_FIRST,
    ARMS,
    LONGEST_WASHOUT_DAYS,
    ORDERS,
    READ_THEN_REVEAL,
    SCALES,
    Pass,
)
from pipeline.readings.store import Store

_TEST = re.compile(r"test(?::(\d+))?")
# A URL has a colon, too; what follows the last one is a number.
_RESULTS = re.compile(r"(.+\.parquet)(?::(\d+))?")


def add_arguments(actions: argparse._SubParsersAction) -> None:
    parser = actions.add_parser(
        "create",
        help="make a study: choose cases, judge and explain them, hand out codes",
        description="Make a study. Its pictures are copied into the database, without any name; "
        "the codes that are printed are shown this once.",
    )
    parser.set_defaults(act=create)
    parser.add_argument("--title", required=True, help="shown to readers")
    parser.add_argument(
        "--cases",
        required=True,
        metavar="test[:N]|FOLDER|RESULTS.parquet[:N]",
        help="N pictures of the official test split, half of each class, one of each child; or a "
        "folder of PNG, JPEG or DICOM; or N pictures of what 'batch' has judged",
    )
    parser.add_argument(
        "--least-sure",
        action="store_true",
        help="of a batch's results: those nearest to the threshold (default: drawn by the seed)",
    )
    parser.add_argument(
        "--truth",
        type=Path,
        metavar="CSV",
        help="of a folder: columns file, label, perhaps patient (default: folders NORMAL and "
        "PNEUMONIA)",
    )
    parser.add_argument(
        "--readers", required=True, metavar="A,B", help="pseudonyms, parted by commas"
    )
    parser.add_argument(
        "--arm", choices=ARMS, default="overlay", help="of the model, readers see (default: all)"
    )
    parser.add_argument(
        "--order", choices=ORDERS, default=READ_THEN_REVEAL, help=f"default: {READ_THEN_REVEAL}"
    )
    parser.add_argument(
        "--repeats", type=between(1, 100_000), metavar="N", help="a second pass with N of the cases"
    )
    parser.add_argument(
        "--pass",
        dest="passes",
        action="append",
        type=one_pass,
        metavar="ARM[:ORDER[:N]]",
        help="a pass through all or N cases; repeat it for several; in place of --arm, --order "
        "and --repeats",
    )
    parser.add_argument(
        "--washout",
        type=_days,
        default=0.0,
        metavar="DAYS",
        help="between a reader's last answer of one pass and the next pass (default: 0)",
    )
    parser.add_argument(
        "--seed", type=between(0, 2**32 - 1), default=0, help="draws cases and orders (default: 0)"
    )
    parser.add_argument(
        "--scale", type=int, choices=SCALES, default=5, help="points of confidence (default: 5)"
    )
    parser.add_argument(
        "--findings", default="", metavar="A,B", help="that readers tick, parted by commas"
    )
    parser.add_argument("--no-regions", action="store_true", help="readers mark no regions")
    parser.add_argument("--quality", action="store_true", help="readers judge picture quality")
    parser.add_argument("--run", help="the run that is shown (default: the one the pages use)")
    parser.add_argument("--point", help="its operating point (default: the run's own)")
    parser.add_argument("--method", choices=EXPLAINERS, default="lime", help="default: lime")
    parser.add_argument("--segments", choices=SEGMENTATIONS, default="slic", help="superpixels")
    parser.add_argument("--fill", choices=FILLS, default=FILL, help="of hidden superpixels")
    parser.add_argument(
        "--explanation-seed", type=between(0, 2**32 - 1), default=0, help="default: 0"
    )
    parser.add_argument(
        "--skip-bad", action="store_true", help="leave out what cannot be read, and go on"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def one_pass(text: str) -> Pass:
    """Read a pass such as ``overlay``, ``none::10`` or ``score:ai-first`` for `argparse`."""
    arm, order, count, *rest = [*text.split(":"), "", ""]
    order = order or READ_THEN_REVEAL
    usable = arm in ARMS and order in ORDERS and not any(rest)
    if not usable or (count and not (count.isdecimal() and int(count))):
        raise argparse.ArgumentTypeError(
            f"must be one of {', '.join(ARMS)}, then perhaps :{READ_THEN_REVEAL} or :{AI_FIRST}, "
            "then perhaps a colon and how many cases"
        )
    return Pass(arm, order, int(count) if count else None)


def create(store: Store, arguments: argparse.Namespace) -> int:
    readers = codes.checked_pseudonyms(_parts(arguments.readers))
    classifier = Classifier(named_run(arguments.run))
    try:
        design = making.design_for(
            classifier.run,
            arguments.title,
            arguments.point,
            passes=_passes(arguments),
            washout_days=arguments.washout,
            seed=arguments.seed,
            scale=arguments.scale,
            findings=tuple(_parts(arguments.findings)),
            regions=not arguments.no_regions,
            quality=arguments.quality,
            method=arguments.method,
            segments=arguments.segments,
            fill=arguments.fill,
            explanation_seed=arguments.explanation_seed,
        )
    except ValueError as error:  # a title that is too long, or a finding that is named twice
        raise StoreError(f"The study cannot be made so: {error}", "Change that option.") from error
    found = _candidates(arguments)
    with tqdm(total=100, unit="%", disable=None, file=sys.stderr) as bar:
        outcome = making.judged(
            found, classifier, design, lambda done: bar.update(round(100 * done) - bar.n)
        )
    for one in outcome.refused:
        print(f"{printable(one.name)}: {one.reason}", file=sys.stderr)
    if not outcome.cases or (outcome.refused and not arguments.skip_bad):
        raise StoreError(
            f"{len(outcome.refused)} of {len(found)} pictures cannot be used; nothing was made.",
            "Mend them, or leave them out with --skip-bad.",
        )
    made = store.create(design, outcome.cases, readers)
    for note in making.notes(outcome):
        print(note, file=sys.stderr)
    if arguments.json:
        told = {"study": made.study_id, "cases": len(outcome.cases), "owner": made.owner_code}
        print(json.dumps(told | {"readers": dict(made.reader_codes)}, indent=1))
        return 0
    print(f"Study {made.study_id}, {len(outcome.cases)} cases. Codes, shown this once:")
    print(f"  {made.owner_code}  owner")
    for reader, code in made.reader_codes.items():
        print(f"  {code}  {printable(reader)}")
    return 0


def _candidates(arguments: argparse.Namespace) -> list[making.Candidate]:
    if match := _TEST.fullmatch(arguments.cases):
        if arguments.truth:
            raise StoreError("The test split has its truth already.", "Leave --truth out.")
        count = int(match[1]) if match[1] else None
        dataset = Paths.from_environment().dataset
        return making.cases_from_test(dataset, count, arguments.seed)
    if match := _RESULTS.fullmatch(arguments.cases):
        if arguments.truth:
            raise StoreError("The results of a batch have their labels.", "Leave --truth out.")
        count = int(match[2]) if match[2] else None
        return making.cases_from_results(match[1], count, arguments.seed, arguments.least_sure)
    if arguments.least_sure:
        raise StoreError(
            "Only the results of a batch say how sure the model is.", "Leave --least-sure out."
        )
    try:
        truth = arguments.truth.read_bytes() if arguments.truth else None
    except OSError as error:
        raise StoreError(
            f"The table of the truth cannot be read ({error.strerror or error}).", "Check its path."
        ) from error
    return making.cases_from_folder(Path(arguments.cases), truth)


def _passes(arguments: argparse.Namespace) -> Sequence[Pass]:
    if arguments.passes:
        return arguments.passes
    passes = [Pass(arguments.arm, arguments.order)]
    if arguments.repeats:
        passes.append(Pass(arguments.arm, arguments.order, arguments.repeats))
    return passes


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _days(text: str) -> float:
    if not 0 <= float(text) <= LONGEST_WASHOUT_DAYS:
        raise argparse.ArgumentTypeError(f"must lie between 0 and {LONGEST_WASHOUT_DAYS}")
    return float(text)
