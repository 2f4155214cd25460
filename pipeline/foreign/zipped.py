"""A ZIP of logs, unpacked where it can do no harm.

Nothing of the archive decides where a file is written but the plain names of its folders and
files; nothing is read beyond the size it claims; an archive inside an archive stays closed.
"""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline import zips
from pipeline.errors import RunError
from pipeline.foreign.limits import DEPTH, FILE_MIB, plain

LIMIT_FILES = 20_000
LIMIT_MIB = 1024

_MIB = 2**20
_TOO_MUCH = "Pack the logs alone, without checkpoints and pictures."
_SAFE_NAME = re.compile(r"[^\x00-\x1f<>:\"/\\|?*]{1,200}")


@contextmanager
def unpacked(path: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yield a temporary folder with the files of a ZIP, and a sentence for each left out.

    Raises
    ------
    RunError : if it is no ZIP, is damaged, or claims more than the limits.
    """
    with tempfile.TemporaryDirectory(prefix="logs-") as folder:
        root = Path(folder)
        try:
            if zips.is_crowded(path, 2 * LIMIT_FILES):  # there are folders, too
                raise RunError(
                    f"{plain(path.name)} lists more than {LIMIT_FILES:,} files.", _TOO_MUCH
                )
            with zipfile.ZipFile(path) as archive:
                problems = _unpack(archive, root, plain(path.name))
        except zips.ERRORS as error:
            raise RunError(
                f"{plain(path.name)} is not a whole ZIP file.", "Pack the folder again."
            ) from error
        yield root, problems


def _unpack(archive: zipfile.ZipFile, root: Path, called: str) -> list[str]:
    # Not `is_dir`, which fails at a name without a letter.
    files = [info for info in archive.infolist() if not info.filename.endswith("/")]
    size = sum(info.file_size for info in files)
    if len(files) > LIMIT_FILES or size > LIMIT_MIB * _MIB:
        raise RunError(
            f"{called} holds {len(files):,} files of {size / _MIB:,.0f} MiB; the limits are "
            f"{LIMIT_FILES:,} files and {LIMIT_MIB:,} MiB.",
            _TOO_MUCH,
        )
    problems = []
    for info in files:
        parts = [part for part in info.filename.replace("\\", "/").split("/") if part != "."]
        if any(part == "__MACOSX" or (part.startswith(".") and part != "..") for part in parts):
            continue
        reason = _refusal(info, parts)
        if reason is None:
            try:
                content = zips.content(archive, info)
            except zips.ERRORS:
                reason = "is damaged"
            else:
                reason = _write(content, root.joinpath(*parts))
        if reason:
            problems.append(f"{plain(info.filename)} in {called} {reason}: it was left out.")
    return problems


def _refusal(info: zipfile.ZipInfo, parts: list[str]) -> str | None:
    """Return why an entry is not unpacked; None if it is."""
    unsafe = [part for part in parts if part == ".." or not _SAFE_NAME.fullmatch(part)]
    if unsafe or not 0 < len(parts) <= DEPTH:
        return "has an unsafe path"
    if parts[-1].lower().endswith(".zip"):
        return "is an archive inside an archive"
    if info.flag_bits & 1:
        return "is encrypted"
    if info.compress_type not in zips.READABLE:
        return "is packed in an unusual way"
    if info.file_size > FILE_MIB * _MIB:
        return f"is larger than {FILE_MIB} MiB"
    return None


def _write(content: bytes, path: Path) -> str | None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        return "is in it twice"
    except OSError:  # a file where a folder should be, or a name this machine does not allow
        return "cannot be unpacked"
    return None
