"""What happened while people worked: how long each step took, what went wrong, the memory."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from time import perf_counter

from pipeline.benchmark.load import figures
from pipeline.benchmark.process import busy_seconds, core_seconds, resident_mb


class Tally:
    """Of one measurement, in the client's process.

    Attributes
    ----------
    asked, uploads : uploads that were begun; that were answered with a verdict.
    limited : that were answered by the limit of what one person may.
    errors : how often each went wrong.
    places : of each explanation that waited, how many were before it.
    """

    def __init__(self, process: int | None):
        self._process = process
        self._started = perf_counter()
        self._steps: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        self._memory: list[tuple[int, float]] = []
        self._marks: dict[str, float | None] = {}
        self._cores = self._core_seconds()
        self._begun: dict[str, tuple[int, float | None]] = {}
        self.asked = self.uploads = self.limited = 0
        self.kinds: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.places: list[list[int | None]] = []
        self.mark("before anybody came")
        self.begin("reading")

    @property
    def seconds(self) -> float:
        return perf_counter() - self._started

    def begin(self, phase: str) -> None:
        """Count what comes as part of another phase from now on."""
        self.phase = phase
        self._begun[phase] = (self.uploads, self._core_seconds()["server"])

    def took(self, step: str, seconds: float) -> None:
        self._steps[self.phase][step].append(seconds)

    def uploaded(self, kind: str) -> None:
        """Count an upload that was judged."""
        self.uploads += 1
        self.kinds[kind] += 1
        if self._process is not None and (memory := resident_mb(self._process)) is not None:
            self._memory.append((self.uploads, memory))

    def mark(self, moment: str) -> None:
        """Note the memory at a moment that has a name."""
        self._marks[moment] = None if self._process is None else resident_mb(self._process)

    def report(self, skip: int) -> dict:
        """Return everything as numbers.

        Parameters
        ----------
        skip : uploads until what is kept of each session has filled up.
        """
        memory = None
        if self._memory:
            uploads, megabytes = zip(*self._memory, strict=True)
            memory = {
                "marks_mb": self._marks,
                "largest_mb": max(megabytes),
                "growth": figures.growth(uploads, megabytes, skip),
                # Every so many uploads one figure, to be looked at.
                "course": [list(one) for one in self._memory[:: max(1, len(uploads) // 50)]],
            }
        return {
            "took_seconds": round(self.seconds, 1),
            "uploads": self.uploads,
            "kinds": dict(self.kinds),
            "limited": self.limited,
            "errors": dict(self.errors),
            "steps": {
                phase: {step: figures.spread(seconds) for step, seconds in steps.items()}
                for phase, steps in self._steps.items()
            },
            "places": self.places,
            "memory": memory,
            "cores": self._shares(),
            "core_seconds": self._of_phases(),
        }

    def _of_phases(self) -> dict[str, dict]:
        """Return the seconds of cores that the server needed for each phase, with its uploads.

        Others who work on the machine make everything slower, but hardly this.
        """
        ends = [*self._begun.values(), (self.uploads, self._core_seconds()["server"])]
        return {
            phase: {
                "uploads": after - before,
                "server": None if None in (began, ended) else round(ended - began, 2),
            }
            for phase, (before, began), (after, ended) in zip(
                self._begun, ends, ends[1:], strict=False
            )
        }

    def _core_seconds(self) -> dict[str, float | None]:
        return {
            "server": None if self._process is None else core_seconds(self._process),
            "client": core_seconds(os.getpid()),
            "everybody": busy_seconds(),
        }

    def _shares(self) -> dict[str, float | None]:
        """Return how many cores each was given on average; the rest of the machine's work too."""
        now, seconds = self._core_seconds(), self.seconds
        shares = {
            who: None
            if now[who] is None or self._cores[who] is None
            else round((now[who] - self._cores[who]) / seconds, 2)
            for who in now
        }
        everybody = shares.pop("everybody")
        known = None not in (everybody, *shares.values())
        shares["others"] = round(max(0, everybody - sum(shares.values())), 2) if known else None
        return shares
