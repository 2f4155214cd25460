"""A place where artifacts lie, reached through fsspec: what is there, and fetching it.

No secret in an address is shown or logged: what is told of a place is its `Place.name`, and of an
error its kind, because its text may quote the address.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
from collections.abc import Iterable, Iterator
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pipeline.errors import RunError
from pipeline.mirror.contents import is_served, leads_to_served

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

# Which kinds of places are read, and the package that each needs besides fsspec.
PACKAGES = {
    "s3": "s3fs",
    "gs": "gcsfs",
    "http": "aiohttp",
    "https": "aiohttp",
    "file": None,
    "memory": None,
}
# These list a whole tree in one request for a thousand files. The others are walked.
_LISTED_AT_ONCE = ("s3", "gs")
# What tells that a file has changed, as different places call it; a size alone does not.
_VERSION_KEYS = (
    *("ETag", "etag", "md5Hash", "Content-MD5", "Digest", "generation"),
    *("LastModified", "Last-Modified", "updated", "mtime", "created"),
)
_FETCHED_AT_ONCE = 8


class Place:
    """Artifacts at an address such as ``s3://bucket/artifacts``.

    Parameters
    ----------
    address : a user and a password only for http and https; other places have their own variables.

    Attributes
    ----------
    name : the address without a user or a password.

    Raises
    ------
    RunError : for an address that cannot be used.
    """

    def __init__(self, address: str):
        scheme, separator, rest = address.partition("://")
        self._scheme = scheme.lower()
        if self._scheme not in PACKAGES or "::" in address or "?" in rest or "#" in rest:
            raise RunError(
                "XRAY_ARTIFACTS is no address that artifacts can be read from.",
                f"Name a folder, or a place that begins with one of: {', '.join(PACKAGES)}; "
                "without ?, # and ::.",
            )
        host, slash, path = rest.partition("/")
        user, at, host = host.rpartition("@")
        if at and not self._scheme.startswith("http"):
            raise RunError(
                "XRAY_ARTIFACTS holds a user or a password, which do not belong there.",
                "Give them in the environment, as the place's own tools want them "
                "(AWS_ACCESS_KEY_ID, GOOGLE_APPLICATION_CREDENTIALS).",
            )
        self._user = user
        self._address = f"{self._scheme}{separator}{host}{slash}{path}".rstrip("/")
        self.name = self._address
        self._opened: AbstractFileSystem | None = None

    @property
    def key(self) -> str:
        """Return a name for what is kept of this place."""
        return hashlib.sha256(self.name.encode()).hexdigest()[:16]

    def listed(self) -> dict[str, str]:
        """Return what the place tells of each file that is served, by its name below the place.

        A file of which the same is told as before has not changed.

        Raises
        ------
        RunError : if there are none, or a package is missing.
        """
        files = self._filesystem()
        root = files._strip_protocol(self._address).rstrip("/")
        files.invalidate_cache()
        if self._scheme in _LISTED_AT_ONCE:
            found = _at_once(files, root)
        else:
            found = dict(_walked(files, root))
        if not found:
            raise RunError(
                f"There are no artifacts at {self.name}.",
                "XRAY_ARTIFACTS must name what holds runs/; check its spelling.",
            )
        unsure = {n: path for n, (path, info) in found.items() if not _tells_version(info)}
        told = {name: info for name, (_, info) in found.items()}
        if unsure:  # pages of links, as of HTTP, tell nothing
            with ThreadPool(_FETCHED_AT_ONCE) as pool:
                told |= zip(unsure, pool.imap(files.info, unsure.values()), strict=True)
        return {name: _likeness(info) for name, info in told.items()}

    def fetched(self, wanted: Iterable[tuple[str, Path]]) -> Iterator[str]:
        """Write each named file to its path; yield names as they are there, in any order."""
        files = self._filesystem()
        root = files._strip_protocol(self._address).rstrip("/")

        def fetch(item: tuple[str, Path]) -> str:
            name, path = item
            files.get_file(f"{root}/{name}", str(path))
            return name

        with ThreadPool(_FETCHED_AT_ONCE) as pool:
            yield from pool.imap_unordered(fetch, wanted)

    def _filesystem(self) -> AbstractFileSystem:
        if self._opened:
            return self._opened
        self._require_package()
        import fsspec  # here: whoever only reads what is kept need not wait for it

        options = {"skip_instance_cache": True, "use_listings_cache": False}
        if self._user:
            secret = base64.b64encode(unquote(self._user).encode()).decode()
            options["client_kwargs"] = {"headers": {"Authorization": f"Basic {secret}"}}
        self._opened = fsspec.filesystem(self._scheme, **options)
        return self._opened

    def _require_package(self) -> None:
        package = PACKAGES[self._scheme]
        try:
            importlib.import_module("fsspec")
            if package:
                importlib.import_module(package)
        except ImportError:
            raise RunError(
                f"Artifacts at {self._scheme}:// need the package {package or 'fsspec'}.",
                f"Install it: pip install {package or 'fsspec'}",
            ) from None


def _at_once(files: AbstractFileSystem, root: str) -> dict[str, tuple[str, dict]]:
    """Return ``{name: (path, what is told of it)}`` of the files that are served."""
    return {
        name: (path, info)
        for path, info in files.find(root, detail=True).items()
        if is_served(name := path.removeprefix(f"{root}/"))
    }


def _walked(
    files: AbstractFileSystem, root: str, folder: str = ""
) -> Iterator[tuple[str, tuple[str, dict]]]:
    """Yield what `_at_once` returns, from one folder after the other.

    Not by fsspec's ``find``: it leaves out what it cannot list, as if it were gone.
    """
    for info in files.ls(f"{root}/{folder}" if folder else root, detail=True):
        if info.get("islink"):  # which may lead anywhere
            continue
        path = info["name"].rstrip("/")
        name = f"{folder}/{path.rpartition('/')[2]}".lstrip("/")
        if info["type"] == "directory":
            if leads_to_served(name):
                yield from _walked(files, root, name)
        elif is_served(name):
            yield name, (path, info)


def _tells_version(info: dict) -> bool:
    return any(info.get(key) for key in _VERSION_KEYS)


def _likeness(info: dict) -> str:
    keys = ("size", "ino", *_VERSION_KEYS)
    return " ".join(str(info[key]) for key in keys if info.get(key))
