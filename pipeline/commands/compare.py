"""Compare runs on the very same pictures: does one do better, or was it chance?

Reads no picture: the stored predictions are compared. AUC by DeLong's test, calls at each run's
own threshold by McNemar's exact test, corrected over all pairs (Holm); beside both a bootstrap
over patients, because pictures of one child are no independent witnesses. Two runs are called
different only where test and bootstrap agree.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping

from pipeline.commands.evaluate_text import spoken
from pipeline.config import Paths
from pipeline.pairing import TESTS, compare
from pipeline.runs import open_run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("runs", nargs="+", metavar="RUN", help="name of a stored run")
    parser.add_argument(
        "--split",
        choices=("test", "validation"),
        default="test",
        help="the pictures to compare on (default: test)",
    )
    parser.add_argument("--point", metavar="NAME", help="operating point (default: each run's own)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    folder = Paths.from_environment().runs
    runs = [open_run(folder, name) for name in dict.fromkeys(arguments.runs)]
    document = compare(runs, arguments.split, arguments.point)
    if arguments.json:
        print(json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False))
    else:
        print(as_text(document))
    return 0


def as_text(document: Mapping) -> str:
    """Return the document of `pipeline.pairing.compare` as lines for a terminal."""
    lines = [
        f"{document['split']}: {document['n']} pictures of {document['patients']} patients, "
        f"{document['NORMAL']} NORMAL, {document['PNEUMONIA']} PNEUMONIA"
    ]
    lines += [_run_line(entry) for entry in document["runs"]]
    for pair in document["pairs"]:
        lines += ["", pair["sentence"], *_pair_lines(pair)]
    lines += [
        "",
        f"Differences are first minus second, with 95 % intervals by bootstrap over patients; "
        f"p by DeLong (AUC) and McNemar, exact; Holm over {len(document['pairs'])} pairs.",
    ]
    return "\n".join(lines)


def _run_line(entry: Mapping) -> str:
    figures = ", ".join(f"{spoken(test)} {entry[test]:.4f}" for test in TESTS)
    return f"  {entry['run']} at {entry['operating_point']} ({entry['threshold']:.4f}): {figures}"


def _pair_lines(pair: Mapping) -> list[str]:
    lines = [
        f"  {pair['a']} - {pair['b']}",
        _row("", "difference", "95 % interval", "n", "p", "p (Holm)", ""),
    ]
    for test in TESTS:
        entry = pair[test]
        difference = entry["difference"]
        lines.append(
            _row(
                spoken(test),
                f"{difference['value']:+.4f}",
                _interval(difference),
                str(difference["n"]),
                _p(entry["p"]),
                _p(entry["p_holm"]),
                _beside(entry),
            )
        )
    return lines


def _p(value: float) -> str:
    return "<0.0001" if value < 0.0001 else f"{value:.4f}"


def _beside(entry: Mapping) -> str:
    if "delong" in entry:
        return f"DeLong {_interval(entry['delong'])}"
    counts = entry["counts"]
    return (
        f"right: both {counts['both_right']}, first only {counts['only_a']}, "
        f"second only {counts['only_b']}, neither {counts['both_wrong']}"
    )


def _interval(entry: Mapping) -> str:
    return f"{entry['low']:+.4f} to {entry['high']:+.4f}"


def _row(name: str, value: str, interval: str, n: str, p: str, p_holm: str, beside: str) -> str:
    return (
        f"  {name:<12}{value:>10}  {interval:>18}  {n:>5}  {p:>7}  {p_holm:>8}  {beside}".rstrip()
    )
