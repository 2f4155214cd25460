"""Runs judged from their stored predictions; and decided anew."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import evaluation
from pipeline.errors import RunError
from pipeline.judging.held_out import judged_anew
from pipeline.judging.results import over_runs, result
from pipeline.runs import PREDICTION_COLUMNS, Run, plain_csv
from pipeline.storage import write_json, write_text

if TYPE_CHECKING:
    import pandas as pd


def evaluate_stored(
    runs: Sequence[Run],
    point: str | None = None,
    write: bool = False,
    prevalence: float | None = None,
    refit: bool = False,
    dataset: Path | None = None,
) -> dict:
    """Compute ``metrics.json`` of each run again from its ``predictions.csv``.

    Parameters
    ----------
    write : replace ``metrics.json``; with `refit` also ``run.json`` and ``predictions.csv``.
    refit : fit temperature, operating points and abstain band anew on the validation rows, so that
        a run of an older version gains what this one knows.
    dataset : if given, the stored network first judges the pictures of ``predictions.csv`` anew,
        and everything is fitted to that; only with `refit`.

    Returns
    -------
    As `pipeline.judging.evaluate`, without ``data``; each run besides has ``split``,
    ``metrics_json`` (whether the stored file agrees) and, with `refit`, ``refit``: the temperature
    before and after.

    Raises
    ------
    RunError : if a run has no stored predictions, or none to fit on.
    """
    results = []
    for stored in runs:
        table = judged_anew(stored, dataset) if dataset else stored.predictions()
        if table.empty or "operating_points" not in stored.document:
            raise RunError(
                f"The run {stored.name} has no stored predictions.",
                "Choose a finished run: 'python -m pipeline runs' lists them.",
            )
        run, table = refitted(stored, table) if refit else (stored, table)
        metrics = evaluation.judge(table, run.operating_points)
        split = "test" if "test" in metrics else "validation"
        chosen = run.point(point)
        agrees = _same(metrics, stored.metrics())
        if write:
            if refit:
                _write_predictions(run, table)
            write_json(run.folder / "metrics.json", metrics)
            if refit:  # last: a run that was interrupted here can be refitted again
                write_json(run.folder / "run.json", run.document)
        one = result(
            run,
            chosen,
            metrics[split][chosen],
            *_judged(table[table["split"] == split]),
            prevalence,
        )
        one |= {"split": split, "metrics_json": "written" if write else _agreement(agrees)}
        if refit:
            one["refit"] = {
                "temperature_before": stored.temperature,
                "temperature": run.temperature,
                "operating_points": {
                    name: entry["threshold"] for name, entry in run.operating_points.items()
                },
            }
        results.append(one)
    return {"data": None, "runs": results, "over_runs": over_runs(results)}


def refitted(run: Run, table: pd.DataFrame) -> tuple[Run, pd.DataFrame]:
    """Return the run and its predictions with every decision fitted anew; writes nothing.

    Parameters
    ----------
    table : ``run.predictions()``.

    Raises
    ------
    RunError : without stored predictions of validation patients of both classes.
    """
    own = table[table["split"] == "validation"]
    if own["label"].nunique() < 2:
        raise RunError(
            f"The run {run.name} has no predictions of validation patients of both classes.",
            "Train it again: decisions are fitted on validation patients only.",
        )
    fitted = evaluation.fit_decision(table)
    temperature = fitted["calibration"]["temperature"]
    probability = evaluation.probability(table["logit"], temperature)
    return Run(run.folder, run.document | fitted), table.assign(probability=probability)


def _judged(table: pd.DataFrame) -> tuple[tuple, dict]:
    label, patient = table["label"].to_numpy(), table["patient"].tolist()
    families = evaluation.name_families(label, table["kind"], patient)
    return (table["probability"].to_numpy(), label, patient), families


def _write_predictions(run: Run, table: pd.DataFrame) -> None:
    rows = table[list(PREDICTION_COLUMNS)].to_dict("records")
    write_text(run.folder / "predictions.csv", plain_csv(PREDICTION_COLUMNS, rows))


def _agreement(agrees: bool) -> str:
    return "agrees" if agrees else "differs: --write replaces it"


def _same(a, b) -> bool:
    """Compare documents; another processor may round the last bit of a figure otherwise."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    return a == b
