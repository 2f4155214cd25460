"""What is kept of a place: every content once, under its hash, and a folder made of them.

::

    objects/<SHA-256>   the contents
    manifest.json       which file of the place is which object, and what the place told of it
    artifacts/          the files under their own names: links to the objects
    looked              its time tells when anybody looked at the place
    turn                taken by whoever changes any of it

Every change is one rename, so that a process that dies leaves something whole. A file keeps its
path when its content changes, and what readers hold open stays as it was.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.storage import MIRRORED, write_json
from pipeline.turns import Turns

SCHEMA = 1
_PARTIAL = ".partial-"


@dataclass(frozen=True)
class Entry:
    """A file of the place: what the place told of it, and the hash of what was fetched."""

    told: str
    sha256: str


class Shelf:
    """The part of the cache that belongs to one place. Used by one thread at a time.

    Parameters
    ----------
    folder : made if it does not exist.
    place : what is told of the place where somebody tries to write.
    """

    def __init__(self, folder: Path, place: str):
        self.artifacts = folder / "artifacts"
        self._objects, self._manifest = folder / "objects", folder / "manifest.json"
        self._looked = folder / "looked"
        self._folder, self._place = folder, place
        self._checked: dict[Path, tuple[str, tuple]] = {}

    @property
    def _marker(self) -> Path:
        return self.artifacts / MIRRORED

    @property
    def filled(self) -> bool:
        """Whether a whole look at the place has been stored."""
        return self._marker.is_file()

    def age_seconds(self) -> float:
        """Return how long ago anybody looked at the place; infinity if nobody has."""
        try:
            return abs(time.time() - self._looked.stat().st_mtime)  # clocks may be set back
        except OSError:
            return float("inf")

    def looked(self) -> None:
        """Tell everybody that what is kept is what is there now."""
        self._looked.touch()

    def turn(self, patience_seconds: float) -> contextlib.AbstractContextManager[None]:
        """Return a context in which nobody else changes the shelf."""
        self._objects.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Turns(self._folder / "turn", patience_seconds).one()

    def entries(self) -> dict[str, Entry]:
        """Return what was kept by the last look; nothing if that cannot be read."""
        try:
            stored = json.loads(self._manifest.read_text(encoding="utf-8"))
            if stored["schema"] != SCHEMA:
                return {}
            return {name: Entry(**entry) for name, entry in stored["files"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}

    def is_sound(self, entry: Entry) -> bool:
        """Whether the object is there and has the content that its name promises."""
        return self._is(self._objects / entry.sha256, entry.sha256)

    def partial(self) -> Path:
        """Return a new file to fetch something into."""
        descriptor, name = tempfile.mkstemp(dir=self._objects, prefix=_PARTIAL)
        os.close(descriptor)
        return Path(name)

    def kept(self, partial: Path, told: str) -> Entry:
        """Take what was fetched in, under its hash."""
        digest = _sha256(partial)
        partial.chmod(0o444)  # so that nobody writes into an object by its link
        partial.replace(self._objects / digest)
        return Entry(told, digest)

    def remember(self, entries: Mapping[str, Entry]) -> None:
        """Store which files are which objects."""
        if entries == self.entries():
            return
        files = {name: asdict(entry) for name, entry in sorted(entries.items())}
        content = {"schema": SCHEMA, "place": self._place, "files": files}
        write_json(self._manifest, content)

    def arrange(self, entries: Mapping[str, Entry]) -> None:
        """Make the folder hold these files and no others; drop objects that nothing needs.

        A run appears with its ``run.json``, which comes last, and disappears with it.
        """
        self.artifacts.mkdir(mode=0o700, exist_ok=True)
        there = {
            path.relative_to(self.artifacts).as_posix()
            for path in self.artifacts.rglob("*")
            if path.is_file()
        }
        for name in sorted(there - entries.keys() - {MIRRORED}, key=_is_last, reverse=True):
            self.drop(name)
        for name in sorted(entries, key=_is_last):
            self._link(self.artifacts / name, entries[name].sha256)
        if not self.filled:
            partial = self.partial()
            partial.write_text(self._place, encoding="utf-8")
            partial.replace(self._marker)
        needed = {entry.sha256 for entry in entries.values()}
        for path in self._objects.iterdir():
            if path.name not in needed:
                path.unlink(missing_ok=True)

    def drop(self, name: str) -> None:
        """Take a file out of the folder."""
        path = self.artifacts / name
        path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # its folder is not empty
            path.parent.rmdir()

    def _link(self, path: Path, sha256: str) -> None:
        kept = self._objects / sha256
        if path.is_file() and (path.samefile(kept) or self._is(path, sha256)):
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = path.parent / f"{_PARTIAL}{path.name}"
        temporary.unlink(missing_ok=True)
        try:
            temporary.hardlink_to(kept)
        except OSError:  # a disk that knows no links
            shutil.copy2(kept, temporary)
        temporary.replace(path)

    def _is(self, path: Path, sha256: str) -> bool:
        """Whether a file has that hash; read again only when it has changed."""
        try:
            told = path.stat()
            stamp = (told.st_ino, told.st_size, told.st_mtime_ns)
            if self._checked.get(path) != (sha256, stamp):
                if _sha256(path) != sha256:
                    return False
                self._checked[path] = (sha256, stamp)
        except OSError:
            return False
        return True


def _is_last(name: str) -> bool:
    return name.endswith("/run.json")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
