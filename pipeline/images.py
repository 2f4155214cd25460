"""Bytes or files in, checked grey pictures out: PNG, JPEG, DICOM. The only user of Pillow.

A picture is hostile until it is decoded: its size in bytes, how its file is built
(`pipeline.containers`, `pipeline.dicom`) and the size it claims are checked before a single pixel
is read. Nothing is written to disk or to a log.
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline import dicom
from pipeline.containers import Container, check_size, damaged, incomplete, unpack
from pipeline.depth import Depth, Window
from pipeline.errors import ImageError
from pipeline.room import Room, give_back
from pipeline.tags import Tags

# The largest original of the data set has 2916 x 2663 pixels (7.8 megapixels) and 2.5 MB;
# digital radiography detectors reach about 18 megapixels. Decoding 40 megapixels takes 0.1 GB of a
# grey picture, 0.3 GB of a 16 bit or transparent one, and 0.5 GB of a progressive JPEG.
LIMIT_MB = 32
LIMIT_MEGAPIXELS = 40
# As many pixels uncompressed, in 16 bits, and a header.
LIMIT_DICOM_MB = 85
SMALLEST_SIDE_PX = 64
# Pictures of the largest accepted size that one process decodes at a time.
DECODERS = min(4, os.cpu_count() or 1)
# In pixels: many small pictures never wait for one another.
_room = Room(int(DECODERS * LIMIT_MEGAPIXELS * 1e6))
# Decoding a larger one leaves so much freed memory behind that giving it back is worth the 10 to
# 60 ms that it takes.
_LARGE_PX = 8_000_000

# Pictures are turned to grey in bands of this many rows: a conversion of the whole at once would
# need several copies of it.
_BAND_PX = 256
# Saturation is measured on this many cells a side, where single coloured pixels do not count.
_GRID = 64
# What Pillow raises on damaged pixels, found by mutating real files.
_DECODER_ERRORS = (OSError, SyntaxError, ValueError, MemoryError)


@dataclass(frozen=True)
class Picture:
    """A decoded picture.

    Attributes
    ----------
    image : (H, W) uint8, 0 is black.
    colour : mean saturation over the picture in [0, 1]; a radiograph has next to none.
    sha256 : of the file's bytes; names the picture in caches and logs.
    notes : what was done to get here, each a sentence, for example a rotation by EXIF.
    tags : what is kept of a DICOM header; None for other files.
    depth : the grey levels of a DICOM file, or of another that has more than 256 of them; None
        for other files. Through its first window it looks like `image`.
    spacing_mm : (row, column) distance of neighbouring pixels; None where it is not known.
    """

    image: np.ndarray
    colour: float
    sha256: str
    notes: tuple[str, ...] = ()
    tags: Tags | None = None
    depth: Depth | None = None
    spacing_mm: tuple[float, float] | None = None


def read_picture(source: bytes | str | Path) -> Picture:
    """Decode a PNG, a JPEG or a DICOM file of one picture.

    Parameters
    ----------
    source : the bytes of a file, or its path.

    Returns
    -------
    Picture : upright (EXIF orientation applied), transparent parts on black, 16 bit scaled to 8.

    Raises
    ------
    ImageError : with one sentence and the next step, for every file that is no usable picture.
    """
    data = source if isinstance(source, bytes) else _read_file(Path(source))
    if not data:
        raise ImageError("The file is empty.", "Choose it again, or export the picture anew.")
    is_dicom = dicom.is_dicom(data)
    limit_mb = LIMIT_DICOM_MB if is_dicom else LIMIT_MB
    if len(data) > limit_mb * 1_000_000:
        raise ImageError(
            f"The file is larger than {limit_mb} MB.",
            "Export the picture as JPEG or at a lower resolution.",
        )
    return _read_dicom(data) if is_dicom else _read_container(data)


def _read_container(data: bytes) -> Picture:
    """Decode a PNG or JPEG."""
    container = unpack(data)
    _check_claims(container.width, container.height)
    with _decoding(container.width * container.height):
        return _unpacked(container, data)


@contextmanager
def _decoding(pixels: int) -> Iterator[None]:
    """Have room for decoding so many pixels inside the block."""
    try:
        with _room.taken(pixels):
            yield
    finally:
        if pixels >= _LARGE_PX:
            give_back()


def _unpacked(container: Container, data: bytes) -> Picture:
    if container.format == "PNG" and container.frames > 1:
        raise ImageError(
            "The picture is animated; which of its frames is meant cannot be told.",
            "Save the frame you mean as a picture of its own.",
        )
    check_size(container)
    notes: list[str] = []
    try:
        with Image.open(io.BytesIO(container.data), formats=[container.format]) as decoded:
            notes += _notes(container, decoded)
            depth = _depth(decoded, container.orientation, notes)
            grey, colour = (None, 0.0) if depth else _grey(decoded, notes)
    except _DECODER_ERRORS as error:
        raise damaged() from error
    if depth:
        image = depth.windowed(depth.windows[0])
    else:
        _refuse_broken_off(container, grey)
        image = _upright(grey, container.orientation)
    if container.orientation != 1:
        notes.append("Turned upright as its EXIF orientation asks.")
    return Picture(image, colour, hashlib.sha256(data).hexdigest(), tuple(notes), depth=depth)


def _read_dicom(data: bytes) -> Picture:
    header = dicom.read_header(data, LIMIT_DICOM_MB * 1_000_000)
    _check_claims(header.layout.columns, header.layout.rows)
    with _decoding(header.layout.columns * header.layout.rows):
        decoded = dicom.decode(header, _decode_jpeg)
        notes = list(decoded.notes)
        if decoded.depth:
            image, colour = decoded.depth.windowed(decoded.depth.windows[0]), 0.0
        else:
            image, colour = _grey(Image.fromarray(decoded.rgb), notes)
    return Picture(
        image,
        colour,
        hashlib.sha256(data).hexdigest(),
        tuple(notes),
        decoded.tags,
        decoded.depth,
        decoded.spacing_mm,
    )


def _decode_jpeg(data: bytes) -> np.ndarray:
    """Return the pixels of the JPEG in a DICOM file, (H, W) or (H, W, 3) uint8."""
    container = unpack(data)
    check_size(container)
    try:
        with Image.open(io.BytesIO(container.data), formats=["JPEG"]) as decoded:
            pixels = np.asarray(decoded if decoded.mode == "L" else decoded.convert("RGB"))
    except _DECODER_ERRORS as error:
        raise damaged() from error
    _refuse_broken_off(container, pixels)
    return pixels


def read_image(source: bytes | str | Path) -> np.ndarray:
    """Return only the pixels of `read_picture`: (H, W) uint8."""
    return read_picture(source).image


def shrunk(image: np.ndarray, longest_px: int) -> np.ndarray:
    """Return a grey picture (H, W) in its aspect, no side longer than `longest_px`; as `resize`."""
    factor = min(1.0, longest_px / max(image.shape))
    return resize(image, *(max(1, round(side * factor)) for side in image.shape))


def resize(image: np.ndarray, height_px: int, width_px: int | None = None) -> np.ndarray:
    """Resample a grey picture with an antialiased bilinear filter.

    The same function prepares training images and uploads, so that an original and its small
    copy reach the network alike. The aspect is not kept: the data set's copies are square too.

    Parameters
    ----------
    image : (H, W) uint8, or uint16 for grey levels that are to be looked at through a window.
    height_px, width_px : the new size; a square of `height_px` if no width is given.

    Returns
    -------
    (height_px, width_px) of the same type.
    """
    if image.ndim != 2 or image.dtype not in (np.uint8, np.uint16):
        raise ValueError(
            f"Expected a (H, W) uint8 or uint16 image. Received: shape {image.shape}, {image.dtype}"
        )
    width_px = height_px if width_px is None else width_px
    if image.shape == (height_px, width_px):
        return image
    resized = Image.fromarray(image).resize((width_px, height_px), Image.Resampling.BILINEAR)
    return np.asarray(resized)


def recompress(image: np.ndarray, quality: int) -> np.ndarray:
    """Return `image` (H, W) uint8 after a JPEG round trip at `quality` (1-95)."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def encode_png(image: np.ndarray) -> bytes:
    """Encode (H, W), (H, W, 3) or (H, W, 4) uint8, or (H, W) uint16, as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def decode_png(content: bytes) -> np.ndarray:
    """Return the grey levels (H, W), uint8 or uint16, of a PNG that `encode_png` made.

    Raises
    ------
    ImageError : if it claims more pixels than are ever decoded.
    """
    _check_area(*struct.unpack(">II", content[16:24]))
    with Image.open(io.BytesIO(content), formats=["PNG"]) as stored:
        return np.array(stored)


def encode_jpeg(image: np.ndarray, quality: int = 90) -> bytes:
    """Encode (H, W) or (H, W, 3) uint8 as JPEG."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _read_file(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise ImageError("This is a folder, not a picture.", "Name the files inside it.")
        if path.exists() and not path.is_file():  # reading a device or a pipe may never end
            raise ImageError("This is not an ordinary file.", "Choose a PNG, JPEG or DICOM file.")
        with path.open("rb") as file:
            return file.read(LIMIT_DICOM_MB * 1_000_000 + 1)
    except OSError as error:
        raise ImageError(
            f"The file could not be opened ({error.strerror or 'unreadable'}).",
            "Check the path and its permissions.",
        ) from error


def _check_claims(width: int, height: int) -> None:
    """Refuse what must not be decoded, by the size in the header alone."""
    _check_area(width, height)
    if min(width, height) < SMALLEST_SIDE_PX:
        raise ImageError(
            f"The picture has {width} x {height} pixels; "
            f"at least {SMALLEST_SIDE_PX} on each side are needed.",
            "Choose the original, not a thumbnail.",
        )


def _check_area(width: int, height: int) -> None:
    if width * height > LIMIT_MEGAPIXELS * 1e6:
        raise ImageError(
            f"The picture claims {width} x {height} pixels; "
            f"the limit is {LIMIT_MEGAPIXELS} megapixels.",
            "Export it at a lower resolution.",
        )


def _notes(container: Container, decoded: Image.Image) -> list[str]:
    notes = []
    if container.frames > 1:
        notes.append("Only the first of the pictures in the file is used.")
    if container.bits == 16 and decoded.mode != "I;16":
        notes.append("Of the 16 bits of each channel the upper 8 are used.")
    if decoded.mode == "CMYK":
        notes.append("Converted from CMYK, a print format.")
    return notes


def _grey(picture: Image.Image, notes: list[str]) -> tuple[np.ndarray, float]:
    """Return (H, W) uint8 and the mean saturation, working in bands to bound the memory."""
    width, height = picture.size
    grey = np.empty((height, width), np.uint8)
    saturation = 0.0
    transparent = False
    for top in range(0, height, _BAND_PX):
        bottom = min(top + _BAND_PX, height)
        part = picture if height <= _BAND_PX else picture.crop((0, top, width, bottom))
        if part.has_transparency_data:
            part = part.convert("RGBA")
            transparent = transparent or part.getextrema()[3][0] < 255
            part = Image.alpha_composite(Image.new("RGBA", part.size, (0, 0, 0, 255)), part)
        if part.mode not in ("1", "L"):
            part = part if part.mode == "RGB" else part.convert("RGB")
            share = (bottom - top) / height
            cells = part.resize((_GRID, max(1, round(share * _GRID))), Image.Resampling.BOX)
            red, green, blue = (np.asarray(channel) for channel in cells.split())
            most = np.maximum(np.maximum(red, green), blue)
            least = np.minimum(np.minimum(red, green), blue)
            saturation += share * float(np.mean(most - least))
        grey[top:bottom] = np.asarray(part if part.mode == "L" else part.convert("L"))
    if transparent:
        notes.append("Transparent parts are shown on black.")
    return grey, saturation / 255


def _depth(picture: Image.Image, orientation: int, notes: list[str]) -> Depth | None:
    """Return the levels of a 16 bit grey picture, None of any other.

    Seen by the smallest usual detector depth that holds the brightest pixel: radiographs in 16 bit
    files mostly carry 10 to 14 bits; scaling by 65535 would turn them black.
    """
    if picture.mode != "I;16":
        return None
    levels = _upright(np.array(picture), orientation)
    darkest, brightest = int(levels.min()), int(levels.max())
    bits = next(bits for bits in (8, 10, 12, 14, 16) if brightest < 2**bits)
    if bits > 8:
        notes.append(f"Scaled from {bits} to 8 bits.")
    stored = Window(f"all of {bits} bits", 0, 2**bits - 1)
    return Depth(levels, (stored, Window("whole range", darkest, max(brightest, darkest + 1))))


def _refuse_broken_off(container: Container, grey: np.ndarray) -> None:
    """Refuse a JPEG whose coded pixels end early although its end marker is there.

    The decoder fills what is missing with exactly 128, by whole blocks of 8 rows, silently.
    """
    if container.format == "JPEG" and (grey[-8:] == 128).all() and not (grey == 128).all():
        raise incomplete()


def _upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Undo the EXIF orientation (1-8): how the first row and column of the file lie."""
    if orientation == 1:
        return pixels
    if orientation >= 5:
        pixels = pixels.T
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
