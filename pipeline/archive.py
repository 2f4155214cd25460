"""The data set out of a ZIP or a folder: found, checked, and put in place.

Copies of this data set are nested once or twice (``chest_xray/chest_xray/train/...``) and carry
what macOS leaves behind. Nothing of a ZIP decides where a file is written but its last name.
"""

from __future__ import annotations

import os
import re
import shutil
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline import zips
from pipeline.config import CLASS_NAMES
from pipeline.dataset import SPLITS, SUFFIXES
from pipeline.errors import Cancelled, DatasetError
from pipeline.images import LIMIT_MB
from pipeline.storage import replacing

LIMIT_GB = 8  # the originals have 1.2 GB
LIMIT_FILES = 200_000  # macOS leaves one more beside each of the 5,856
_DEPTH = 4  # folders between the top and train/

_SAFE_NAME = re.compile(r"[^\x00-\x1f<>:\"/\\|?*]+")


@dataclass(frozen=True)
class _File:
    """A picture in a source: where it belongs, its bytes, and how to write it to a path."""

    place: tuple[str, str, str]
    bytes: int
    write: Callable[[Path], None]


def fetch_from(
    source: Path,
    folder: Path,
    progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    link: bool = False,
) -> list[Path]:
    """Put the pictures of a ZIP or a folder into ``folder/{train,val,test}/{NORMAL,PNEUMONIA}/``.

    Pictures that are there with the right size are kept, so that an interrupted call can be made
    again. A picture of another size under the same name belongs to another copy of the data set:
    nothing is written then.

    Parameters
    ----------
    source : a ZIP file, or a folder; the layout may lie up to four folders deep.
    progress : called with the finished fraction of the bytes, 0 to 1.
    should_stop : asked before each picture.
    link : make hard links instead of copies where the file system allows it.

    Returns
    -------
    The paths of all pictures of `source` in `folder`.

    Raises
    ------
    DatasetError : if `source` is neither, is damaged, holds no such layout or is unreasonably
        large, if `folder` holds another data set, or if writing fails.
    Cancelled : if `should_stop` said so.
    """
    source, folder = Path(source), Path(folder)
    if not source.exists():
        raise DatasetError(f"{source} does not exist.", "Give the path of the ZIP or folder.")
    with _opened(source, link) as files:
        _check_sizes(files)
        missing = [file for file in files if not _stands(file, folder)]
        _place(missing, folder, progress or (lambda _: None), should_stop or (lambda: False))
        return [folder.joinpath(*file.place) for file in files]


@contextmanager
def _opened(source: Path, link: bool) -> Iterator[list[_File]]:
    if source.is_dir():
        try:
            files = _best(source, _folder_files(source, link))
        except OSError as error:
            raise DatasetError(
                f"{source} could not be read to the end ({error.strerror or error}).",
                "Check the permissions and links in it.",
            ) from error
        yield files
        return
    try:
        if zips.is_crowded(source, LIMIT_FILES):
            raise DatasetError(
                f"{source} lists more than {LIMIT_FILES:,} files.",
                "Get the data set from another place.",
            )
        archive = zipfile.ZipFile(source)
    except PermissionError as error:
        raise DatasetError(f"{source} could not be opened.", "Check its permissions.") from error
    except zips.ERRORS as error:
        raise DatasetError(
            f"{source} is not a ZIP file, or its end is missing.",
            "Download it again, or unpack it and give the folder.",
        ) from error
    with archive:
        yield _best(source, _zip_files(archive, source))


def _best(source: Path, found: dict[tuple[str, ...], list[_File]]) -> list[_File]:
    """Choose the fullest of the layouts found; of equal ones the outermost."""
    if not found:
        raise DatasetError(
            f"{source} holds no pictures under train/, val/ or test/ with NORMAL/ and PNEUMONIA/.",
            "Give the ZIP from Kaggle, or a folder in that layout.",
        )
    prefix = min(found, key=lambda prefix: (-len(found[prefix]), len(prefix), prefix))
    return sorted(found[prefix], key=lambda file: file.place)


def _folder_files(source: Path, link: bool) -> dict[tuple[str, ...], list[_File]]:
    found = defaultdict(list)
    for parent, folders, names in os.walk(source, onerror=_raise):
        parts = Path(parent).relative_to(source).parts
        deepest = len(parts) == _DEPTH + 2
        folders[:] = [] if deepest else [name for name in folders if not _is_junk(name)]
        for name in names:
            if place := _place_of((*parts, name), source):
                path = Path(parent) / name
                found[parts[:-2]].append(_File(place, path.stat().st_size, _copier(path, link)))
    return found


def _raise(error: OSError) -> None:
    raise error


def _zip_files(archive: zipfile.ZipFile, source: Path) -> dict[tuple[str, ...], list[_File]]:
    found = defaultdict(dict)
    for info in archive.infolist():
        # Some Windows programs write backslashes.
        parts = tuple(info.filename.replace("\\", "/").split("/"))
        if place := _place_of(parts, source):
            if info.flag_bits & 1:
                raise DatasetError(f"{source} is encrypted.", "Unpack it and give the folder.")
            if info.compress_type not in zips.READABLE:
                raise DatasetError(
                    f"{source} uses an unusual compression.", "Unpack it and give the folder."
                )
            file = _File(place, info.file_size, _unpacker(archive, info, source))
            found[parts[:-3]][place] = file
    return {prefix: list(files.values()) for prefix, files in found.items()}


def _place_of(parts: tuple[str, ...], source: Path) -> tuple[str, str, str] | None:
    if len(parts) < 3 or parts[-3] not in SPLITS or parts[-2] not in CLASS_NAMES:
        return None
    if any(_is_junk(part) for part in parts) or not parts[-1].lower().endswith(SUFFIXES):
        return None
    if not _SAFE_NAME.fullmatch(parts[-1]):
        raise DatasetError(
            f"{source} holds a file whose name is not safe: {parts[-1]!r}.",
            "Rename it, or get the data set from another place.",
        )
    return parts[-3:]


def _is_junk(part: str) -> bool:
    return part == "__MACOSX" or part.startswith(".")


def _copier(origin: Path, link: bool) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        if link:
            try:
                os.link(origin, path)
                return
            except OSError:  # another file system, or one without links: copy
                pass
        with replacing(path) as temporary:
            shutil.copyfile(origin, temporary)

    return write


def _unpacker(archive: zipfile.ZipFile, info: zipfile.ZipInfo, source: Path):
    def write(path: Path) -> None:
        try:
            content = zips.content(archive, info)
        except zips.ERRORS as error:
            raise DatasetError(
                f"{source} is damaged at {info.filename}.",
                "Download it again; what was unpacked so far is kept.",
            ) from error
        with replacing(path) as temporary:
            temporary.write_bytes(content)

    return write


def _check_sizes(files: list[_File]) -> None:
    largest = max(file.bytes for file in files)
    total = sum(file.bytes for file in files)
    if largest > LIMIT_MB * 1_000_000 or total > LIMIT_GB * 1_000_000_000:
        raise DatasetError(
            f"The pictures would take {total / 1e9:.1f} GB, the largest {largest / 1e6:.0f} MB; "
            f"the limits are {LIMIT_GB} GB and {LIMIT_MB} MB.",
            "Get the data set from another place.",
        )


def _stands(file: _File, folder: Path) -> bool:
    path = folder.joinpath(*file.place)
    if not path.exists():
        return False
    if path.stat().st_size != file.bytes:
        raise DatasetError(
            f"{path} is another picture than the one to be fetched under that name.",
            "Choose an empty folder with --to.",
        )
    return True


def _place(
    files: list[_File],
    folder: Path,
    progress: Callable[[float], None],
    should_stop: Callable[[], bool],
) -> None:
    total, done = max(1, sum(file.bytes for file in files)), 0
    try:
        for file in files:
            if should_stop():
                raise Cancelled("Fetching the data set")
            path = folder.joinpath(*file.place)
            path.parent.mkdir(parents=True, exist_ok=True)
            file.write(path)
            done += file.bytes
            progress(done / total)
    except OSError as error:
        raise DatasetError(
            f"The pictures could not be written to {folder} ({error.strerror or error}).",
            "Check its permissions and the free space, then try again; what is there is kept.",
        ) from error
    progress(1.0)
