"""Long work beside the page: it waits for its turn, tells how far it is, and stops.

A job calls nothing of Streamlit; the page asks it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from dashboard import errors, limits, logs, metrics
from dashboard.fair_queue import WAITING, FairQueue, Place, QueueFull
from dashboard.limits import LimitReached
from dashboard.wording import operations as wording
from pipeline.errors import Cancelled, PipelineError

_lock = threading.Lock()
_queues: dict[str, FairQueue] = {}


def heavy() -> FairQueue:
    """Return the queue of this process for work that takes the cores."""
    with _lock:
        if "heavy" not in _queues:
            _queues["heavy"] = FairQueue(
                # Two LIMEs at once on the same cores would both take twice as long.
                workers=limits.number("XRAY_HEAVY_WORKERS", 1),
                most=limits.number("XRAY_HEAVY_WAITING", 50),
                # A page asks for two explanations at a time; somebody may have several open.
                most_of_person=limits.number("XRAY_HEAVY_WAITING_PER_PERSON", 6),
            )
        return _queues["heavy"]


def fetching() -> FairQueue:
    """Return the queue for downloads, which wait for the network and hold up nobody."""
    with _lock:
        if "fetching" not in _queues:
            _queues["fetching"] = FairQueue(workers=1, most=20, most_of_person=2)
        return _queues["fetching"]


@dataclass(frozen=True)
class Owner:
    """Whose job it is.

    Attributes
    ----------
    person : a hash.
    present : says whether anybody is there to see the result.
    """

    person: str = ""
    present: Callable[[], bool] = lambda: True


class Job:
    """Work that enters a queue when it is made.

    Parameters
    ----------
    key : what is being made; the page compares it with what it needs.
    work : called with ``progress(fraction)`` and ``should_stop()``; returns the result. It waits
        for its turn with all that it refers to, so that should be little.
    kind : how it is counted, a word of ``metrics.LABELS["kind"]``.
    owner : whose it is; when nobody has been there for a while, it ends.
    queue : `heavy` if none is given.

    Attributes
    ----------
    fraction : how far it is, 0 to 1.
    error : the user's situation that ended it, if one did; `LimitReached` if no place was left.
    """

    def __init__(
        self,
        key: Hashable,
        work: Callable[..., Any],
        kind: str,
        owner: Owner,
        queue: FairQueue | None = None,
    ):
        self.key = key
        self.fraction = 0.0
        self.error: PipelineError | None = None
        self._kind, self._owner = kind, owner
        self._queue = queue or heavy()
        self._work: Callable[..., Any] | None = work
        self._result: list[Any] = []
        self._broken: errors.Broken | None = None
        self._entered, self._began = time.monotonic(), None
        self._stop, self._ended = threading.Event(), threading.Event()
        self._place: Place | None = None
        try:
            self._place = self._queue.enter(
                owner.person, kind, self._run, self._gone, owner.present, self.seconds_to_go
            )
        except QueueFull as full:
            self._work = None
            limit = metrics.WAITING_OF_PERSON if full.of_person else metrics.WAITING
            told = wording.queue_full(full.of_person, full.limit, self._queue.seconds_to_place())
            self.error = limits.refused(limit, owner.person, *told)
            self._ended.set()

    def _run(self, place: Place) -> bool:
        self._began = time.monotonic()
        metrics.waited(self._began - self._entered)
        outcome = metrics.BROKEN

        def should_stop() -> bool:
            nonlocal outcome
            if not self._stop.is_set() and self._queue.absent(place):
                outcome = metrics.ABANDONED
                self._stop.set()
            return self._stop.is_set()

        try:
            with errors.numbered():
                found = self._work(progress=self._progress, should_stop=should_stop)
                self._result.append(found)
                outcome = metrics.DONE
        except Cancelled:
            self._stop.set()
            outcome = metrics.ABANDONED if outcome == metrics.ABANDONED else metrics.STOPPED
        except PipelineError as error:
            self.error = error
            outcome = metrics.FAILED
        except errors.Broken as broken:
            self._broken = broken
        finally:
            self._end(outcome)
        return outcome == metrics.DONE

    def _gone(self) -> None:
        """Give up before one's turn: stopped by its owner, or nobody is there any more."""
        outcome = metrics.STOPPED if self._stop.is_set() else metrics.ABANDONED
        self._stop.set()
        self._end(outcome)

    def _end(self, outcome: str) -> None:
        self._work = None
        now = time.monotonic()
        began = self._began or now
        metrics.job(self._kind, outcome)
        logs.tell(
            "job",
            kind=self._kind,
            outcome=outcome,
            milliseconds=round(1000 * (now - began)),
            waited_milliseconds=round(1000 * (began - self._entered)),
            person=self._owner.person,
        )
        self._ended.set()

    def _progress(self, fraction: float) -> None:
        self.fraction = fraction

    @property
    def outcome(self) -> Any:
        """What the work returned.

        Raises
        ------
        Broken : if something went wrong that should not; the page's error net says so.
        RuntimeError : if it ended otherwise without a result.
        """
        if self._broken is not None:
            raise self._broken
        if not self._ended.is_set() or not self._result:
            raise RuntimeError("Expected a finished job. Received: one without a result")
        return self._result[0]

    @property
    def stopped(self) -> bool:
        return self._stop.is_set()

    @property
    def refused(self) -> bool:
        """Whether no place was left for it."""
        return isinstance(self.error, LimitReached)

    @property
    def running(self) -> bool:
        """Whether it is under way or waits for its turn."""
        return not self._ended.is_set()

    @property
    def waiting(self) -> bool:
        """Whether others have their turn first."""
        return self.running and self._place is not None and self._place.state == WAITING

    @property
    def before(self) -> int:
        """How many jobs come before this one."""
        return self._queue.before(self._place)

    @property
    def seconds_to_wait(self) -> float | None:
        """Estimate of when its turn comes; None while it cannot be told."""
        return self._queue.seconds_to_wait(self._place)

    def seconds_to_go(self) -> float | None:
        """Estimate from the pace so far; None before there is one."""
        if self._began is None or self.fraction < 0.05:
            return None
        return (time.monotonic() - self._began) * (1 - self.fraction) / self.fraction

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended, at most so long; return whether it has."""
        return self._ended.wait(seconds)

    def stop(self) -> None:
        """End it: at once while it waits, before its next step while it runs."""
        self._stop.set()
        if self._place is not None:
            self._queue.leave(self._place)
