"""The results of all stored runs as one Markdown table: what the README prints."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.performance.table import COMPARED, judged, own_report, same_but_for_the_seed
from pipeline.runs import Run

TITLES = {"auc": "AUC", "accuracy": "Accuracy", "sensitivity": "Sensitivity"}
TITLES |= {"specificity": "Specificity", "ece": "ECE"}


def results(runs: Sequence[Run], split: str = "test") -> list[str]:
    """Return the lines of a Markdown table: a training a row, its seeds together.

    Parameters
    ----------
    runs : those without held-out figures of `split` are left out.

    Returns
    -------
    A heading, then the rows, the highest AUC first. One run shows its 95 % intervals, several
    seeds their mean and, in brackets, the lowest and highest of them.
    """
    rows = []
    for group in same_but_for_the_seed(filter(judged, runs)):
        tables = [
            own_report(run, metrics, split)["figures"]
            for run in group
            if split in (metrics := run.metrics())
        ]
        if tables:
            rows.append(_row(group, tables))
    rows.sort(key=lambda row: -row[0])
    heading = ["Run", "Seeds", "Parameters", *(TITLES[name] for name in COMPARED)]
    return [
        f"| {' | '.join(heading)} |",
        f"|{'---|' * len(heading)}",
        *(f"| {' | '.join(cells)} |" for _, cells in rows),
    ]


def _row(group: Sequence[Run], tables: Sequence[dict]) -> tuple[float, list[str]]:
    first = group[0]
    name = first.name if len(group) == 1 else first.name.rsplit("-seed", 1)[0]
    cells = [f"`{name}`", str(len(tables)), f"{first.parameters:,}"]
    for figure in COMPARED:
        values = [table[figure]["value"] for table in tables]
        if len(tables) == 1:
            low, high = tables[0][figure]["low"], tables[0][figure]["high"]
        else:
            low, high = min(values), max(values)
        cells.append(f"{sum(values) / len(values):.3f} ({low:.3f} to {high:.3f})")
    return sum(table["auc"]["value"] for table in tables) / len(tables), cells
