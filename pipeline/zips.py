"""What every reader of ZIP files must know: what damaged ones raise, and how one is read safely."""

import struct
import zipfile
import zlib
from pathlib import Path

# What zipfile raises on damaged input, found by mutating archives.
ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
_ENTRY = b"PK\x01\x02"  # begins each entry of the list at the end
_PIECE = 2**20
READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others may blow up while being read


def is_crowded(path: Path, most: int) -> bool:
    """Tell whether a file may list more than `most` members.

    To be asked before it is opened, because ``ZipFile`` makes an object of every entry of the list,
    of which 80 MB have room for two million. The count that the file tells is not believed.
    """
    found, before = 0, b""
    with path.open("rb") as file:
        while found <= most and (piece := file.read(_PIECE)):
            found += (before + piece).count(_ENTRY)
            before = piece[1 - len(_ENTRY) :]
    return found > most


def content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Return a member, at most as many bytes as it claims.

    Not ``archive.read``: that inflates all there is, and only then cuts it to the size claimed, so
    that two megabytes that say they hold one byte cost two gigabytes.

    Raises
    ------
    One of `ERRORS`, if it breaks off, holds more than it claims, or its checksum is wrong.
    """
    with archive.open(info) as member:
        found = member.read(info.file_size)
    if len(found) < info.file_size:
        raise EOFError(f"{info.filename} breaks off")
    return found
