"""What a training curve says, in numbers: best, last, epochs wasted, overfit gap, early stopping.

What of it is worth a sentence is `pipeline.flags`. It reads figures only, so it serves runs of any
program; a figure that was not recorded, or is no finite number, has no say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.flags import Flag, flags
from pipeline.runs import lower_is_better

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Diagnosis:
    """What one run's history says; None is what it does not tell.

    Attributes
    ----------
    monitor : the column of the history that decides which epoch is best.
    best_epoch, best : as `pipeline.runs.best_epoch`, and the monitored figure there.
    last_epoch, last : where the monitored figure was told last, and its value there.
    wasted : epochs after the best one, up to the last that is recorded.
    stop_epoch : where the run's own patience ran out; None if it never did, or is not known.
    stopped_early : whether it ended there, before the epochs that were planned; None if the run
        tells no patience or no monitored figure.
    gap_at_best, gap_at_last : validation loss minus training loss at the best epoch, and at the
        last one that tells both.
    mean_gap : the area between the two losses by trapezoids, divided by the epochs it spans; where
        the curves cross, the parts count against each other.
    flags : what is worth a sentence.
    """

    monitor: str
    best_epoch: int | None
    best: float | None
    last_epoch: int | None
    last: float | None
    wasted: int | None
    stop_epoch: int | None
    stopped_early: bool | None
    gap_at_best: float | None
    gap_at_last: float | None
    mean_gap: float | None
    flags: tuple[Flag, ...]


# What is summed of figures near the largest float is infinite, and said to be.
@np.errstate(over="ignore", invalid="ignore")
def diagnose(
    history: pd.DataFrame,
    monitor: str = "val_loss",
    patience: int | None = None,
    planned: int | None = None,
    ended: bool = True,
) -> Diagnosis:
    """Return what the history of a run says.

    Parameters
    ----------
    history : as of `pipeline.runs.Run.history`: a row per epoch, or per evaluation.
    monitor : the figure that the run was watched by.
    patience : evaluations without a better one before training stops; None if not known.
    planned : epochs that were asked for; None if not known.
    ended : False while the training may still go on: then nothing is said of its end.
    """
    table, unknown = columns(history), np.full(len(history), np.nan)
    epochs, watched, train, validation = (
        table.get(name, unknown) for name in ("epoch", monitor, "loss", "val_loss")
    )
    known = np.isfinite(watched) & np.isfinite(epochs)
    told = known.any()
    best = _best(watched[known], monitor) if told else None
    best_epoch = int(epochs[known][best]) if told else None
    last_row = float(np.nanmax(epochs)) if told else None
    stop = _stop(watched[known], monitor, patience)
    stop_epoch = None if stop is None else int(epochs[known][stop])
    both = np.isfinite(train) & np.isfinite(validation) & np.isfinite(epochs)
    gap = validation[both] - train[both]
    at_best = gap[epochs[both] == best_epoch] if told else gap[:0]
    return Diagnosis(
        monitor=monitor,
        best_epoch=best_epoch,
        best=float(watched[known][best]) if told else None,
        last_epoch=int(epochs[known][-1]) if told else None,
        last=float(watched[known][-1]) if told else None,
        wasted=int(last_row) - best_epoch if told else None,
        stop_epoch=stop_epoch,
        stopped_early=None
        if patience is None or not told
        else stop == known.sum() - 1 and (planned is None or last_row < planned),
        gap_at_best=float(at_best[0]) if len(at_best) else None,
        gap_at_last=float(gap[-1]) if len(gap) else None,
        mean_gap=_mean(epochs[both], gap),
        flags=flags(epochs, watched, train, validation, monitor, ended),
    )


def best_value(history: pd.DataFrame, figure: str) -> float | None:
    """Return the best that a figure ever was; None if it was not recorded."""
    values = _numbers(history[figure]) if figure in history else np.empty(0)
    values = values[np.isfinite(values)]
    return float(values[_best(values, figure)]) if len(values) else None


def columns(history: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return every column (N,) float64 by its name; NaN where it is not told, or is no number."""
    names = history.columns.tolist()
    try:
        # At once: a column of its own takes pandas longer than all that is computed from it.
        return dict(zip(names, history.to_numpy(np.float64).T, strict=True))
    except (TypeError, ValueError):  # another program may log words
        return {name: _numbers(history[name]) for name in names}


def _numbers(values: pd.Series) -> np.ndarray:
    try:
        return values.to_numpy(np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        return np.full(len(values), np.nan)


def _best(values: np.ndarray, figure: str) -> int:
    return int(np.argmin(values) if lower_is_better(figure) else np.argmax(values))


def _stop(values: np.ndarray, figure: str, patience: int | None) -> int | None:
    """Return at which evaluation `patience` ran out, as Keras' EarlyStopping counts."""
    if patience is None or not len(values):
        return None
    so_far = np.minimum.accumulate(values if lower_is_better(figure) else -values)
    better = np.concatenate([[True], so_far[1:] < so_far[:-1]])
    rows = np.arange(len(values))
    waited = rows - np.maximum.accumulate(np.where(better, rows, 0))
    spent = np.flatnonzero(waited >= max(patience, 1))
    return int(spent[0]) if len(spent) else None


def _mean(epochs: np.ndarray, values: np.ndarray) -> float | None:
    """Return the mean over the epochs by trapezoids; of one epoch its value."""
    if not len(values):
        return None
    span = epochs[-1] - epochs[0]
    # Rows of one and the same epoch span nothing: each then counts alike.
    return float(np.trapezoid(values, epochs) / span if span > 0 else values.mean())
