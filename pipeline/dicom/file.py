"""From the bytes of a file to the elements of its data set."""

from __future__ import annotations

import zlib
from collections.abc import Collection

from pipeline.containers import damaged, incomplete
from pipeline.dicom.elements import Elements, first_tags, read_elements
from pipeline.dicom.syntax import EXPLICIT, IMPLICIT, SYNTAXES, Syntax
from pipeline.dicom.values import text
from pipeline.errors import ImageError

_MARK = b"DICM"
_PREAMBLE = 128
_TRANSFER_SYNTAX = 0x00020010
# The groups that a data set without preamble begins with: file meta, or identification.
_FIRST_GROUPS = (b"\x02\0", b"\x08\0")
# Elements that must make sense before such a file is believed to be one.
_BELIEVED = 3
_LAST_BELIEVED = 0x0010FFFF  # the first three stand in the groups of meta, study and patient


def is_dicom(data: bytes) -> bool:
    """Tell whether this is a DICOM file, or a data set that lost its preamble.

    Without the mark nothing names the format: the first elements must be in order and fit.
    """
    if data[_PREAMBLE : _PREAMBLE + 4] == _MARK:
        return True
    if data[:2] not in _FIRST_GROUPS:
        return False
    view = memoryview(data)
    try:
        tags = first_tags(view, EXPLICIT if _tells(view) else IMPLICIT, _BELIEVED)
    except ImageError:
        return False
    return len(tags) == _BELIEVED and tags == sorted(set(tags)) and tags[-1] <= _LAST_BELIEVED


def read_file(data: bytes, wanted: Collection[int], limit: int) -> tuple[Syntax, Elements]:
    """Return how a DICOM file is written, and the `wanted` elements of its data set.

    Parameters
    ----------
    limit : bytes that a packed data set may unpack to.

    Raises
    ------
    ImageError : if it is damaged, breaks off, or is written in a way that is not read.
    """
    view = memoryview(data)
    marked = data[_PREAMBLE : _PREAMBLE + 4] == _MARK
    view = view[_PREAMBLE + 4 :] if marked else view
    meta, end = _file_meta(view)
    view = view[end:]
    uid = text(meta, _TRANSFER_SYNTAX)
    if uid and uid not in SYNTAXES:
        raise ImageError(
            "The DICOM file is written in a transfer syntax that is not read.",
            "Export it uncompressed (Explicit VR Little Endian), or as PNG.",
        )
    syntax = SYNTAXES.get(uid, IMPLICIT)
    if syntax.deflated:
        view = _inflated(view, limit)
    if syntax.order == "<":
        # Whether representations are told is seen, because some files say it wrong and those
        # without file meta not at all.
        syntax = syntax.telling(_tells(view))
    return syntax, read_elements(view, syntax, wanted)[0]


def _file_meta(view: memoryview) -> tuple[Elements, int]:
    if view[:2] != b"\x02\0":
        return {}, 0
    syntax = EXPLICIT if _tells(view) else IMPLICIT
    return read_elements(view, syntax, (_TRANSFER_SYNTAX,), group=2)


def _tells(view: memoryview) -> bool:
    """Tell whether the first element names its representation: a length would be no two letters."""
    letters = bytes(view[4:6])
    return len(letters) == 2 and letters.isalpha() and letters.isupper()


def _inflated(view: memoryview, limit: int) -> memoryview:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        data = inflate.decompress(view, limit)
    except zlib.error as error:
        raise damaged() from error
    if inflate.unconsumed_tail:
        raise ImageError(
            f"The DICOM file unpacks to more than {limit // 1_000_000} MB.",
            "Export the picture at a lower resolution.",
        )
    if not inflate.eof:
        raise incomplete()
    return memoryview(data)
