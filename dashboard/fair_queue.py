"""Heavy work one after the other: a bounded number of workers, and fair between persons.

First come, first served, but whoever has something running stands behind everybody who has not:
one person's fifth job never holds up another's first. What waits is a small object without a
thread of its own. Nothing of Streamlit is known here.
"""

from __future__ import annotations

import itertools
import statistics
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

# How long somebody may be away before the place is given back: the network of a ward breaks off,
# and the same session comes back within seconds.
ABSENCE_SECONDS = 20.0
# How often a worker that has nothing but places of absent people looks for them again.
_LOOK_SECONDS = 1.0
# The pace of so many finished jobs of a kind says how long the next one will take.
_REMEMBERED = 20

WAITING, RUNNING, ENDED = "waiting", "running", "ended"


class QueueFull(Exception):  # noqa: N818 - the caller turns it into a sentence
    """No place is left: of the whole queue, or of one person."""

    def __init__(self, of_person: bool, limit: int):
        super().__init__(f"{limit} wait already")
        self.of_person = of_person
        self.limit = limit


@dataclass(eq=False)
class Place:
    """One job's place in the queue.

    Attributes
    ----------
    person : whose job it is.
    kind : jobs of one kind take about equally long.
    work : called with the place in a worker's thread; says whether it was done to the end, so
        that how long it took tells how long the next one of its kind will. Forgotten when the
        place has ended.
    gone : called when the place is given back before its turn came.
    present : whether the person is still there.
    seconds_to_go : of the running job, None while it cannot be told.
    entered, began : times of the queue's clock.
    """

    person: str
    kind: str
    work: Callable[[Place], bool] | None
    gone: Callable[[], None]
    present: Callable[[], bool]
    seconds_to_go: Callable[[], float | None]
    entered: float
    state: str = WAITING
    began: float | None = None
    absent_since: float | None = field(default=None, repr=False)


class FairQueue:
    """Places of all sessions of this process. May be shared by threads.

    Parameters
    ----------
    workers : jobs that run at a time.
    most : places that may wait.
    most_of_person : places that one person may have waiting.
    clock : seconds that only grow.
    """

    def __init__(
        self,
        workers: int,
        most: int,
        most_of_person: int,
        clock: Callable[[], float] = time.monotonic,
    ):
        if min(workers, most, most_of_person) < 1:
            raise ValueError(
                f"Expected at least one worker and place. Received: {workers}, {most}, "
                f"{most_of_person}"
            )
        self._workers, self._most, self._most_of_person = workers, most, most_of_person
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting: list[Place] = []
        self._running: list[Place] = []
        self._threads = 0
        # When a person began to wait without anything running; the lowest is next.
        self._since: dict[str, int] = {}
        self._arrivals = itertools.count()
        self._took: dict[str, deque[float]] = {}

    def enter(
        self,
        person: str,
        kind: str,
        work: Callable[[Place], bool],
        gone: Callable[[], None],
        present: Callable[[], bool] = lambda: True,
        seconds_to_go: Callable[[], float | None] = lambda: None,
    ) -> Place:
        """Take a place at the end.

        Raises
        ------
        QueueFull : if none is left.
        """
        place = Place(person, kind, work, gone, present, seconds_to_go, self._clock())
        left = self._give_back_absent()
        with self._changed:
            own = sum(one.person == person for one in self._waiting)
            if own >= self._most_of_person:
                full = QueueFull(True, self._most_of_person)
            elif len(self._waiting) >= self._most:
                full = QueueFull(False, self._most)
            else:
                full = None
                self._waiting.append(place)
                self._since.setdefault(person, next(self._arrivals))
                if self._threads < self._workers:
                    self._threads += 1
                    self._start_worker()
                self._changed.notify()
        self._tell(left)
        if full:
            raise full
        return place

    def leave(self, place: Place) -> None:
        """Give a place back, if its turn has not come yet."""
        with self._changed:
            waited = place in self._waiting
            if waited:
                self._end(place)
        if waited:
            place.gone()

    def before(self, place: Place) -> int:
        """Return how many jobs begin before this one, those that run included; 0 once it runs."""
        self._tell(self._give_back_absent())
        with self._changed:
            if place.state != WAITING:
                return 0
            return self._order().index(place) + len(self._running)

    def seconds_to_wait(self, place: Place) -> float | None:
        """Return an estimate of when the place's turn comes; None while it cannot be told."""
        with self._changed:
            if place.state != WAITING:
                return None
            order = self._order()
            ahead = order[: order.index(place)]
            left = [self._left(one) for one in self._running]
            left += [self._usual(one.kind) for one in ahead]
            return None if None in left else sum(left) / self._workers

    def seconds_to_place(self) -> float | None:
        """Return an estimate of when the next job begins, which leaves its place; None if none."""
        with self._changed:
            left = [self._left(one) for one in self._running]
            return None if not left or None in left else min(left)

    def absent(self, place: Place) -> bool:
        """Whether nobody has been there for the place for too long."""
        now = self._clock()
        with self._changed:
            if place.present():
                place.absent_since = None
                return False
            if place.absent_since is None:
                place.absent_since = now
            return now - place.absent_since >= ABSENCE_SECONDS

    @property
    def waiting(self) -> int:
        """How many wait."""
        self._tell(self._give_back_absent())
        with self._changed:
            return len(self._waiting)

    @property
    def running(self) -> int:
        """How many run."""
        with self._changed:
            return len(self._running)

    def _order(self) -> list[Place]:
        """Return the waiting places as their turns come, as far as can be told now."""
        busy = Counter(one.person for one in self._running)
        rounds: Counter[str] = Counter(busy)
        order = []
        for arrival, place in enumerate(self._waiting):
            order.append((rounds[place.person], self._since[place.person], arrival, place))
            rounds[place.person] += 1
        return [entry[-1] for entry in sorted(order, key=lambda entry: entry[:-1])]

    def _left(self, running: Place) -> float | None:
        told, usual = running.seconds_to_go(), self._usual(running.kind)
        if told is not None or usual is None:
            return told
        return max(0.0, usual - (self._clock() - running.began))

    def _usual(self, kind: str) -> float | None:
        took = self._took.get(kind)
        return statistics.median(took) if took else None

    def _give_back_absent(self) -> list[Place]:
        """Take places out whose people are gone; the caller tells them, without the lock."""
        with self._changed:
            waiting = list(self._waiting)
        left = [place for place in waiting if self.absent(place)]
        with self._changed:
            left = [place for place in left if place in self._waiting]
            for place in left:
                self._end(place)
        return left

    @staticmethod
    def _tell(left: list[Place]) -> None:
        for place in left:
            place.gone()

    def _end(self, place: Place) -> None:
        (self._waiting if place.state == WAITING else self._running).remove(place)
        place.state, place.work = ENDED, None
        own = [one for one in (*self._waiting, *self._running) if one.person == place.person]
        if not own:
            del self._since[place.person]

    def _start_worker(self) -> None:
        threading.Thread(target=self._serve, name="heavy work", daemon=True).start()

    def _serve(self) -> None:
        """Do what is due until nothing waits."""
        ended = False
        try:
            while (place := self._next()) is not None:
                whole = False
                try:
                    whole = place.work(place)
                finally:
                    self._finish(place, whole)
            ended = True
        finally:
            if not ended:  # the work itself went wrong; whoever waits needs another worker
                self._start_worker()

    def _next(self) -> Place | None:
        """Return the place whose turn it is, marked as running; None if nothing waits."""
        while True:
            self._tell(self._give_back_absent())
            with self._changed:
                if not self._waiting:
                    self._threads -= 1
                    return None
                here = [one for one in self._order() if one.absent_since is None]
                if here:
                    place = here[0]
                    self._waiting.remove(place)
                    self._running.append(place)
                    place.state, place.began = RUNNING, self._clock()
                    return place
                self._changed.wait(_LOOK_SECONDS)

    def _finish(self, place: Place, whole: bool) -> None:
        with self._changed:
            if whole:
                took = self._took.setdefault(place.kind, deque(maxlen=_REMEMBERED))
                took.append(self._clock() - place.began)
            self._end(place)
            if place.person in self._since:  # has more: behind everybody who waits already
                self._since[place.person] = next(self._arrivals)
