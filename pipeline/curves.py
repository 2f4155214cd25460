"""Training curves as numbers: smoothing, and the one table that is drawn and downloaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

# What a curve may show: columns of history.csv. Those with a twin `val_...` have two sides.
METRICS = (
    "loss",
    "accuracy",
    "auc",
    "sensitivity",
    "specificity",
    "objective",
    "learning_rate",
)
CURVE_COLUMNS = ("run", "metric", "side", "epoch", "seconds", "raw", "smoothed")


def smooth(values: pd.Series, weight: float) -> pd.Series:
    """Return the debiased exponential moving average.

    Parameters
    ----------
    values : (N,) one figure per epoch; a missing one stays missing and has no influence.
    weight : share of the past in each value, 0 <= weight < 1; 0 changes nothing.

    Raises
    ------
    ValueError : for a weight outside the range.

    References
    ----------
    The bias correction is that of Kingma, Ba 2015, arXiv:1412.6980, section 3.
    """
    if not 0 <= weight < 1:
        raise ValueError(f"Expected 0 <= weight < 1. Received: {weight!r}")
    average = values.ewm(alpha=1 - weight, adjust=True, ignore_na=True).mean()
    return average.where(values.notna())


def curves(
    histories: Mapping[str, pd.DataFrame], metrics: Sequence[str], smoothing: float = 0.0
) -> pd.DataFrame:
    """Return every chosen curve in long form.

    Parameters
    ----------
    histories : per run name its `Run.history`.
    metrics : names in `METRICS`; what a run did not record it has no rows for.
    smoothing : weight of `smooth`.

    Returns
    -------
    DataFrame with `CURVE_COLUMNS`: `side` is ``train`` or ``validation``, `seconds` counts from
    the start of the training to the end of the epoch.
    """
    parts = []
    for run, history in histories.items():
        for metric in metrics:
            for side, column in (("train", metric), ("validation", f"val_{metric}")):
                if column not in history:
                    continue
                part = history[["epoch"]].assign(
                    run=run, metric=metric, side=side, raw=history[column].astype(float)
                )
                part["seconds"] = history["seconds"].cumsum() if "seconds" in history else None
                part["smoothed"] = smooth(part["raw"], smoothing)
                parts.append(part[list(CURVE_COLUMNS)])
    if not parts:
        return pd.DataFrame(columns=list(CURVE_COLUMNS))
    return pd.concat(parts, ignore_index=True)


def overfit_gap(history: pd.DataFrame) -> float | None:
    """Return validation loss minus training loss at the last epoch; None if not recorded.

    Near 0 the network does as well on pictures it has not seen; far above 0 it has learned
    its training pictures by heart. Below 0 is usual where only training pictures are altered.
    """
    if "loss" not in history or "val_loss" not in history or history.empty:
        return None
    last = history.iloc[-1]
    gap = float(last["val_loss"] - last["loss"])
    return gap if pd.notna(gap) else None
