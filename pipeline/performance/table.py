"""Stored runs side by side, from what their files tell; no figure is computed anew."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from pipeline.errors import RunError
from pipeline.runs import Run

# What tells runs apart; the first four are shares, the last is an error.
COMPARED = ("auc", "accuracy", "sensitivity", "specificity", "ece")
COLUMNS = (
    *("run", "architecture", "split", "operating_point", "threshold"),
    *("figure", "value", "low", "high", "n"),
)


def judged(run: Run) -> bool:
    """Return whether a run has test predictions and figures; it need not have its weights."""
    files = ("predictions.csv", "metrics.json")
    return run.status == "finished" and all((run.folder / name).is_file() for name in files)


def own_report(run: Run, metrics: Mapping, split: str) -> dict:
    """Return the report of `split` at the operating point the run is used at.

    Raises
    ------
    RunError : if ``metrics.json`` was made for other operating points, or lacks the split.
    """
    point = run.document.get("operating_point")
    report = metrics.get(split, {}).get(point)
    if report is None:
        raise RunError(
            f"metrics.json of {run.name} has no figures of {split} at {point}.",
            f"Make them with 'python -m pipeline evaluate {run.name} --stored --write'.",
        )
    return report


def figure_rows(run: Run, report: Mapping, split: str) -> list[dict]:
    """Return a row of `COLUMNS` per figure of `COMPARED`; what cannot be computed is None."""
    return [
        {
            "run": run.name,
            "architecture": run.architecture,
            "split": split,
            "operating_point": run.document["operating_point"],
            "threshold": report["threshold"],
            "figure": name,
            **{key: report["figures"][name][key] for key in ("value", "low", "high", "n")},
        }
        for name in COMPARED
    ]


def best_of_each_architecture(
    runs: Iterable[Run], validation_auc: Mapping[str, float | None], count: int
) -> list[str]:
    """Return the run of the highest validation AUC of each architecture, the best `count` of them.

    The project's own networks come first, as in `pipeline.runs.default_of`. All runs of one data
    set hold out the same patients, so the figures can be compared; the test set has no say in
    what is shown first.
    """
    known = [run for run in runs if validation_auc.get(run.name) is not None]
    known.sort(key=lambda run: (run.is_baseline, -validation_auc[run.name], run.name))
    best: dict[str, str] = {}
    for run in known:
        best.setdefault(run.architecture, run.name)
    return list(best.values())[:count]


def same_but_for_the_seed(runs: Iterable[Run]) -> list[list[Run]]:
    """Return the runs in groups that differ by nothing but the seed, in the order given."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        same = json.dumps([run.architecture, {**run.config, "seed": None}], sort_keys=True)
        groups.setdefault(same, []).append(run)
    return list(groups.values())


def seed_groups(runs: Sequence[Run]) -> list[list[Run]]:
    """Return the groups of `same_but_for_the_seed` of two or more."""
    return [group for group in same_but_for_the_seed(runs) if len(group) > 1]


def other_seeds(run: Run, runs: Sequence[Run]) -> list[Run]:
    """Return those of `runs` that differ from `run` by nothing but the seed, without itself."""
    for group in seed_groups(runs):
        if run.name in {one.name for one in group}:
            return [one for one in group if one.name != run.name]
    return []


def over_seeds(rows: Sequence[Mapping]) -> dict[str, dict]:
    """Return ``{"mean", "lowest", "highest", "runs"}`` of each figure over rows of `figure_rows`.

    A figure that one of the runs cannot tell is left out.
    """
    found = {}
    for name in COMPARED:
        values = [row["value"] for row in rows if row["figure"] == name]
        if values and None not in values:
            found[name] = {
                "mean": sum(values) / len(values),
                "lowest": min(values),
                "highest": max(values),
                "runs": len(values),
            }
    return found
