"""Artifacts that lie elsewhere, served from a copy on this machine.

``XRAY_ARTIFACTS`` may name a place such as ``s3://bucket/artifacts``. What serving needs of it is
kept below the cache, by its hash, and looked at again in the background: no page waits for it.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pipeline.mirror.place import Place
from pipeline.mirror.shelf import Shelf
from pipeline.mirror.watch import Watch


def folder(address: str, cache: Path) -> Path:
    """Return a folder of this machine that holds the artifacts of the place at `address`.

    The first call of a process asks the place, with patience where nothing is kept yet; later ones
    return at once.

    Raises
    ------
    RunError : if nothing is kept and the place cannot be read.
    """
    return _watch(address, cache).folder()


@lru_cache(maxsize=8)
def _watch(address: str, cache: Path) -> Watch:
    place = Place(address)
    return Watch(place, Shelf(cache / "artifacts" / place.key, place.name))
