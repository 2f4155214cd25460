"""Figures while they are being read: a value at a position, however sparse and often restarted."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np

from pipeline.errors import RunError
from pipeline.foreign.limits import FIGURES, RUN_POINTS

# Beyond this a float64 no longer counts by ones.
_LARGEST = 2**53


@dataclass
class Track:
    """One figure: positions that only grow, with the value and the time (Unix seconds) of each."""

    positions: array = field(default_factory=lambda: array("q"))
    values: array = field(default_factory=lambda: array("d"))
    times: array = field(default_factory=lambda: array("d"))

    def back_to(self, position: int) -> int:
        """Forget everything from `position` on; return how many values that were."""
        first = bisect_left(self.positions, position)
        forgotten = len(self.positions) - first
        for column in (self.positions, self.values, self.times):
            del column[first:]
        return forgotten


class Tracks:
    """All figures of a run.

    A training that is started again from a checkpoint logs some positions a second time. The
    later values count, as in TensorBoard.
    """

    def __init__(self):
        self.by_name: dict[str, Track] = {}
        self.replaced = 0
        self.not_finite = 0
        self.points = 0

    def add(self, name: str, position: int, value: float, time: float = math.nan) -> None:
        """Log a value; NaN and infinity are kept as missing, and counted.

        Raises
        ------
        RunError : if the run has more figures or points than `limits` allows.
        """
        if not -_LARGEST < position < _LARGEST:
            return
        if name not in self.by_name:
            if len(self.by_name) == FIGURES:
                raise RunError(
                    f"It logs more than {FIGURES} figures.", "Import a log with fewer figures."
                )
            self.by_name[name] = Track()
        track = self.by_name[name]
        if track.positions and position <= track.positions[-1]:
            self.replaced += track.back_to(position)
        if not math.isfinite(value):
            self.not_finite += 1
            value = math.nan
        self.points += 1
        if self.points > RUN_POINTS:
            raise RunError(
                f"It holds more than {RUN_POINTS:,} points.", "Import a log that is less dense."
            )
        track.positions.append(position)
        track.values.append(value)
        track.times.append(time)

    def restart(self, position: int) -> None:
        """Forget everything from `position` on, of all figures."""
        self.replaced += sum(track.back_to(position) for track in self.by_name.values())

    def notes(self) -> list[str]:
        """Return what a reader should know of these figures."""
        notes = []
        if self.replaced:
            notes.append(
                f"{_values(self.replaced)} replaced by later ones: the training was started again "
                "at an earlier step, or logged a step twice."
            )
        if self.not_finite:
            notes.append(f"{_values(self.not_finite)} not a finite number: kept as missing.")
        return notes


def _values(count: int) -> str:
    return "1 value was" if count == 1 else f"{count:,} values were"


def aligned(tracks: dict[str, Track]) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Bring figures to common rows.

    Returns
    -------
    positions : (N,) int64, growing.
    times : (N,) float64, Unix seconds of the last value of the row; NaN where none is known.
    columns : per figure (N,) float64, NaN where it was not logged.

    Raises
    ------
    RunError : if the table would have twice as many cells as a run may have points.
    """
    used = {name: track for name, track in tracks.items() if track.positions}
    if not used:
        return np.empty(0, np.int64), np.empty(0), {}
    positions = np.unique(
        np.concatenate([np.frombuffer(t.positions, np.int64) for t in used.values()])
    )
    if len(positions) * len(used) > 2 * RUN_POINTS:
        raise RunError(
            f"Its {len(used)} figures at {len(positions):,} steps make too large a table.",
            "Import a log that is less dense.",
        )
    times, columns = np.full(len(positions), -np.inf), {}
    for name, track in used.items():
        rows = np.searchsorted(positions, np.frombuffer(track.positions, np.int64))
        columns[name] = np.full(len(positions), np.nan)
        columns[name][rows] = np.frombuffer(track.values, np.float64)
        times[rows] = np.fmax(times[rows], np.frombuffer(track.times, np.float64))
    return positions, np.where(np.isfinite(times), times, np.nan), columns
