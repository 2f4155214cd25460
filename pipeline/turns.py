"""Writers of one file take turns, threads and processes alike.

SQLite lets one connection write while another one tidies its log away. In releases before 3.51.3
those two may collide and lose what was acknowledged (https://sqlite.org/wal.html#walresetbug), and
Python brings older ones. Who writes here has the file for itself until its log is tidied. The
system takes the turn from a process that dies.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: threads take turns, processes are left to SQLite's own locks
    fcntl = None

_LOOK_SECONDS = 0.002


class Turns:
    """The turns of everybody who names the same file.

    Parameters
    ----------
    path : of an empty file that is made when it is first needed.
    patience_seconds : how long one waits for the others.
    """

    def __init__(self, path: Path, patience_seconds: float):
        self._path, self._patience = path, patience_seconds
        self._threads = threading.Lock()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Wait for a turn and keep it for the block.

        Raises
        ------
        TimeoutError : if the others take too long.
        """
        deadline = time.monotonic() + self._patience
        if not self._threads.acquire(timeout=self._patience):
            raise TimeoutError
        try:
            if fcntl is None:
                yield
                return
            # Opened for every turn: a file that is kept open would be shared with a forked child.
            with open(self._path, "ab", opener=_private) as file:
                _take(file, deadline)
                yield
        finally:
            self._threads.release()


def _take(file, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError from None
            time.sleep(_LOOK_SECONDS)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
