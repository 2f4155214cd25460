"""Every figure of a card, computed anew from what is stored with the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline import evaluation
from pipeline.card.sources import digest, stored
from pipeline.performance.table import seed_groups
from pipeline.runs import Run

if TYPE_CHECKING:
    import pandas as pd

SPLITS = ("test", "validation")
# Limits of an interval may differ in the last digits between machines, shares of counts may not.
_VALUE, _LIMIT = 1e-9, 1e-6


@dataclass(frozen=True)
class Evidence:
    """What a run's files give when everything is computed again.

    Attributes
    ----------
    reports : split -> operating point -> `pipeline.evaluation.report`.
    selective : split -> `pipeline.evaluation.selective`; empty if the run has no abstain band.
    subgroups : family -> subgroup -> report, at the run's own point on the official test set.
    seeds : run -> its report on the test set, itself and its siblings, each at its own point.
    faults : sentences, where what is stored does not follow from the predictions.
    """

    table: pd.DataFrame
    reports: Mapping[str, Mapping[str, dict]] = field(default_factory=dict)
    selective: Mapping[str, dict] = field(default_factory=dict)
    subgroups: Mapping[str, Mapping[str, dict]] = field(default_factory=dict)
    seeds: Mapping[str, dict] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


def gather(run: Run, siblings: Sequence[Run]) -> Evidence:
    """Compute the figures of `run`; a recorded run without predictions has none.

    Parameters
    ----------
    siblings : as of `siblings_of`.
    """
    table = run.predictions()
    if table.empty:
        return Evidence(table)
    table = table[table["split"].isin(SPLITS)]
    point = run.point()
    reports = evaluation.judge(table, run.operating_points)
    test = table[table["split"] == "test"]
    groups: Mapping[str, Mapping[str, dict]] = {}
    if len(test):
        families = evaluation.name_families(test["label"], test["kind"], test["patient"])
        groups = evaluation.subgroups(
            test["probability"],
            test["label"],
            run.operating_points[point]["threshold"],
            families,
            test["patient"].tolist(),
        )
    return Evidence(
        table=table,
        reports=reports,
        selective=_selective(run, table),
        subgroups=groups,
        seeds=_seeds(run, reports, siblings),
        faults=(
            *_metrics_faults(run, reports),
            *_decision_faults(run, table),
            *_network_faults(run),
        ),
    )


def siblings_of(run: Run, runs: Sequence[Run]) -> list[Run]:
    """Return the finished runs with predictions that differ from `run` by nothing but the seed."""
    finished = [
        other
        for other in runs
        if other.status == "finished" and (other.folder / "predictions.csv").is_file()
    ]
    for group in seed_groups(finished):
        if run.name in {other.name for other in group}:
            return [other for other in group if other.name != run.name]
    return []


def _selective(run: Run, table: pd.DataFrame) -> dict[str, dict]:
    band = run.document.get("abstain")
    if not band:
        return {}
    return {
        split: evaluation.selective(
            own["probability"], own["label"], band["low"], band["high"], own["patient"].tolist()
        )
        for split, own in table.groupby("split", sort=False)
    }


def _seeds(run: Run, reports: Mapping, siblings: Sequence[Run]) -> dict[str, dict]:
    if "test" not in reports or not siblings:
        return {}
    found = {run.name: reports["test"][run.point()]}
    for other in siblings:
        table, point = other.predictions(), other.point()
        own = evaluation.judge(
            table[table["split"] == "test"], {point: other.operating_points[point]}
        )
        if "test" in own:
            found[other.name] = own["test"][point]
    return dict(sorted(found.items()))


def _network_faults(run: Run) -> list[str]:
    """Say where a stored network, or what was measured of it, is another than run.json's."""
    told, path = run.document.get("model_sha256"), run.folder / "model.onnx"
    faults = []
    if path.is_file() and digest(path)[0] != told:
        faults.append("model.onnx is not the network that run.json names.")
    measured = stored(run.folder / "shortcuts.json")
    if measured and measured.get("model_sha256", told) != told:
        faults.append("shortcuts.json was measured on another network.")
    return faults


def _metrics_faults(run: Run, reports: Mapping) -> list[str]:
    """Say where ``metrics.json`` is not what the predictions give."""
    metrics = run.metrics()
    faults = []
    for split, points in reports.items():
        for point, report in points.items():
            told = metrics.get(split, {}).get(point)
            if told is None:
                faults.append(f"metrics.json lacks {split} at {point}.")
            elif told["counts"] != report["counts"] or not _same(told, report):
                faults.append(
                    f"metrics.json at {split}, {point} does not follow from predictions.csv."
                )
    return faults


def _same(told: Mapping, computed: Mapping) -> bool:
    return all(
        _close(told["figures"].get(name, {}).get(key), entry[key], allowed)
        for name, entry in computed["figures"].items()
        for key, allowed in (("value", _VALUE), ("low", _LIMIT), ("high", _LIMIT), ("n", 0))
    )


def _close(told: float | None, computed: float | None, allowed: float) -> bool:
    if told is None or computed is None:
        return told is computed
    return abs(told - computed) <= allowed


def _decision_faults(run: Run, table: pd.DataFrame) -> list[str]:
    """Say where temperature, thresholds and band are not what the validation rows give."""
    if len(table[table["split"] == "validation"]["label"].unique()) < 2:
        return []
    fitted = evaluation.fit_decision(table)
    faults = []
    if not _close(run.temperature, fitted["calibration"]["temperature"], _LIMIT):
        faults.append("The temperature in run.json does not follow from the validation rows.")
    for name, entry in run.operating_points.items():
        anew = fitted["operating_points"].get(name)
        if anew and not _close(entry["threshold"], anew["threshold"], _LIMIT):
            faults.append(f"The threshold {name} in run.json does not follow from them.")
    band, anew = run.document.get("abstain"), fitted["abstain"]
    if band and not all(_close(band[end], anew[end], _LIMIT) for end in ("low", "high")):
        faults.append("The abstain band in run.json does not follow from them.")
    return faults
