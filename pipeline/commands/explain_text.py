"""What ``python -m pipeline explain`` prints for people."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.commands import printable
from pipeline.report import Report
from pipeline.report import wording as report_wording


def as_lines(report: Report, row: dict) -> list[str]:
    """Tell one explanation: settings, strongest superpixels, and how far to believe it."""
    told = report.explanation
    lines = [report_wording.call(report) + ".", report_wording.probability(report)]
    lines += [*report.verdict.gate.reasons, ""]
    lines += _columns(report_wording.settings(report))
    lines += _columns(report_wording.steadiness(told))
    lines += ["", report_wording.strongest(told)]
    strongest = told.ranked()[: report.shown.k]
    lines += _columns([report_wording.superpixel(told, int(label)) for label in strongest])
    if report.trust is not None:
        verdict = report.trust.verdict
        lines += ["", verdict.sentence, *verdict.reasons]
        lines += _columns(report_wording.trust(report.trust))
    return [*lines, "", f"Written to {printable(row['folder'])}: report.html shows all of it."]


def as_table(rows: Sequence[dict]) -> list[str]:
    """Tell one line a picture."""
    names = [printable(row["file"]) for row in rows]
    width = max(len("FILE"), *map(len, names))
    lines = [f"{'FILE':{width}}  PROBABILITY  DECISION   SETTLED  TRUST"]
    for name, row in zip(names, rows, strict=True):
        if "error" in row:
            lines.append(f"{name:{width}}  {row['error']} {row['hint']}")
            continue
        trust = row["verdict"]["kind"] if "verdict" in row else "not measured"
        doubtful = "" if row["accepted"] else " (doubtful picture)"
        lines.append(
            f"{name:{width}}  {row['probability']:11.4f}  {row['decision']:9}  "
            f"{'yes' if row['settled'] else 'no':7}  {trust}{doubtful}"
        )
    return lines


def _columns(rows: Sequence[tuple[str, str]]) -> list[str]:
    width = max((len(name) for name, _ in rows), default=0)
    return [f"  {name:{width}}  {value}" for name, value in rows]
