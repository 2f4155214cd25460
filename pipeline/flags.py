"""What of a training curve is worth a sentence: five flags with fixed limits.

The limits are conventions, not laws; each is named below, and every sentence has the numbers in it.
They do not change when a loss is measured in other units. What a flag must not take for a trend is
the up and down from one evaluation to the next: the median step of the last ones is its measure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.runs import lower_is_better

TOO_FEW = "too few epochs"
DIVERGED = "diverged"
OVERFITTING = "overfitting"
PLATEAU = "plateau"
STILL_IMPROVING = "still improving"
FLAGS = (DIVERGED, OVERFITTING, STILL_IMPROVING, PLATEAU, TOO_FEW)

# Evaluations below which no trend is told.
FEWEST = 6
# What "the last ones" are: this many evaluations, or this part of all where that is more.
WINDOW, WINDOW_PART = 5, 0.1
# A plateau is a gain in the window of at most this, for a share between 0 and 1 where higher is
# better; for anything else of at most this part of the best value before.
GAIN_SHARE, GAIN_PART = 0.001, 0.01
# Still improving: the best lies within the last fifth of the window, at least the last two.
LATE_PART, LATE = 0.2, 2
# Diverged: the last ones are all above so many times the lowest training loss, and at least half
# of the way back to where it began.
DIVERGED_TIMES, DIVERGED_BACK, DIVERGED_LAST = 2.0, 0.5, 3
# Overfitting: the validation loss ends (mean of the last ones) by this part above its lowest.
OVERFIT_RISE, OVERFIT_LAST = 0.1, 3


@dataclass(frozen=True)
class Flag:
    """One remark: its name, of `FLAGS`, and a sentence with the numbers in it."""

    name: str
    sentence: str


def flags(
    epochs: np.ndarray,
    watched: np.ndarray,
    train: np.ndarray,
    validation: np.ndarray,
    monitor: str,
    ended: bool = True,
) -> tuple[Flag, ...]:
    """Return what is worth saying of a run, in the order of `FLAGS`.

    Parameters
    ----------
    epochs, watched, train, validation : (N,) float64; the monitored figure, training loss and
        validation loss of each row, NaN where not told.
    monitor : name of the monitored figure.
    ended : False while the training may still go on: then a gain at its end is no remark.
    """
    known = np.isfinite(watched) & np.isfinite(epochs)
    at, values = epochs[known], watched[known]
    remarks = [_diverged(epochs, train, validation)]
    if len(values) < FEWEST:
        remarks.append(_too_few(len(values), monitor, len(epochs)))
    else:
        if remarks[0] is None:  # a curve that burst has no gap worth speaking of
            remarks.append(_overfitting(epochs, train, validation))
        remarks.append(_end(at, values, monitor, ended))
    return tuple(remark for remark in remarks if remark is not None)


def title(figure: str) -> str:
    """Return what a column of a history is called in a sentence: ``val_auc``: validation AUC."""
    side = "validation" if figure.startswith("val_") else "training"
    plain = figure.removeprefix("val_").replace("_", " ")
    return f"{side} {plain.upper() if plain == 'auc' else plain}"


def _too_few(count: int, monitor: str, rows: int) -> Flag:
    if not rows:
        return Flag(TOO_FEW, "No epoch is recorded.")
    if not count:
        return Flag(TOO_FEW, f"The {title(monitor)} was not recorded, so no epoch is the best.")
    times = "once" if count == 1 else f"{count} times"
    return Flag(
        TOO_FEW,
        f"The {title(monitor)} is known only {times}: too few to tell a trend, which takes "
        f"{FEWEST}.",
    )


def _diverged(epochs: np.ndarray, train: np.ndarray, validation: np.ndarray) -> Flag | None:
    broken = _broken(epochs, train, validation)
    if broken is not None:
        return Flag(
            DIVERGED,
            f"The loss is no number any more from epoch {broken:g} on: the training burst. A lower "
            "learning rate is the usual cure.",
        )
    known = np.isfinite(train) & np.isfinite(epochs)
    at, values = epochs[known], train[known]
    if len(values) <= DIVERGED_LAST:
        return None
    lowest = int(np.argmin(values))
    limit = max(
        DIVERGED_TIMES * values[lowest],
        values[lowest] + DIVERGED_BACK * (values[0] - values[lowest]),
    )
    # Without a true zero "twice as high" means nothing.
    if values[lowest] <= 0 or values[-DIVERGED_LAST:].min() <= limit:
        return None
    return Flag(
        DIVERGED,
        f"The training loss rose from {_number(values[lowest])} at epoch {at[lowest]:g} to "
        f"{_number(values[-1])} at epoch {at[-1]:g} and did not come back: the training diverged.",
    )


def _broken(epochs: np.ndarray, train: np.ndarray, validation: np.ndarray) -> float | None:
    """Return the first of the last epochs whose losses are all no finite number; None without any.

    What another program logs now and then leaves rows without a loss, too: only a stretch longer
    than any before it counts.
    """
    lost = ~(np.isfinite(train) | np.isfinite(validation))
    if lost.all() or not len(lost) or not lost[-1]:
        return None
    told = np.flatnonzero(~lost)
    longest = int(np.diff(told).max(initial=1)) - 1
    return float(epochs[told[-1] + 1]) if len(lost) - 1 - told[-1] > longest else None


def _overfitting(epochs: np.ndarray, train: np.ndarray, validation: np.ndarray) -> Flag | None:
    known = np.isfinite(train) & np.isfinite(validation) & np.isfinite(epochs)
    at, train, validation = epochs[known], train[known], validation[known]
    if len(at) < FEWEST:
        return None
    lowest = int(np.argmin(validation))
    if lowest >= len(at) - OVERFIT_LAST:
        return None
    end, end_train = validation[-OVERFIT_LAST:].mean(), train[-OVERFIT_LAST:].mean()
    rise = end - validation[lowest]
    if (
        rise <= max(OVERFIT_RISE * abs(validation[lowest]), _usual_step(validation))
        or end_train > train[lowest]
        or end <= end_train  # still better on pictures it has not seen: nothing learned by heart
    ):
        return None
    before, after = (validation[lowest], train[lowest]), (end, end_train)
    rose, fell = (
        f"from {_number(old)} to {_number(new)}" for old, new in zip(before, after, strict=True)
    )
    return Flag(
        OVERFITTING,
        f"Since epoch {at[lowest]:g} the validation loss rose {rose} (mean of the last "
        f"{OVERFIT_LAST}), while the training loss fell {fell}: the usual sign of learning the "
        "training pictures by heart.",
    )


def _end(at: np.ndarray, values: np.ndarray, monitor: str, ended: bool) -> Flag | None:
    """Return the remark on the last evaluations, (N,) of at least `FEWEST`."""
    window = min(max(WINDOW, round(WINDOW_PART * len(values))), len(values) - 1)
    # Turned so that lower is better; what was best before, and what the window brought.
    turned = values if lower_is_better(monitor) else -values
    best = int(np.argmin(turned))
    before = int(np.argmin(turned[:-window]))
    gain = float(turned[before] - turned[-window:].min())
    is_share = not lower_is_better(monitor) and values.min() >= 0 and values.max() <= 1
    limit = GAIN_SHARE if is_share else GAIN_PART * abs(values[before])
    if gain <= limit:
        said = f"{GAIN_SHARE:g}" if is_share else f"{100 * GAIN_PART:g} %"
        return Flag(
            PLATEAU,
            f"The {title(monitor)} got no better by more than {said} over the last {window} "
            f"evaluations: best {_number(values[best])} at epoch {at[best]:g} of {at[-1]:g}.",
        )
    late = max(LATE, round(LATE_PART * window))
    if not ended or best < len(values) - late or gain <= _usual_step(turned[-2 * window :]):
        return None
    return Flag(
        STILL_IMPROVING,
        f"It was stopped while it still got better: the best {title(monitor)} was "
        f"{_number(values[before])} before the last {window} evaluations and "
        f"{_number(values[best])} at epoch {at[best]:g} of {at[-1]:g}. More epochs may help.",
    )


def _usual_step(values: np.ndarray) -> float:
    """Return by how much a curve usually moves from one evaluation to the next, its median."""
    return float(np.median(np.abs(np.diff(values))))


def _number(value: float) -> str:
    return f"{value:.4g}"
