"""The results of all stored trainings: the table of the README, and the smallest good network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.performance.table import COMPARED, judged, own_report, same_but_for_the_seed
from pipeline.runs import Run

TITLES = {"auc": "AUC", "accuracy": "Accuracy", "sensitivity": "Sensitivity"}
TITLES |= {"specificity": "Specificity", "ece": "ECE"}

# What the smallest network has to reach on the official test set.
GOOD_AUC = 0.97


@dataclass(frozen=True)
class Result:
    """What a training is worth, its seeds together.

    Attributes
    ----------
    name : of the one run, or what the names of its seeds share.
    runs : they differ by nothing but the seed.
    figures : each of `COMPARED` as ``{"value", "low", "high"}``: of one run with its 95 %
        interval, of several the mean with the lowest and the highest.
    """

    name: str
    runs: Sequence[Run]
    figures: Mapping[str, Mapping[str, float]]


def stored_results(runs: Iterable[Run], split: str = "test") -> list[Result]:
    """Return the results of those runs that have held-out figures of `split`, best AUC first."""
    known = {run.name: (run, run.metrics()) for run in filter(judged, runs)}
    reports = {
        name: own_report(run, metrics, split)
        for name, (run, metrics) in known.items()
        if split in metrics
    }
    return results([known[name][0] for name in reports], reports)


def results(runs: Iterable[Run], reports: Mapping[str, Mapping]) -> list[Result]:
    """Return a result per training, best AUC first.

    Parameters
    ----------
    reports : run name -> report of a split at the point the run is used at, for each of `runs`.
    """
    found = []
    for group in same_but_for_the_seed(runs):
        own = [reports[run.name]["figures"] for run in group]
        name = group[0].name if len(group) == 1 else group[0].name.rsplit("-seed", 1)[0]
        found.append(Result(name, group, {figure: _over(own, figure) for figure in COMPARED}))
    return sorted(found, key=lambda result: -result.figures["auc"]["value"])


def _over(reports: Sequence[Mapping], name: str) -> dict[str, float]:
    if len(reports) == 1:
        return {key: reports[0][name][key] for key in ("value", "low", "high")}
    values = [report[name]["value"] for report in reports]
    return {"value": sum(values) / len(values), "low": min(values), "high": max(values)}


def as_markdown(found: Sequence[Result]) -> list[str]:
    """Return the lines of a Markdown table, a training a row."""
    heading = ["Run", "Seeds", "Parameters", *(TITLES[name] for name in COMPARED)]
    rows = [
        [
            f"`{one.name}`",
            str(len(one.runs)),
            f"{one.runs[0].parameters:,}",
            *(_said(one.figures[name]) for name in COMPARED),
        ]
        for one in found
    ]
    return [
        f"| {' | '.join(heading)} |",
        f"|{'---|' * len(heading)}",
        *(f"| {' | '.join(cells)} |" for cells in rows),
    ]


def smallest(found: Iterable[Result], auc: float = GOOD_AUC) -> Result | None:
    """Return the result of the fewest parameters whose AUC is at least `auc`; None without one."""
    good = [one for one in found if one.figures["auc"]["value"] >= auc]
    return min(good, key=lambda one: one.runs[0].parameters, default=None)


def name_smallest(found: Sequence[Result], latencies: Mapping | None, auc: float = GOOD_AUC) -> str:
    """Say which the smallest good network is and what it takes for a picture.

    Parameters
    ----------
    latencies : as of `pipeline.performance.measured.latencies`; None where nothing was measured.
    """
    one = smallest(found, auc)
    if one is None:
        return f"No stored network reaches an AUC of {auc:g} on the official test set."
    measured = (latencies or {}).get("runs", {})
    times = [measured[run.name]["ms"]["median"] for run in one.runs if run.name in measured]
    if times:
        cores = latencies["machine"]["cores"]
        time = f"{sum(times) / len(times):.1f} ms a picture on {cores} cores"
    else:
        time = "its milliseconds are not measured yet"
    return (
        f"The smallest network that reaches an AUC of {auc:g} on the official test set is "
        f"`{one.name}`: {one.runs[0].parameters:,} parameters, AUC {_said(one.figures['auc'])}, "
        f"{time}."
    )


def _said(figure: Mapping[str, float]) -> str:
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"
