"""What a compressed frame says of itself, read before a decoder sees it.

The sizes in here, not those of the DICOM header, are what a decoder asks memory for.

References
----------
ITU-T T.81 (JPEG), T.87 (JPEG-LS), T.800 (JPEG 2000), T.814 (High-Throughput JPEG 2000).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from pipeline.containers import damaged, incomplete
from pipeline.dicom.layout import Layout
from pipeline.errors import ImageError

_END = b"\xff\xd9"  # of all three families
_JPEG_START, _J2K_START = b"\xff\xd8", b"\xff\x4f\xff\x51"
# Frame headers of JPEG by what can decode them; the last is that of JPEG-LS.
_LOSSY, _LOSSLESS, _LS = (0xC0, 0xC1, 0xC2), (0xC3,), (0xF7,)
_OTHER_FRAMES = frozenset(range(0xC5, 0xD0)) - {0xC8, 0xCC}
_ADOBE, _JFIF, _SCAN = 0xEE, 0xE0, 0xDA
_MOST_TILES = 65535


@dataclass(frozen=True)
class Codestream:
    """A compressed frame.

    Attributes
    ----------
    data : from its first to its last marker.
    decoder : ``jpeg`` (8 bits, with loss), ``jpeg12`` (the same in up to 12), ``lossless``,
        ``jpegls`` or ``jpeg2000``.
    bits : of a sample.
    tells_colour : whether a JPEG says itself how its channels are to be understood.
    """

    data: bytes
    decoder: str
    rows: int
    columns: int
    samples: int
    bits: int
    tells_colour: bool = False


def read_codestream(data: bytes, layout: Layout) -> Codestream:
    """Find out what a frame is packed with, and hold its header against that of the file.

    What it is packed with is seen, not believed: files with the wrong transfer syntax are common.

    Raises
    ------
    ImageError : if it breaks off, contradicts the header, or is of a kind that is not read.
    """
    begin = data.find(_J2K_START)
    if data.startswith(_JPEG_START):
        found = _jpeg(data)
    elif begin == 0 or (begin > 0 and data[4:8] == b"jP  "):  # some put a whole JP2 file there
        found = _jpeg2000(data[begin:])
    else:
        raise damaged()
    if not found.data.endswith(_END):
        raise incomplete()
    same = (layout.rows, layout.columns, layout.samples)
    if (found.rows, found.columns, found.samples) != same or found.bits > layout.allocated:
        raise ImageError(
            "The DICOM header and the compressed picture contradict each other.",
            "Export the picture anew.",
        )
    return found


def _trimmed(data: bytes) -> bytes:
    """Return `data` without what fills it up to an even length: nulls by rule, others by habit."""
    return data.rstrip(b"\0\xff")


def _jpeg(data: bytes) -> Codestream:
    position, tells_colour, frame = 2, False, None
    while frame is None:
        # Fill bytes before a marker are allowed.
        while data[position : position + 2] == b"\xff\xff":
            position += 1
        if position + 4 > len(data):
            raise incomplete()
        lead, code, length = struct.unpack_from(">BBH", data, position)
        if lead != 0xFF or length < 2 or code == _SCAN or code in _OTHER_FRAMES:
            raise damaged() if code not in _OTHER_FRAMES else _unread()
        content = data[position + 4 : position + 2 + length]
        # A shorter Adobe segment is overlooked by decoders.
        tells_colour |= code == _JFIF and content.startswith(b"JFIF\0")
        tells_colour |= code == _ADOBE and content.startswith(b"Adobe") and length >= 14
        if code in (*_LOSSY, *_LOSSLESS, *_LS):
            frame = code
        else:
            position += 2 + length
    if position + 10 > len(data):
        raise incomplete()
    bits, rows, columns, samples = struct.unpack_from(">BHHB", data, position + 4)
    if not 2 <= bits <= 16:
        raise damaged()
    if frame in _LS:
        decoder = "jpegls"
    elif frame in _LOSSLESS:
        decoder = "lossless"
    elif bits == 8:
        decoder = "jpeg"
    elif bits == 12 and frame != 0xC2:
        decoder = "jpeg12"
    else:
        raise _unread()
    return Codestream(_trimmed(data), decoder, rows, columns, samples, bits, tells_colour)


def _jpeg2000(data: bytes) -> Codestream:
    if len(data) < 45:
        raise incomplete()
    right, bottom, left, top, *tiles, samples = struct.unpack_from(">8IH", data, 8)
    width, height, tiles_left, tiles_top = tiles
    if not (right > left and bottom > top and width and height and samples in (1, 3)):
        raise damaged()
    across, down = -(-(right - tiles_left) // width), -(-(bottom - tiles_top) // height)
    components = data[42 : 42 + 3 * samples]
    depths, steps = set(components[::3]), set(components[1::3]) | set(components[2::3])
    if across * down > _MOST_TILES or len(depths) != 1 or steps != {1}:
        raise damaged()
    bits = (depths.pop() & 0x7F) + 1
    return Codestream(_trimmed(data), "jpeg2000", bottom - top, right - left, samples, bits)


def _unread() -> ImageError:
    return ImageError(
        "The picture in the DICOM file is compressed in a way that is not read.",
        "Export it uncompressed (Explicit VR Little Endian), or as PNG.",
    )
