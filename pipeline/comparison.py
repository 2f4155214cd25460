"""Runs side by side: their best figures, and the settings in which they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from pipeline.diagnosis import columns, diagnose
from pipeline.performance.drop import loss
from pipeline.runs import Run

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

    ``monitor`` names the figure the run was watched by, ``best_value`` and ``last_value`` are its
    best and its last; ``epochs_wasted, stop_epoch, stopped_early, gap_at_best, mean_gap`` are those
    of `pipeline.diagnosis.Diagnosis`; ``seconds`` of all epochs together; ``test_auc_low,
    test_auc_high``, the 95 % interval over patients; ``validation_to_test_drop, drop_low,
    drop_high``, AUC on validation patients minus AUC on the official test, as the finished run was
    judged; ``flags``, a list of ``{"name", "sentence"}``.

    Raises
    ------
    RunError : if ``metrics.json`` is damaged.
    """
    told = diagnose(
        history,
        run.config.get("monitor", "val_loss"),
        run.config.get("patience"),
        run.config.get("epochs"),
        ended=run.status != "unfinished",
    )
    table = columns(history)
    at_best = None if told.best_epoch is None else table["epoch"] == told.best_epoch
    seconds = table.get("seconds", np.empty(0))
    seconds = seconds[np.isfinite(seconds)]
    return {
        "run": run.name,
        "architecture": run.architecture,
        "status": run.status,
        "parameters": run.parameters,
        "epochs": len(history),
        "best_epoch": told.best_epoch,
        **{
            name: None if at_best is None or name not in table else _first(table[name][at_best])
            for name in ("val_loss", "val_accuracy", "val_auc")
        },
        "overfit_gap": told.gap_at_last,
        "seconds_per_epoch": float(np.median(seconds)) if len(seconds) else None,
        **_test(run),
        "monitor": told.monitor,
        "best_value": told.best,
        "last_value": told.last,
        "epochs_wasted": told.wasted,
        "stop_epoch": told.stop_epoch,
        "stopped_early": told.stopped_early,
        "gap_at_best": told.gap_at_best,
        "mean_gap": told.mean_gap,
        "seconds": float(seconds.sum()) if len(seconds) else None,
        "flags": [asdict(flag) for flag in told.flags],
    }


def setting_values(runs: Sequence[Run]) -> dict[str, list]:
    """Return the settings in which `runs` differ, by name a value per run as its run.json has it.

    None is a setting that a run does not tell; a list or the like becomes a text.
    """
    names = dict.fromkeys(name for run in runs for name in run.config)
    told = {name: [_plain(run.config.get(name)) for run in runs] for name in names}
    return {name: values for name, values in told.items() if len(set(map(_text, values))) > 1}


def differing_settings(runs: Sequence[Run], by_run: bool = False) -> pd.DataFrame:
    """Return only the settings in which `runs` differ: a row per setting, a column per run.

    A setting that a run does not tell is said to be `NOT_RECORDED`, and differs from every value.

    Parameters
    ----------
    by_run : the other way round, a row per run: for hundreds of runs, much quicker made.
    """
    different = differing([settings_of(run) for run in runs])
    table = pd.DataFrame(different, index=[run.name for run in runs])
    return table if by_run else table.T


def differing(settings: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """Return those of `settings_of` several runs that differ, by name a value per run."""
    names = dict.fromkeys(name for own in settings for name in own)
    told = {name: [own.get(name, NOT_RECORDED) for own in settings] for name in names}
    return {name: values for name, values in told.items() if len(set(values)) > 1}


def settings_of(run: Run) -> dict[str, str]:
    """Return every setting that a run tells, in words."""
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


def _plain(value):
    return value if isinstance(value, bool | int | float | str | None) else str(value)


def _first(values: np.ndarray) -> float | None:
    """Return the first that is a number."""
    known = values[np.isfinite(values)]
    return float(known[0]) if len(known) else None


def _test(run: Run) -> dict:
    metrics = run.metrics()
    point = run.document.get("operating_point")
    test, validation = (metrics.get(split, {}).get(point) for split in ("test", "validation"))
    found = dict.fromkeys(
        (
            *("test_auc", "test_accuracy", "test_n", "test_auc_low", "test_auc_high"),
            *("validation_to_test_drop", "drop_low", "drop_high"),
        )
    )
    if test is None:
        return found
    auc = test["figures"]["auc"]
    found |= {
        "test_auc": auc["value"],
        "test_accuracy": test["figures"]["accuracy"]["value"],
        "test_n": test["n"],
        "test_auc_low": auc.get("low"),
        "test_auc_high": auc.get("high"),
    }
    if validation is not None:
        found |= _drop(validation["figures"]["auc"], auc)
    return found


def _drop(validation: Mapping, test: Mapping) -> dict:
    """Return how much AUC is lost from validation patients to the official test.

    They are different children, so the limits of either follow for the difference.

    References
    ----------
    Zou, Donner 2008, Construction of confidence limits about effect measures,
    doi:10.1002/sim.3095 (MOVER).
    """
    if validation.get("value") is None or test.get("value") is None:
        return {}
    if None in (part.get(end) for part in (validation, test) for end in ("low", "high")):
        return {"validation_to_test_drop": validation["value"] - test["value"]}
    lost = loss(validation, test)
    return {
        "validation_to_test_drop": lost["value"],
        "drop_low": lost["low"],
        "drop_high": lost["high"],
    }
