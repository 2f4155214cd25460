"""Can this process serve? Asked by whoever sends it people, every few seconds."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Mapping

from dashboard import resources
from pipeline.config import Paths
from pipeline.errors import PipelineError, RunError

# Answers are kept so long: however often somebody asks, the database is asked rarely.
KEPT_SECONDS = 2.0


def _run() -> None:
    """Load the network that judges unless another is named; its hash is checked on the way."""
    runs = resources.servable_runs()
    if not runs:
        raise RunError("No trained network is stored.", "Train one.")
    resources.classifier(runs[0])


def _readings() -> None:
    resources.readings_store().studies()


def _disk() -> None:
    with tempfile.TemporaryFile(dir=Paths.from_environment().artifacts) as file:
        file.write(b"ready")
        file.flush()


# Fixed words, not those of the error: an address with its password may stand in it.
CHECKS: Mapping[str, tuple[str, Callable[[], None]]] = {
    "run": ("The default network cannot be loaded, or its hash is wrong.", _run),
    "readings": ("The database of readings does not answer.", _readings),
    "disk": ("Nothing can be written to the folder of artifacts.", _disk),
}


class Readiness:
    """The last answer, and a new one when it is too old. May be shared by threads."""

    def __init__(
        self,
        checks: Mapping[str, tuple[str, Callable[[], None]]] = CHECKS,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._checks, self._clock = checks, clock
        self._lock = threading.Lock()
        self._told: tuple[float, dict[str, str]] | None = None

    def missing(self) -> dict[str, str]:
        """Return what is not ready, each with a sentence; nothing if all is."""
        with self._lock:  # who asks meanwhile waits for the same answer
            if self._told is None or self._clock() - self._told[0] >= KEPT_SECONDS:
                found = {
                    name: sentence
                    for name, (sentence, check) in self._checks.items()
                    if not _passes(check)
                }
                self._told = (self._clock(), found)
            return self._told[1]


def _passes(check: Callable[[], None]) -> bool:
    try:
        check()
    except (PipelineError, OSError):
        return False
    return True
