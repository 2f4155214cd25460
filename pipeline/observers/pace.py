"""How long readers take, before and after the model is shown, and whether that changes as they go.

References
----------
Sen 1968, Estimates of the regression coefficient based on Kendall's tau,
doi:10.1080/01621459.1968.10480934 (the slope of Theil and Sen: no single long pause decides).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from pipeline.observers.panel import AFTER, BEFORE, Moment, moment_of
from pipeline.readings.reading import Reading

# A slope over fewer cases says nothing.
FEWEST = 8
PER = 10


@dataclass(frozen=True, eq=False)
class Pace:
    """One reader's seconds at one moment.

    Attributes
    ----------
    seconds : (n,) in the order in which the cases were answered; `position` (n,) counts from 1.
    median, lower, upper : the middle and the quartiles.
    trend : seconds more per `PER` cases, ``{"value", "low", "high", "n", "why"}``; negative where
        the reader grows faster.
    """

    reader: str
    moment: Moment
    seconds: np.ndarray
    position: np.ndarray
    median: float
    lower: float
    upper: float
    trend: dict


def paces(readings: Sequence[Reading]) -> list[Pace]:
    """Return the pace of every reader at every moment that has times, readers in order."""
    own: dict[tuple[str, Moment], list[tuple[datetime, int, float]]] = {}
    for one in readings:
        for stage, seconds, when in (
            (BEFORE, one.seconds_first, one.answered),
            (AFTER, one.seconds_final, one.finished),
        ):
            if seconds is None or when is None or (stage == AFTER and one.arm == "none"):
                continue
            own.setdefault((one.reader, moment_of(one, stage)), []).append(
                (when, one.case, seconds)
            )
    order = sorted(own, key=lambda key: (key[0], key[1].pass_number, key[1].aided))
    return [_pace(*key, sorted(own[key])) for key in order]


def _pace(reader: str, moment: Moment, rows: list[tuple[datetime, int, float]]) -> Pace:
    seconds = np.array([row[2] for row in rows], float)
    lower, median, upper = np.percentile(seconds, [25, 50, 75])
    position = np.arange(1, len(seconds) + 1)
    return Pace(
        reader,
        moment,
        seconds,
        position,
        float(median),
        float(lower),
        float(upper),
        _trend(seconds, position),
    )


def _trend(seconds: np.ndarray, position: np.ndarray) -> dict:
    n = len(seconds)
    nothing = {"value": None, "low": None, "high": None, "n": n}
    if n < FEWEST:
        return {**nothing, "why": f"fewer than {FEWEST} cases"}
    if np.ptp(seconds) == 0:
        return {**nothing, "why": "every case took the same time"}
    from scipy.stats import theilslopes  # here: it takes a second to load

    slope, _, low, high = theilslopes(seconds, position)
    return {
        "value": PER * float(slope),
        "low": PER * float(low),
        "high": PER * float(high),
        "n": n,
        "why": "",
    }
