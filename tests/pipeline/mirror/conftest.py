"""Shared by the tests of artifacts that lie elsewhere: places, and waiting for a look."""

import time
from collections.abc import Callable, Iterator

import fsspec
import pytest

from pipeline.mirror.place import Place
from pipeline.mirror.shelf import Shelf
from pipeline.mirror.watch import Watch


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Waits until something holds: ``eventually(lambda: ...)``."""

    def wait(holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not holds():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.02)

    return wait


@pytest.fixture
def memory() -> fsspec.AbstractFileSystem:
    """An empty place in memory, at ``memory://artifacts``."""
    files = fsspec.filesystem("memory")
    if files.exists("/artifacts"):
        files.rm("/artifacts", recursive=True)
    return files


@pytest.fixture
def watch(tmp_path) -> Iterator[Callable[..., Watch]]:
    """Opens what a process keeps of a place: ``watch("memory://artifacts", look_seconds=0)``."""

    def opened(address: str = "memory://artifacts", **seconds: float) -> Watch:
        place = Place(address)
        shelf = Shelf(tmp_path / "cache" / "artifacts" / place.key, place.name)
        all_opened.append(Watch(place, shelf, **seconds))
        return all_opened[-1]

    all_opened: list[Watch] = []
    yield opened
    for one in all_opened:
        one._ended.wait(60)  # or its last look would go on during the next test
