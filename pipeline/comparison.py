"""Runs side by side: their best figures, and the settings in which they differ."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from pipeline.curves import overfit_gap
from pipeline.runs import Run, best_epoch

NOT_RECORDED = "not recorded"


def summary(run: Run, history: pd.DataFrame) -> dict:
    """Return what tells runs apart at a glance; a figure that does not exist is None.

    Parameters
    ----------
    history : ``run.history()``.

    Returns
    -------
    ``run, architecture, status, parameters, epochs, best_epoch``; ``val_loss, val_accuracy,
    val_auc`` at the best epoch (by the figure the run was watched by), never at the last;
    ``overfit_gap``; ``seconds_per_epoch`` (median); ``test_auc, test_accuracy, test_n`` of the
    official test set, the accuracy at the run's own operating point.

    Raises
    ------
    RunError : if ``metrics.json`` is damaged.
    """
    best = best_epoch(history, run.config.get("monitor", "val_loss"))
    row = {} if best is None else history.loc[history["epoch"] == best].iloc[0].to_dict()
    figures = {name: row.get(name) for name in ("val_loss", "val_accuracy", "val_auc")}
    timed = "seconds" in history and not history.empty
    return {
        "run": run.name,
        "architecture": run.architecture,
        "status": run.status,
        "parameters": run.parameters,
        "epochs": len(history),
        "best_epoch": best,
        **{name: None if pd.isna(value) else value for name, value in figures.items()},
        "overfit_gap": overfit_gap(history),
        "seconds_per_epoch": float(history["seconds"].median()) if timed else None,
        **_test(run),
    }


def differing_settings(runs: Sequence[Run]) -> pd.DataFrame:
    """Return only the settings in which `runs` differ: a row per setting, a column per run.

    A setting that a run does not tell is said to be `NOT_RECORDED`, and differs from every value.
    """
    settings = {run.name: _settings(run) for run in runs}
    names = list(dict.fromkeys(name for own in settings.values() for name in own))
    rows = {
        name: {run: own.get(name, NOT_RECORDED) for run, own in settings.items()} for name in names
    }
    different = {name: row for name, row in rows.items() if len(set(row.values())) > 1}
    return pd.DataFrame.from_dict(different, orient="index", columns=list(settings))


def _settings(run: Run) -> dict[str, str]:
    data = run.document.get("data", {})
    sizes = {
        f"{split} images": data[split]["NORMAL"] + data[split]["PNEUMONIA"]
        for split in ("train", "validation")
        if split in data
    }
    source = data.get("validation", {}).get("taken_from")
    if source:
        sizes["validation taken from"] = source
    return {name: _text(value) for name, value in {**run.config, **sizes}.items()}


def _text(value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _test(run: Run) -> dict:
    points = run.metrics().get("test", {})
    report = points.get(run.document.get("operating_point"))
    if report is None:
        return {"test_auc": None, "test_accuracy": None, "test_n": None}
    return {
        "test_auc": report["figures"]["auc"]["value"],
        "test_accuracy": report["figures"]["accuracy"]["value"],
        "test_n": report["n"],
    }
