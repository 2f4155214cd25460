"""What a training curve shows, over what, and whether it still grows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.config import CLASS_NAMES
from pipeline.runs import Run

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
# What a curve may be drawn over.
AXES = ("epoch", "step", "seconds", "images")
# A training that has told nothing for as long may have died.
LATE_EPOCHS, LATE_SECONDS = 5, 600.0


def axes(run: Run, history: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return, for every name in `AXES` that is known, where each row of the history stands.

    Returns
    -------
    Arrays (N,) float64: ``epoch``; ``step``, of the optimiser, at the end of the row; ``seconds``
    since the training began; ``images``, seen so far.
    """
    epoch = history["epoch"].to_numpy(float)
    train = run.document.get("data", {}).get("train", {})
    images = sum(train.get(name, 0) for name in CLASS_NAMES)
    batch = run.config.get("batch_size")
    found = {"epoch": epoch}
    if "step" in history:
        found["step"] = history["step"].to_numpy(float)
    elif images and batch:
        found["step"] = epoch * -(-images // batch)  # the last batch of an epoch is a smaller one
    if "seconds" in history:
        found["seconds"] = np.nancumsum(history["seconds"].to_numpy(float))
    if images:
        found["images"] = epoch * images
    elif batch and "step" in found:
        found["images"] = found["step"] * batch
    return found


def figures(history: pd.DataFrame) -> list[str]:
    """Return the figures that a history tells, on either side, without ``val_``."""
    told = dict.fromkeys(name.removeprefix("val_") for name in history)
    return [name for name in told if name not in AXES]


def stalled_since(run: Run, history: pd.DataFrame, now: float) -> float | None:
    """Return when a training was last heard of, if it should have told something since; else None.

    Parameters
    ----------
    now : seconds since 1970.

    Returns
    -------
    Seconds since 1970. A training is late after five of its usual epochs, and ten minutes at least.
    """
    if run.status != "unfinished":
        return None
    written = [path.stat().st_mtime for path in run.folder.glob("*.*") if path.is_file()]
    last = max(written, default=now)
    usual = history["seconds"].median() if "seconds" in history and len(history) else 0.0
    return last if now - last > max(LATE_SECONDS, LATE_EPOCHS * usual) else None
