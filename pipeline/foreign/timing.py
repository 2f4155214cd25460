"""When rows were logged, as the seconds that each took."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

# Unix seconds of the years 1980 and 2200: outside of them a clock was not set.
_CLOCK = (3.2e8, 7.3e9)
# A log that is opened at its first row tells nothing of how long that row took.
_OPENED_LATE = 0.1


def seconds_of(times: np.ndarray, starts: Sequence[float]) -> np.ndarray | None:
    """Return how long each row took.

    A row begins where the one before ended, or where a session began after it: the night between
    two sessions is no training time.

    Parameters
    ----------
    times : (N,) Unix seconds at the end of each row; NaN where unknown.
    starts : Unix seconds at which sessions were opened, in any order.

    Returns
    -------
    (N,) seconds, NaN where they cannot be told; None if they cannot be told at all.
    """
    known = times[np.isfinite(times)]
    if not len(known) or (len(times) > 1 and known.min() == known.max()):
        return None
    opened = np.sort([start for start in starts if np.isfinite(start)])
    begins = np.concatenate([[-np.inf], times[:-1]])
    # NaN sorts last, so that a row after one without a time has no start either.
    following = np.searchsorted(opened, begins, side="right")
    own = np.append(opened, np.inf)[np.minimum(following, len(opened))]
    begins = np.where(own <= times, own, begins)
    seconds = np.where(np.isfinite(begins), times - begins, np.nan)
    seconds[seconds < 0] = np.nan  # the clock was set back
    rest = seconds[1:][np.isfinite(seconds[1:])]
    if len(rest) and seconds[0] < _OPENED_LATE * np.median(rest):
        seconds[0] = np.nan
    if not (seconds > 0).any():
        return None
    return np.round(seconds, 4)


def moment(time: float) -> str | None:
    """Return Unix seconds as ISO 8601 in UTC; None for what no clock would say."""
    if not _CLOCK[0] < time < _CLOCK[1]:
        return None
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="seconds")
