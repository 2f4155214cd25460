"""Long work beside the page: it goes on while the page redraws, tells how far it is, and stops.

A job calls nothing of Streamlit; the page asks it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any

from pipeline.errors import Cancelled, PipelineError

# One long job at a time: two LIMEs at once on the same cores would both take twice as long.
_turn = threading.Lock()


class Job:
    """Work in a thread.

    Parameters
    ----------
    key : what is being made; the page compares it with what it needs.
    work : called with ``progress(fraction)`` and ``should_stop()``; returns the result.

    Attributes
    ----------
    fraction : how far it is, 0 to 1.
    error : the user's situation that ended it, if one did.
    """

    def __init__(self, key: Hashable, work: Callable[..., Any]):
        self.key = key
        self.fraction = 0.0
        self.error: PipelineError | None = None
        self._began: float | None = None
        self._stop = threading.Event()
        self._future: Future = Future()
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def _run(self, work: Callable[..., Any]) -> None:
        try:
            with _turn:
                self._began = time.monotonic()
                if self._stop.is_set():
                    return
                self._future.set_result(
                    work(progress=self._progress, should_stop=self._stop.is_set)
                )
        except Cancelled:
            self._stop.set()
        except PipelineError as error:
            self.error = error
        finally:
            # Whatever else went wrong is logged by the thread, and the page says so.
            self._future.cancel()

    def _progress(self, fraction: float) -> None:
        self.fraction = fraction

    @property
    def outcome(self) -> Any:
        """What the work returned.

        Raises
        ------
        RuntimeError : if it ended without a result; the page's error net says so.
        """
        if not self._future.done() or self._future.cancelled():
            raise RuntimeError("Expected a finished job. Received: one without a result")
        return self._future.result()

    @property
    def stopped(self) -> bool:
        return self._stop.is_set()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    @property
    def waiting(self) -> bool:
        """Whether another job has the turn."""
        return self.running and self._began is None

    @property
    def seconds_to_go(self) -> float | None:
        """Estimate from the pace so far; None before there is one."""
        if self._began is None or self.fraction < 0.05:
            return None
        return (time.monotonic() - self._began) * (1 - self.fraction) / self.fraction

    def stop(self) -> None:
        """Ask the work to end; it does so before its next step."""
        self._stop.set()
