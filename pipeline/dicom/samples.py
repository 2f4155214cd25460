"""The stored samples of a picture, whatever they are packed with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.containers import damaged, incomplete
from pipeline.dicom.apart import decode_apart
from pipeline.dicom.codestream import Codestream, read_codestream
from pipeline.dicom.elements import Element, fragments
from pipeline.dicom.layout import Layout
from pipeline.dicom.rle import unpack_rle
from pipeline.dicom.syntax import Syntax
from pipeline.errors import ImageError

# An ordinary JPEG in, (H, W) or (H, W, 3) uint8 out.
JpegDecoder = Callable[[bytes], np.ndarray]


@dataclass(frozen=True)
class Samples:
    """Stored samples.

    Attributes
    ----------
    levels : (H, W, S) uint16, counted from the lowest value that can be stored.
    lowest : the stored value of level 0; below 0 if they have a sign.
    bits : that a level takes.
    is_rgb : whether the decoder has already turned the colours to RGB.
    """

    levels: np.ndarray
    lowest: int
    bits: int
    is_rgb: bool = False


def read_samples(
    pixels: Element, syntax: Syntax, layout: Layout, decode_jpeg: JpegDecoder
) -> Samples:
    """Decode the pixels.

    Raises
    ------
    ImageError : if they break off, contradict the header, or are packed in a way not read.
    """
    if syntax.packing == "film":
        raise ImageError(
            "The DICOM file holds a film, not a picture.",
            "Export the frame you mean as a file of its own.",
        )
    if not pixels.encapsulated:
        return _counted(_native(pixels, layout), layout, layout.allocated)
    frame = b"".join(fragments(pixels))
    if syntax.packing == "rle":
        return _counted(unpack_rle(frame, layout), layout, layout.allocated)
    packed = read_codestream(frame, layout)
    if packed.decoder == "jpeg":
        array = decode_jpeg(_with_colour(packed, layout))
        array = array.reshape(layout.rows, layout.columns, -1)
        if array.shape[2] != layout.samples:
            raise damaged()
        return _counted(array, layout, 8, is_rgb=True)
    array = decode_apart(packed)
    # The transform of JPEG 2000 belongs to its packing and is undone by its decoder.
    is_rgb = layout.photometric in ("YBR_ICT", "YBR_RCT")
    return _counted(array, layout, packed.bits, is_rgb)


def _native(pixels: Element, layout: Layout) -> np.ndarray:
    shape = (layout.rows, layout.columns, layout.samples)
    halved = layout.photometric == "YBR_FULL_422"
    # Two neighbours share their colours: four bytes for two pixels.
    count = layout.size * 2 // 3 if halved else layout.size
    length = count * layout.allocated // 8
    big = pixels.syntax.order == ">"
    if len(pixels.value) < length or (halved and (layout.columns % 2 or layout.allocated != 8)):
        raise incomplete() if len(pixels.value) < length else damaged()
    if layout.allocated == 8 and big and pixels.representation == b"OW":
        # In words of two bytes that stand the wrong way round (PS3.5, 8.2).
        words = np.frombuffer(pixels.value[: length + length % 2], ">u2")
        flat = words.astype("<u2").view(np.uint8)[:count]
    elif layout.allocated == 8:
        flat = np.frombuffer(pixels.value[:length], np.uint8)
    else:
        flat = np.frombuffer(pixels.value[:length], f"{pixels.syntax.order}u2")
    if halved:
        pairs = flat.reshape(layout.rows, layout.columns // 2, 4)
        chroma = np.repeat(pairs[:, :, 2:], 2, axis=1)
        luma = pairs[:, :, :2].reshape(layout.rows, layout.columns, 1)
        return np.concatenate([luma, chroma], axis=2)
    if layout.samples == 3 and layout.by_plane:
        return flat.reshape(3, layout.rows, layout.columns).transpose(1, 2, 0)
    return flat.reshape(shape)


def _with_colour(packed: Codestream, layout: Layout) -> bytes:
    """Return the JPEG, told that its channels are RGB where only the DICOM header says so."""
    if layout.photometric != "RGB" or packed.tells_colour:
        return packed.data
    adobe = b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0"
    return packed.data[:2] + adobe + packed.data[2:]


def _counted(array: np.ndarray, layout: Layout, width: int, is_rgb: bool = False) -> Samples:
    """Cut the stored bits out of samples of `width` bits, and count from the lowest.

    What else is in the upper bits of old files is an overlay, or the sign once more.
    """
    bits = min(layout.stored, width)
    shift = layout.shift if layout.stored + layout.shift <= width else 0
    # A copy in any case: a view would keep the file, header and all, alive with the picture.
    levels = array.astype(np.uint16)
    if shift:
        levels >>= np.uint16(shift)
    levels &= np.uint16(2**bits - 1)
    if not layout.signed:
        return Samples(levels, 0, bits, is_rgb)
    levels ^= np.uint16(2 ** (bits - 1))  # two's complement, counted from the most negative
    return Samples(levels, -(2 ** (bits - 1)), bits, is_rgb)
