"""Memory that threads share: who needs more than is left waits, and what is free goes back."""

from __future__ import annotations

import ctypes
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache


class Room:
    """So many units in all, given out in the order in which they are asked for.

    A small part does not overtake a large one that waits: the large one would wait for ever.
    """

    def __init__(self, units: int):
        if units < 1:
            raise ValueError(f"Expected room for at least one unit. Received: {units}")
        self._units = self._left = units
        self._changed = threading.Condition()
        self._line: deque[object] = deque()

    @contextmanager
    def taken(self, units: int) -> Iterator[None]:
        """Have so many units inside the block.

        Raises
        ------
        ValueError : if there never are so many.
        """
        if not 0 <= units <= self._units:
            raise ValueError(f"Expected 0 to {self._units} units. Received: {units}")
        place = object()
        with self._changed:
            self._line.append(place)
            self._changed.wait_for(lambda: self._line[0] is place and self._left >= units)
            self._line.popleft()
            self._left -= units
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._left += units
                self._changed.notify_all()


def give_back() -> None:
    """Return freed memory to the system, where the C library keeps it for itself otherwise.

    glibc has a heap for every few threads and keeps what was freed in each. After ten threads had
    decoded the largest accepted JPEG, and kept nothing of it, the process had 1.9 GB instead of
    45 MB.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    """Return glibc's own function; other C libraries have none."""
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
