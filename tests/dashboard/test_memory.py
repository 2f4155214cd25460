"""What the server does once with its memory. In processes of their own: it cannot be undone."""

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
