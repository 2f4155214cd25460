"""How much one person may ask of the server, so that everybody is served.

Without sign-in a person is a session, which a new tab renews: then only the limits of the whole
server (the queue, the decoders, all uploaded bytes) hold against somebody who means harm.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from dashboard import logs, metrics
from dashboard.wording import operations as wording
from pipeline.errors import PipelineError

# Persons whose buckets are kept; whoever is forgotten has a full one again.
_PERSONS = 10_000


class LimitReached(PipelineError):  # noqa: N818 - nothing went wrong
    """Something that has to wait, or is too much."""


@dataclass(frozen=True)
class Rate:
    """So many in so many seconds, at once or spread.

    Attributes
    ----------
    limit : how it is counted, a word of ``metrics.LABELS["limit"]``.
    variable, default : of the environment, and without it.
    seconds : in which that many are given anew.
    """

    limit: str
    variable: str
    default: int
    seconds: float


UPLOADS = Rate(metrics.UPLOADS, "XRAY_UPLOADS_PER_MINUTE", 60, 60)
STUDIES = Rate(metrics.STUDIES, "XRAY_STUDIES_PER_HOUR", 30, 3600)
IMPORTS = Rate(metrics.IMPORTS, "XRAY_IMPORTS_PER_HOUR", 60, 3600)


class Buckets:
    """A token bucket for every person, full at first. May be shared by threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        # Tokens, and when they were counted.
        self._left: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def take(self, rate: Rate, person: str) -> None:
        """Take one token.

        Raises
        ------
        LimitReached : if there is none, saying when there will be.
        """
        most = number(rate.variable, rate.default)
        now, key = self._clock(), (rate.limit, person)
        with self._lock:
            tokens, counted = self._left.pop(key, (float(most), now))
            tokens = min(most, tokens + (now - counted) * most / rate.seconds)
            taken = tokens >= 1
            self._left[key] = (tokens - taken, now)
            if len(self._left) > _PERSONS:
                self._left.popitem(last=False)
        if not taken:
            seconds = math.ceil((1 - tokens) * rate.seconds / most)
            raise refused(rate.limit, person, *wording.too_often(rate.limit, most, seconds))


_buckets = Buckets()


def take(rate: Rate, person: str) -> None:
    """Count one of what `rate` limits for a person.

    Raises
    ------
    LimitReached : if it is one too many now.
    """
    _buckets.take(rate, person)


def refused(limit: str, person: str, message: str, hint: str) -> LimitReached:
    """Count and log a refusal; return it, to be raised or shown."""
    metrics.limited(limit)
    logs.tell("limit", limit=limit, person=person)
    return LimitReached(message, hint)


def number(variable: str, default: int) -> int:
    """Return a limit that the environment sets, a whole number above 0.

    Raises
    ------
    PipelineError : if it is none.
    """
    given = os.environ.get(variable, "").strip() or str(default)
    if not given.isascii() or not given.isdecimal() or len(given) > 9 or int(given) < 1:
        raise PipelineError(
            f"{variable} is not a whole number above 0.",
            "Correct it in the server's environment, or leave it out, and start the server again.",
        )
    return int(given)
