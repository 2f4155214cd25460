"""``python -m pipeline predict``: judge X-ray files, from one to several hundred."""

from __future__ import annotations

import argparse
import json

from tqdm import tqdm

from pipeline.classifier import Classifier, Verdict
from pipeline.commands import named_run, printable
from pipeline.errors import ImageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="a chest X-ray: PNG, JPEG, DICOM")
    parser.add_argument("--run", help="the run that judges (default: the one the pages use)")
    parser.add_argument(
        "--point", help="operating point: which threshold decides (default: the run's own)"
    )
    parser.add_argument(
        "--override",
        type=_reason,
        metavar="REASON",
        help="record why refused pictures are judged all the same; they stay marked as refused",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    chosen = named_run(arguments.run)
    classifier = Classifier(chosen)
    answers = classifier.judge_all(arguments.files, arguments.point)
    rows = [
        _row(name, answer, arguments.override)
        for name, answer in zip(
            arguments.files,
            # disable=None: shown only where somebody watches.
            tqdm(answers, total=len(arguments.files), unit="file", disable=None),
            strict=True,
        )
    ]
    if arguments.json:
        # Plain ASCII, so that a file name in any encoding can be printed anywhere.
        print(json.dumps(rows, indent=1, ensure_ascii=True))
    else:
        print("\n".join(_lines(rows)))
    return 1 if any("error" in row for row in rows) else 0


def _reason(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("must say why")
    return text.strip()


def _row(name: str, answer: Verdict | ImageError, override: str | None) -> dict:
    if isinstance(answer, ImageError):
        return {"file": name, "error": answer.message, "hint": answer.hint}
    row = {"file": name, **answer.to_json()}
    if override and not answer.gate.accepted:
        row["override"] = {"reason": override}
    return row


def _lines(rows: list[dict]) -> list[str]:
    names = [printable(row["file"]) for row in rows]
    width = max(len("FILE"), *map(len, names))
    lines = [f"{'FILE':{width}}  PROBABILITY  THRESHOLD  DECISION"]
    for name, row in zip(names, rows, strict=True):
        if "error" in row:
            lines.append(f"{name:{width}}  {row['error']} {row['hint']}")
            continue
        lines.append(
            f"{name:{width}}  {row['probability']:11.4f}  {row['threshold']:9.4f}  "
            f"{row['decision']}{'' if row['accepted'] else ' (doubtful)'}"
        )
        lines += [f"{'':{width}}  {reason}" for reason in row["reasons"]]
        if "override" in row:
            lines.append(f"{'':{width}}  Judged anyway: {printable(row['override']['reason'])}")
    return lines
