"""``python -m pipeline batch``: judge any number of pictures, on this machine or on a cluster.

Killed or stopped, it goes on where it was when the same command is given again.
"""

from __future__ import annotations

import argparse
import json
import sys
from time import perf_counter

from tqdm import tqdm

from pipeline.batch.listing import listed
from pipeline.batch.parts import errors_beside
from pipeline.batch.running import ENGINES, Batch
from pipeline.commands import between, named_run, printable
from pipeline.explain import EXPLAINERS
from pipeline.request import Request


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "pictures",
        metavar="IN",
        help="a folder with all below it, or a .parquet or .csv with the column 'file' (and "
        "perhaps label, patient, kind); a path, or a URL such as s3://",
    )
    parser.add_argument(
        "--out",
        required=True,
        metavar="RESULTS.parquet",
        help="a row for every picture; those that cannot be read are listed in "
        "RESULTS.errors.csv, too",
    )
    parser.add_argument("--run", help="the run that judges (default: the one the pages use)")
    parser.add_argument(
        "--point", help="operating point: which threshold decides (default: the run's own)"
    )
    parser.add_argument(
        "--explain", choices=EXPLAINERS, help="also explain each picture; takes a second or so each"
    )
    parser.add_argument(
        "--trust",
        action="store_true",
        help="with --explain: also measure how far each explanation may be believed",
    )
    parser.add_argument(
        "--engine", choices=ENGINES, default="local", help="default: local, all cores"
    )
    parser.add_argument(
        "--ray-address",
        metavar="HOST:PORT",
        help="of a running Ray cluster (default: start one on this machine, and end it)",
    )
    parser.add_argument(
        "--workers",
        type=between(1, 10_000),
        help="processes, or actors of Ray (default: one for every core)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Return 0 if every picture could be read, else 1; 130 if it was stopped."""
    if arguments.ray_address and arguments.engine != "ray":
        _usage("--ray-address needs --engine ray")
    if arguments.trust and not arguments.explain:
        _usage("--trust needs --explain")
    request = None
    if arguments.explain:
        request = Request(method=arguments.explain, trust=arguments.trust)
    chosen = named_run(arguments.run)
    listing = listed(arguments.pictures)
    batch = Batch(listing, chosen, arguments.out, arguments.point, request)
    _tell_before(batch)
    if batch.is_complete:
        if arguments.json:
            told = {"results": batch.out.name, "pictures": len(listing), "now": 0}
            print(json.dumps(told, indent=1))
        return 0
    started, before = perf_counter(), batch.finished
    try:
        # disable=None: shown only where somebody watches.
        with tqdm(
            total=len(listing), initial=before, unit="picture", disable=None, file=sys.stderr
        ) as bar:
            outcome = batch.judge(
                arguments.engine, arguments.ray_address, arguments.workers, bar.update
            )
    except KeyboardInterrupt:
        print(
            f"Stopped. {batch.finished} of {len(listing)} pictures are judged and kept; the same "
            "command goes on from there.",
            file=sys.stderr,
        )
        return 130
    seconds = perf_counter() - started
    told = {
        "results": batch.out.name,
        "pictures": len(listing),
        "judged": outcome.judged,
        "refused": outcome.refused,
        "unreadable": outcome.unreadable,
        "seconds": round(seconds, 2),
        "now": len(listing) - before,
    }
    if arguments.json:
        print(json.dumps(told, indent=1))
        return 1 if outcome.unreadable else 0
    print(
        f"{len(listing)} pictures: {outcome.judged} judged (of {outcome.refused} the gate says "
        f"that the model should not), {outcome.unreadable} could not be read. "
        f"{told['now']} now, in {seconds:.1f} s."
    )
    print(f"Results: {printable(batch.out.name)}")
    if outcome.unreadable:
        print(f"What could not be read: {printable(errors_beside(batch.out).name)}")
    return 1 if outcome.unreadable else 0


def _tell_before(batch: Batch) -> None:
    """Say on stderr what to know before the work."""
    total = len(batch.listing)
    if batch.listing.left_out:
        print(
            f"{batch.listing.left_out} files of the folder are no pictures by their names and are "
            "left out.",
            file=sys.stderr,
        )
    if batch.is_complete:
        where = printable(batch.out.name)
        print(f"All {total} pictures are judged already: {where}.", file=sys.stderr)
        return
    if batch.finished:
        print(f"{batch.finished} of {total} pictures were judged before.", file=sys.stderr)
    if batch.parts.others():
        print(
            f"Parts of another list, run or other settings lie in {printable(batch.parts.folder)} "
            "and stay there; remove them if nobody will go on with them.",
            file=sys.stderr,
        )


def _usage(message: str) -> None:
    print(f"python -m pipeline batch: {message}.", file=sys.stderr)
    raise SystemExit(2)
