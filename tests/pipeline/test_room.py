"""Memory that threads share: never more than there is, in the order of asking."""

import subprocess
import sys
import threading

import numpy as np
import pytest

from pipeline import images
from pipeline.config import REPOSITORY
from pipeline.images import encode_png, read_picture
from pipeline.room import Room


def test_never_more_is_taken_than_there_is():
    room, lock = Room(4), threading.Lock()
    taken, most = 0, 0

    def take(units: int) -> None:
        nonlocal taken, most
        with room.taken(units):
            with lock:
                taken += units
                most = max(most, taken)
            threading.Event().wait(0.001)
            with lock:
                taken -= units

    threads = [threading.Thread(target=take, args=(1 + number % 4,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most <= 4
    assert taken == 0
    with room.taken(4):
        pass


def test_a_small_part_does_not_overtake_a_large_one_that_waits():
    room, order = Room(4), []
    asked = [threading.Event(), threading.Event()]

    def take(units: int, number: int) -> None:
        asked[number].set()
        with room.taken(units):
            order.append(units)

    with room.taken(2):
        large = threading.Thread(target=take, args=(4, 0))
        large.start()
        while len(room._line) < 1:
            pass
        small = threading.Thread(target=take, args=(1, 1))
        small.start()
        while len(room._line) < 2:
            pass
        assert order == []
    large.join(30)
    small.join(30)
    assert order == [4, 1]


def test_what_goes_wrong_inside_gives_the_room_back():
    room = Room(1)
    with pytest.raises(KeyError), room.taken(1):
        raise KeyError
    with room.taken(1):
        pass


@pytest.mark.parametrize("units", [-1, 5])
def test_more_than_there_ever_is_is_refused(units):
    with pytest.raises(ValueError, match="Expected 0 to 4 units"), Room(4).taken(units):
        pass


def test_a_room_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one unit"):
        Room(0)


def test_pictures_are_decoded_one_after_the_other_where_there_is_room_for_one(monkeypatch):
    data = encode_png(np.full((100, 100), 90, np.uint8))
    inside, most, lock = 0, 0, threading.Lock()
    unpacked = images._unpacked

    def counting(*given):
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        try:
            return unpacked(*given)
        finally:
            with lock:
                inside -= 1

    monkeypatch.setattr(images, "_unpacked", counting)
    monkeypatch.setattr(images, "_room", Room(100 * 100))
    threads = [threading.Thread(target=read_picture, args=(data,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (inside, most) == (0, 1)


# Threads that live on, as those of a server do: each has a heap of its own.
LEFT_BEHIND = """
import io, os, threading
import numpy as np
from PIL import Image
from pipeline.images import read_picture

picture = Image.fromarray(np.random.default_rng(0).integers(0, 40, (3000, 4000), np.uint8))
file = io.BytesIO()
picture.convert("RGB").save(file, "JPEG", progressive=True, quality=60)
data = file.getvalue()
del picture, file
read = threading.Barrier(6)
measured = threading.Barrier(6)

def resident_mb():
    with open("/proc/self/statm") as told:
        return int(told.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

def work():
    read_picture(data)
    read.wait()
    measured.wait()

before = resident_mb()
for _ in range(5):
    threading.Thread(target=work).start()
read.wait()
print(resident_mb() - before)
measured.wait()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc of Linux")
def test_large_pictures_leave_no_memory_behind_in_the_threads_that_decoded_them():
    ended = subprocess.run(
        [sys.executable, "-c", LEFT_BEHIND],
        capture_output=True,
        text=True,
        check=True,
        cwd=REPOSITORY,
    )
    # Otherwise about 330 MB.
    assert float(ended.stdout) < 60
