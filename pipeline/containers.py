"""What a PNG or JPEG file is made of, read before any decoder sees it.

`unpack` walks the chunks of a PNG or the segments of a JPEG and keeps only those that carry
pixels. Comments, colour profiles, previews and everything else that a decoder would unpack,
store or warn about are left behind, so that a file cannot hide anything in them. The size a file
claims is known before memory is asked for, and a file that breaks off is told from a whole one.

References
----------
ISO/IEC 15948 (PNG), ITU-T T.81 (JPEG), CIPA DC-008 (EXIF).
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass

from pipeline.errors import ImageError

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_OTHERS = {
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF document",
    b"II*\x00": "a TIFF picture",
    b"MM\x00*": "a TIFF picture",
    b"RIFF": "a WebP picture or a film",
    b"BM": "a BMP picture",
    b"PK\x03\x04": "a ZIP archive or an office document",
}

# Chunks or segments. A picture of 32 MB in pieces of 8 kB has four thousand.
_MOST_PARTS = 100_000

_PIXEL_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
_PALETTE = 3
# First column and row, column and row step of each pass over the picture.
_PLAIN = ((0, 0, 1, 1),)
_INTERLACED = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
# Deflate packs at most 1032 to 1: one piece never inflates to more than 8 MB.
_PIECE = 8192
_ORIENTATION = 0x0112

# JPEG markers. Those without a length: TEM, restarts, start and end of the picture.
_BARE = frozenset([0x01, *range(0xD0, 0xDA)])
_START_OF_SCAN, _END = 0xDA, 0xD9
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_READABLE_FRAMES = frozenset([0xC0, 0xC1, 0xC2])  # baseline, extended, progressive
_APP1, _APP2, _APPLICATIONS, _COMMENT = 0xE1, 0xE2, range(0xE0, 0xF0), 0xFE
# The only application segments that say how the channels are to be understood.
_DESCRIPTIONS = {0xE0: b"JFIF\0", 0xEE: b"Adobe"}
# In the coded pixels FF 00 is a plain FF and FF D0-D7 a restart; any other pair is a marker.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
# Progressive files of libjpeg have ten scans. Each is a pass over all pixels that costs the
# sender a few bytes, so that thousands of them would keep the decoder busy for hours.
_MOST_SCANS = 100


@dataclass(frozen=True)
class Container:
    """A file reduced to its pixels.

    Attributes
    ----------
    format : ``PNG`` or ``JPEG``.
    data : a file of that format with nothing in it but what decoding needs.
    width, height : as the header claims, in pixels, before any rotation.
    bits : of each channel.
    orientation : EXIF orientation, 1 to 8; 1 is upright.
    frames : pictures in the file; an animated PNG or a JPEG of a stereo camera has several.
    stream : the packed pixels of a PNG; empty for a JPEG.
    unpacked_bytes : what `stream` must inflate to.
    """

    format: str
    data: bytes
    width: int
    height: int
    bits: int
    orientation: int
    frames: int
    stream: bytes | memoryview = b""
    unpacked_bytes: int = 0


def unpack(data: bytes) -> Container:
    """Recognise a file by its content, check how it is built, and keep what carries pixels.

    Raises
    ------
    ImageError : if it is neither PNG nor JPEG, breaks off, contradicts itself, or is of a kind
        that is not read.
    """
    if data.startswith(_PNG):
        return _unpack_png(data)
    if data.startswith(_JPEG):
        return _unpack_jpeg(data)
    what = next((name for start, name in _OTHERS.items() if data.startswith(start)), None)
    raise ImageError(
        f"This is {what}, not a PNG, JPEG or DICOM file."
        if what
        else "This is not a PNG, JPEG or DICOM picture.",
        "Choose a PNG, JPEG or DICOM file of a chest X-ray.",
    )


def check_size(container: Container) -> None:
    """Look whether the file holds as many pixels as its header claims, before they are decoded.

    A decoder leaves missing rows black or grey. The pixels of a PNG are inflated piece by piece;
    of a JPEG only what is impossible can be told without decoding it. Call this once the claimed
    size has been accepted, because the work grows with it.

    Raises
    ------
    ImageError : if pixels are missing, superfluous or damaged.
    """
    if container.format == "JPEG":
        # A block of 8 x 8 pixels takes at least a bit.
        blocks = -(-container.width // 8) * -(-container.height // 8)
        if 8 * len(container.data) < blocks:
            raise incomplete()
        return
    inflate, found = zlib.decompressobj(), 0
    try:
        for start in range(0, len(container.stream), _PIECE):
            found += len(inflate.decompress(container.stream[start : start + _PIECE]))
            if inflate.eof or found > container.unpacked_bytes:
                break
    except zlib.error as error:
        raise damaged() from error
    if found > container.unpacked_bytes:
        raise damaged()
    if not inflate.eof or found < container.unpacked_bytes:
        raise incomplete()


def incomplete() -> ImageError:
    return ImageError("The picture is incomplete: it breaks off.", "Download or export it again.")


def damaged() -> ImageError:
    return ImageError(
        "The picture is damaged and cannot be decoded.", "Download or export it again."
    )


def _unpack_png(data: bytes) -> Container:
    found: dict[bytes, list[memoryview]] = {kind: [] for kind in _PIXEL_CHUNKS}
    view, position, orientation, frames = memoryview(data), len(_PNG), 1, 1
    for _ in range(_MOST_PARTS):
        if position + 12 > len(data):
            raise incomplete()
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 8 + length
        if end + 4 > len(data):
            raise incomplete()
        content = view[position + 8 : end]
        if kind in found:
            if zlib.crc32(view[position + 4 : end]) != struct.unpack_from(">I", data, end)[0]:
                raise damaged()
            found[kind].append(content if kind != b"IEND" else view[:0])
            if kind == b"IEND":
                break
        elif kind == b"acTL" and length == 8:
            frames = max(frames, struct.unpack(">I", content[:4])[0])
        elif kind == b"eXIf":
            orientation = _orientation(bytes(content))
        elif not kind[0] & 0x20:  # a capital letter: not to be decoded without knowing it
            raise damaged()
        position = end + 4
    else:
        raise damaged()
    header, palette, _, pixels, _ = found.values()
    if len(header) != 1 or len(header[0]) != 13 or not pixels:
        raise damaged()
    width, height, bits, colour_type, _, _, interlaced = struct.unpack(">IIBBBBB", header[0])
    if colour_type not in _CHANNELS or (colour_type == _PALETTE and len(palette) != 1):
        raise damaged()
    packed = _PNG + b"".join(_chunk(kind, found[kind]) for kind in _PIXEL_CHUNKS if found[kind])
    # Behind the pixels stand their checksum and an empty IEND.
    stream = memoryview(packed)[-16 - sum(map(len, pixels)) : -16]
    bits_per_pixel = bits * _CHANNELS[colour_type]
    unpacked_bytes = _unpacked_bytes(width, height, bits_per_pixel, interlaced)
    return Container(
        "PNG", packed, width, height, bits, orientation, frames, stream, unpacked_bytes
    )


def _unpacked_bytes(width: int, height: int, bits_per_pixel: int, interlaced: int) -> int:
    total = 0
    for column, row, column_step, row_step in _INTERLACED if interlaced else _PLAIN:
        columns = -((column - width) // column_step)
        rows = -((row - height) // row_step)
        if columns > 0 and rows > 0:
            # Each row begins with a byte that names its filter.
            total += rows * (1 + (columns * bits_per_pixel + 7) // 8)
    return total


def _chunk(kind: bytes, parts: list[memoryview]) -> bytes:
    content = b"".join(parts)
    checksum = zlib.crc32(content, zlib.crc32(kind))
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def _unpack_jpeg(data: bytes) -> Container:
    view, position = memoryview(data), 2
    kept = [view[:2]]
    frame: tuple[int, int, int] | None = None
    orientation, pictures, scans = 1, 1, 0
    described = set()
    for _ in range(_MOST_PARTS):
        # Fill bytes and stray bytes before a marker are skipped, as every decoder does.
        match = _NEXT_MARKER.search(data, position)
        if match is None:
            raise incomplete()
        start, code = match.start(), data[match.start() + 1]
        if code == _END:
            kept.append(view[start : start + 2])
            break
        if code in _BARE:
            position = start + 2
            continue
        if start + 4 > len(data):
            raise incomplete()
        end = start + 2 + struct.unpack_from(">H", data, start + 2)[0]
        if end > len(data):
            raise incomplete()
        content, position = view[start + 4 : end], end
        if code in _FRAMES:
            if frame is not None or len(content) < 6:
                raise damaged()
            frame = _jpeg_frame(code, content)
        elif code == _APP1 and content[:6] == b"Exif\0\0":
            orientation = _orientation(bytes(content[6:]))
        elif code == _APP2 and content[:4] == b"MPF\0":
            pictures = 2
        elif code == _START_OF_SCAN:
            scans += 1
            if scans > _MOST_SCANS:
                raise ImageError(
                    f"The JPEG is built of more than {_MOST_SCANS} layers.",
                    "Open it in another program and save it anew.",
                )
            # The coded pixels run up to the next marker.
            match = _NEXT_MARKER.search(data, end)
            if match is None:
                raise incomplete()
            position = match.start()
        elif content[:5] == _DESCRIPTIONS.get(code) and code not in described:
            described.add(code)
            kept.append(view[start:position])
        if code not in _APPLICATIONS and code != _COMMENT:
            kept.append(view[start:position])
    else:
        raise damaged()
    if frame is None or not scans:
        raise incomplete()
    bits, height, width = frame
    return Container("JPEG", b"".join(kept), width, height, bits, orientation, pictures)


def _jpeg_frame(code: int, content: memoryview) -> tuple[int, int, int]:
    """Return (bits, height, width) of a frame header that the decoder can read."""
    bits, height, width = struct.unpack(">BHH", content[:5])
    if code not in _READABLE_FRAMES or bits != 8:
        raise ImageError(
            "This is a lossless, arithmetic or 12 bit JPEG, which is not read.",
            "Export the picture as PNG or as an ordinary JPEG.",
        )
    return bits, height, width


def _orientation(exif: bytes) -> int:
    """Return the orientation in an EXIF block, 1 if it holds none or makes no sense."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None or len(exif) < 8:
        return 1
    (directory,) = struct.unpack_from(f"{order}I", exif, 4)
    if directory + 2 > len(exif):
        return 1
    (count,) = struct.unpack_from(f"{order}H", exif, directory)
    for entry in range(directory + 2, directory + 2 + 12 * count, 12):
        if entry + 12 > len(exif):
            break
        tag, _, _, value = struct.unpack_from(f"{order}HHIH", exif, entry)
        if tag == _ORIENTATION:
            return value if 1 <= value <= 8 else 1
    return 1
