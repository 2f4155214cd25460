"""What the server does once with its own memory, lest many readers fill it, or wait for it."""

from __future__ import annotations

import ctypes
import functools
import gc
import sys

# Of glibc's `mallopt`. Streamlit runs every page in a thread of its own, and glibc gives threads up
# to eight heaps a core, each of which keeps what its largest picture needed.
_ARENA_MAX, _HEAPS = -8, 2
# Blocks from this size on come from the system and go back to it at once. Without being told, glibc
# raises that limit with every picture that is freed, up to 32 MB.
_MMAP_THRESHOLD, _LARGE_BYTES = -3, 256 * 1024


@functools.cache
def settle() -> None:
    """Set the code aside that is loaded, and have freed memory go back to the system. Once.

    Streamlit collects garbage after each drawing of a page or a part of it, which looks at every
    object there is: 80 ms for the libraries alone, in which no other page is drawn. What is
    frozen is not looked at; it stays for as long as the server runs anyway.
    """
    gc.collect()
    gc.freeze()
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # other C libraries than glibc have none
        mallopt(_ARENA_MAX, _HEAPS)
        mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
