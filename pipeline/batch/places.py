"""Where pictures and results lie: a disk, or what fsspec reaches (S3, Google Cloud, memory)."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import fsspec

from pipeline.errors import BatchError, ImageError
from pipeline.images import LIMIT_DICOM_MB
from pipeline.storage import replacing

# What must be installed besides fsspec.
_PACKAGES = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "abfs": "adlfs",
    "az": "adlfs",
}


@dataclass(frozen=True)
class Place:
    """A file or folder. It may be sent to another machine.

    Attributes
    ----------
    name : as a user would write it: an absolute path of this machine, or a URL.
    """

    name: str

    @classmethod
    def of(cls, text: str | os.PathLike) -> Place:
        """Return the place that a user names.

        Raises
        ------
        BatchError : if the kind of URL is not known here.
        """
        text = os.fspath(text)
        if text.startswith("file://"):
            text = fsspec.core.url_to_fs(text)[1]
        place = cls(text if "://" in text else str(Path(text).absolute()))
        place._system()  # what is not known is said at once
        return place

    @property
    def local(self) -> Path | None:
        """Its path, if it lies on this machine."""
        return None if "://" in self.name else Path(self.name)

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix.lower()

    def beside(self, ending: str) -> Place:
        """Return the place whose name is this one's with `ending` behind it."""
        return Place(f"{self.name}{ending}")

    def below(self, name: str) -> Place:
        """Return what `name` means in a list that lies here: below, unless it is a whole path."""
        if "://" in name:
            return Place.of(name)
        if self.local is None and not name.startswith("/"):
            return self.beside(f"/{name}")
        return Place(str(Path(self.name) / name))

    @property
    def folder(self) -> Place:
        """The place that this one lies in."""
        return Place(self.name.rpartition("/" if self.local is None else os.sep)[0] or os.sep)

    def is_folder(self) -> bool:
        system, path = self._system()
        with _told(self):
            return system.isdir(path)

    def exists(self) -> bool:
        system, path = self._system()
        with _told(self):
            return system.exists(path)

    def files(self) -> Iterator[str]:
        """Yield the path of every file below this folder, relative to it, in a fixed order.

        Hidden files and folders are left out. Of a disk, one folder's names are held at a time.
        """
        if self.local is not None:
            yield from _walk(self.name, "")
            return
        system, root = self._system()
        with _told(self):
            found = system.find(root)
        for path in sorted(found):
            relative = PurePosixPath(path).relative_to(PurePosixPath(system._strip_protocol(root)))
            if not any(part.startswith(".") for part in relative.parts):
                yield relative.as_posix()

    def picture(self) -> Path | bytes | ImageError:
        """Return what `read_picture` takes: the path, or as many bytes as a picture may have.

        Raises
        ------
        BatchError : if the kind of URL is not known here.
        """
        if self.local is not None:
            return self.local
        try:
            system, path = self._system()
            with system.open(path, "rb") as file:
                return file.read(LIMIT_DICOM_MB * 1_000_000 + 1)
        except OSError as error:
            return ImageError(
                f"The file could not be opened ({error.strerror or 'not there or not readable'}).",
                "Check its address, and whether you may read it.",
            )

    def read(self) -> bytes:
        system, path = self._system()
        with _told(self), system.open(path, "rb") as file:
            return file.read()

    def write(self, content: bytes) -> None:
        """Write a whole file at once; what was there is replaced, and never half."""
        with self.writing() as file:
            file.write(content)

    @contextmanager
    def writing(self) -> Iterator[BinaryIO]:
        """Yield a file to write to that takes this place only if the block succeeds."""
        with _told(self):
            if self.local is not None:
                self.local.parent.mkdir(parents=True, exist_ok=True)
                with replacing(self.local) as temporary, temporary.open("wb") as file:
                    yield file
                return
            system, path = self._system()
            # Held until it is whole: an object store knows no renaming.
            buffer = io.BytesIO()
            yield buffer
            system.pipe_file(path, buffer.getvalue())

    def remove(self) -> None:
        """Remove a file, or a folder with all that is in it, if it is there."""
        system, path = self._system()
        with _told(self):
            if system.exists(path):
                system.rm(path, recursive=True)

    def _system(self) -> tuple[fsspec.AbstractFileSystem, str]:
        try:
            return fsspec.core.url_to_fs(self.name)
        except (ImportError, ValueError) as error:
            kind = self.name.partition("://")[0]
            package = _PACKAGES.get(kind)
            raise BatchError(
                f"Addresses that begin with {kind}:// cannot be opened here.",
                f"Install what reads them: pip install {package}."
                if package
                else "Name a folder, a file, or an address that begins with s3:// or gs://.",
            ) from error


@contextmanager
def _told(place: Place) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BatchError(
            f"{place.name} cannot be used ({reason}).", "Check the name and its permissions."
        ) from error


def _walk(root: str, below: str) -> Iterator[str]:
    with _told(Place(root)), os.scandir(Path(root) / below) as entries:
        found = sorted(
            (entry.name, entry.is_dir(follow_symlinks=False))
            for entry in entries
            if not entry.name.startswith(".")
        )
    for name, is_folder in found:
        path = f"{below}/{name}" if below else name
        if is_folder:
            yield from _walk(root, path)
        else:
            yield path
