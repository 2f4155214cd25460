"""What the server does with its memory. In processes of their own: it cannot be undone."""

import ctypes
import subprocess
import sys

import pytest

from pipeline.config import REPOSITORY

FROZEN = """
import gc
from dashboard import memory
memory.settle()
first = gc.get_freeze_count()
kept = [[] for _ in range(1000)]
memory.settle()
print(first > 1000, gc.get_freeze_count() <= first, gc.isenabled())
"""

# Large blocks between small ones that stay: the heap cannot shrink over those.
GIVEN_BACK = """
import os
from pathlib import Path
import numpy as np
from dashboard import memory

def resident_mb():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

if {settled}:
    memory.settle()
large = np.ones(16_000_000, np.uint8)  # freed, it makes glibc take smaller ones for small
del large
before, stays, pictures = resident_mb(), [], []
for _ in range(100):
    pictures.append(np.ones(1_000_000, np.uint8))
    stays.append(np.ones(2_000, np.uint8))
held = resident_mb() - before
pictures.clear()
print(held, resident_mb() - before)
"""


# Blocks too small to go back by themselves, each kept alive by a cycle that nobody collects.
TIDIED = """
import gc, time
from pathlib import Path
from dashboard import memory

class Reader:
    def __init__(self):
        self.own, self.pictures = self, [b"x" * (100_000 + n) for n in range(1_000)]

def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

memory._TIDY_SECONDS = {seconds}
gc.disable()
before = resident_mb()
readers = [Reader()]
stays = bytearray(1_000)  # at the end of the heap, which cannot shrink over it
memory.settle()  # which freezes the reader
held = resident_mb() - before
readers.clear()
time.sleep(1)
print(held, resident_mb() - before)
"""


def printed(script: str) -> list[str]:
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    return ended.stdout.split()


def test_code_is_set_aside_once_and_garbage_is_still_collected():
    assert printed(FROZEN) == ["True", "True", "True"]


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallopt"), reason="needs glibc"
)
@pytest.mark.parametrize("settled", [True, False])
def test_freed_pictures_go_back_to_the_system(settled):
    held, after = map(float, printed(GIVEN_BACK.format(settled=settled)))
    assert held > 90
    assert (after < 10) is settled, "without it they stay, or this test says nothing"


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="needs glibc"
)
@pytest.mark.parametrize("seconds", [0.2, 30])
def test_what_readers_leave_behind_goes_back_though_nobody_comes(seconds):
    held, after = map(float, printed(TIDIED.format(seconds=seconds)))
    assert held > 90
    assert (after < 20) is (seconds < 1), "without it it stays, or this test says nothing"
