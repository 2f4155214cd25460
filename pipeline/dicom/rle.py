"""DICOM's run length encoding (PS3.5, annex G), which costs no library.

The length of what comes out is known beforehand, and no more is ever written.
"""

from __future__ import annotations

import struct

import numpy as np

from pipeline.containers import damaged, incomplete
from pipeline.dicom.layout import Layout

_HEADER = 64
# Two bytes stand for 128 at most.
_LARGEST_FACTOR = 64


def unpack_rle(data: bytes, layout: Layout) -> np.ndarray:
    """Return the samples (H, W, S) uint8 or uint16 of a frame.

    Raises
    ------
    ImageError : if it breaks off, or holds other segments than the layout asks for.
    """
    if len(data) < _HEADER or _LARGEST_FACTOR * len(data) < layout.size * layout.allocated // 8:
        raise incomplete()
    count, *offsets = struct.unpack_from("<16I", data)
    bytes_each = layout.allocated // 8
    if count != layout.samples * bytes_each:
        raise damaged()
    pixels = layout.rows * layout.columns
    planes = np.empty((layout.samples, bytes_each, pixels), np.uint8)
    ends = [*offsets[1:count], len(data)]
    for number, (begin, end) in enumerate(zip(offsets, ends, strict=False)):
        if not _HEADER <= begin <= end <= len(data):
            raise damaged()
        plane = np.frombuffer(_segment(data[begin:end], pixels), np.uint8)
        planes[number // bytes_each, number % bytes_each] = plane
    # Segments hold the higher bytes first.
    joined = planes[:, 0] if bytes_each == 1 else planes[:, 0].astype(np.uint16) << 8 | planes[:, 1]
    return joined.reshape(layout.samples, layout.rows, layout.columns).transpose(1, 2, 0)


def _segment(data: bytes, length: int) -> bytearray:
    """Undo the packing of one segment to exactly `length` bytes."""
    found, position = bytearray(), 0
    while len(found) < length:
        if position >= len(data):
            raise incomplete()
        code = data[position]
        if code < 128:
            found += data[position + 1 : position + 2 + code]
            position += 2 + code
        elif code > 128:
            found += data[position + 1 : position + 2] * (257 - code)
            position += 2
        else:
            position += 1
    return found[:length]
