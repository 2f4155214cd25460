"""What the server does with its own memory, lest many readers fill it, or wait for it."""

from __future__ import annotations

import ctypes
import functools
import gc
import sys
import threading
import time

import pyarrow

from pipeline.room import give_back

# Of glibc's `mallopt`. Streamlit runs every page in a thread of its own, and glibc gives threads up
# to eight heaps a core, each of which keeps what its largest picture needed.
_ARENA_MAX, _HEAPS = -8, 2
# Blocks from this size on come from the system and go back to it at once. Without being told, glibc
# raises that limit with every picture that is freed, up to 32 MB.
_MMAP_THRESHOLD, _LARGE_BYTES = -3, 256 * 1024
# Between two tidyings, of some 0.1 s each.
_TIDY_SECONDS = 60.0


@functools.cache
def settle() -> None:
    """Set the code aside that is loaded, and have freed memory go back from now on. Once.

    Streamlit collects garbage after each drawing of a page or a part of it, which looks at every
    object there is: 80 ms for the libraries alone, in which no other page is drawn. What is
    frozen is not looked at. Neither is it freed, with all that it refers to, so that it must be
    thawed now and then: whoever was there when it froze and is gone would stay, some 15 MB each.
    """
    # Arrow, which carries every table to the browser, keeps what is freed by itself.
    pyarrow.set_memory_pool(pyarrow.system_memory_pool())
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:  # other C libraries than glibc have none
        mallopt(_ARENA_MAX, _HEAPS)
        mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
    _tidy()
    threading.Thread(target=_tidy_again_and_again, name="tidying", daemon=True).start()


def _tidy() -> None:
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    give_back()


def _tidy_again_and_again() -> None:
    while True:
        time.sleep(_TIDY_SECONDS)
        _tidy()
