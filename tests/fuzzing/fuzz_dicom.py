"""Fuzz the reader of DICOM files: a picture, or a sentence.

Everything that runs in the reader's own process is run. The decoders written in C or C++, which
have a process of their own because they crash, are stood in for by one that gives as many samples
as the frame told; `fuzz_dicom_apart.py` runs them.
"""

from __future__ import annotations

import io
import struct

import numpy as np
from campaign import run, watched
from dicom_parts import (
    BASELINE,
    BIG,
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    J2K,
    JPEGLS,
    LOSSLESS,
    PIXELS,
    RLE,
    Part,
    fragments,
    item,
    mutated_dicom,
    written,
)
from PIL import Image

with watched(__name__ == "__main__"):
    from pipeline.dicom import samples
    from pipeline.dicom.codestream import Codestream
    from pipeline.errors import ImageError
    from pipeline.images import SMALLEST_SIDE_PX, read_picture

REFUSALS = ImageError
mutate = mutated_dicom
_ROWS, _COLUMNS = 65, 72


def header(bits: int, pixels: Part, photometric: bytes = b"MONOCHROME2", *more: Part) -> list[Part]:
    """Return the elements of a picture of 65 x 72, in order."""
    allocated = 8 if bits <= 8 else 16
    grey = photometric.startswith(b"MONO") or photometric.startswith(b"PAL")
    shorts = {
        0x00280002: 1 if grey else 3, 0x00280006: 0, 0x00280010: _ROWS, 0x00280011: _COLUMNS,
        0x00280100: allocated, 0x00280101: bits, 0x00280102: bits - 1, 0x00280103: 0,
    }  # fmt: skip
    parts = [Part(tag, b"US", struct.pack("<H", value)) for tag, value in shorts.items()]
    parts += [
        Part(0x00080016, b"UI", b"1.2.840.10008.5.1.4.1.1.1.1\0"),
        Part(0x00080060, b"CS", b"DX"),
        Part(0x00101010, b"AS", b"003Y"),
        Part(0x00180015, b"CS", b"CHEST "),
        Part(0x00280004, b"CS", photometric + b" " * (len(photometric) % 2)),
        pixels,
        *more,
    ]
    return sorted(parts, key=lambda part: part.tag)


def seeds() -> list[bytes]:
    rows, columns = np.mgrid[0:_ROWS, 0:_COLUMNS]
    deep = (60 * rows + columns).astype("<u2")
    eight = (deep // 16).astype(np.uint8)
    native = Part(PIXELS, b"OW", deep.tobytes())
    table = item(
        Part(0x00283002, b"US", struct.pack("<HHH", 256, 0, 8)), Part(0x00283006, b"OW", bytes(512))
    )
    palette = [Part(0x00281101 + n, b"US", struct.pack("<HHH", 256, 0, 8)) for n in range(3)]
    palette += [Part(0x00281201 + n, b"OW", bytes(range(256))) for n in range(3)]
    windows = (
        Part(0x00281050, b"DS", b"2048\\100"),
        Part(0x00281051, b"DS", b"4096\\50 "),
        Part(0x00281052, b"DS", b"-1024 "),
        Part(0x00281053, b"DS", b"1 "),
        Part(0x00280120, b"US", b"\0\0"),
        Part(0x00280030, b"DS", b"0.15\\0.15 "),
    )
    found = [
        written(EXPLICIT, header(12, native)),
        written(EXPLICIT, header(12, native), marked=False),
        written(IMPLICIT, header(12, native, b"MONOCHROME1", *windows)),
        written(EXPLICIT, header(12, native, b"MONOCHROME2", Part(0x00283010, b"SQ", table))),
        written(EXPLICIT, header(12, native, b"MONOCHROME2", Part(0x00283000, b"SQ", table))),
        written(DEFLATED, header(12, native)),
        written(BIG, header(12, native)),
        written(
            EXPLICIT, header(8, Part(PIXELS, b"OB", eight.tobytes()), b"PALETTE COLOR", *palette)
        ),
        written(EXPLICIT, header(8, Part(PIXELS, b"OB", np.dstack([eight] * 3).tobytes()), b"RGB")),
    ]
    return found + packed_seeds()


def packed_seeds() -> list[bytes]:
    """Return files whose pixels are packed in each of the ways that are read."""
    import jpeg_ls
    from openjpeg.utils import encode_array

    rows, columns = np.mgrid[0:_ROWS, 0:_COLUMNS]
    deep = (60 * rows + columns).astype(np.uint16)
    eight = (deep // 16).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(eight).save(buffer, "JPEG", quality=60)
    near = bytes(jpeg_ls.encode_buffer(deep.tobytes(), _ROWS, _COLUMNS, 1, 12))
    wavelets = encode_array(deep, bits_stored=12, photometric_interpretation=2)
    frames = [(BASELINE, 8, buffer.getvalue()), (JPEGLS, 12, near), (J2K, 12, wavelets)]
    frames += [(RLE, 8, _run_lengths(eight)), (LOSSLESS, 12, _lossless(deep))]
    return [
        written(uid, header(bits, Part(PIXELS, b"OB", fragments(frame), 0xFFFFFFFF)))
        for uid, bits, frame in frames
    ]


def _run_lengths(image: np.ndarray) -> bytes:
    flat = image.tobytes()
    runs = b"".join(
        bytes((len(flat[n : n + 128]) - 1,)) + flat[n : n + 128] for n in range(0, len(flat), 128)
    )
    return struct.pack("<16I", 1, 64, *[0] * 14) + runs


def _lossless(image: np.ndarray) -> bytes:
    """Return a lossless JPEG (ITU-T T.81, annex H) that says of each difference its sixteen bits.

    Every category of differences, 0 to 15, has a code of four bits but the last, which has five.
    """
    codes = [*range(15), 30]
    lengths = [4] * 15 + [5]
    bits, before = [], 0
    for row, line in enumerate(image.astype(int)):
        before = 2048 if row == 0 else int(image[row - 1, 0])
        for value in line:
            difference, before = int(value) - before, int(value)
            category = abs(difference).bit_length()
            bits.append(f"{codes[category]:0{lengths[category]}b}")
            if category:
                below = difference if difference > 0 else difference + 2**category - 1
                bits.append(f"{below:0{category}b}")
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    scan = int(text, 2).to_bytes(len(text) // 8, "big").replace(b"\xff", b"\xff\0")
    counts = bytes(3) + bytes((15, 1)) + bytes(11)
    frame = struct.pack(">BHHBBBB", 12, *image.shape, 1, 1, 0x11, 0)
    return b"".join(
        (
            b"\xff\xd8\xff\xc3" + struct.pack(">H", 2 + len(frame)) + frame,
            b"\xff\xc4" + struct.pack(">H", 2 + 1 + 16 + 16) + b"\0" + counts + bytes(range(16)),
            b"\xff\xda\0\x08\x01\x01\0\x01\0\0" + scan + b"\xff\xd9",
        )
    )


def read(data: bytes) -> None:
    picture = read_picture(data)
    assert picture.image.dtype == np.uint8
    assert min(picture.image.shape) >= SMALLEST_SIDE_PX
    assert 0 <= picture.colour <= 1
    if picture.depth is not None:
        for window in picture.depth.windows:
            assert picture.depth.windowed(window).shape == picture.image.shape


def stand_in(packed: Codestream) -> np.ndarray:
    """Return as many samples as the frame told, drawn from its bytes."""
    shape = (packed.rows, packed.columns, packed.samples)
    kind = np.uint8 if packed.bits <= 8 else np.uint16
    pattern = np.frombuffer(packed.data[: len(packed.data) // 2 * 2], kind)
    return np.resize(pattern, shape)


if __name__ == "__main__":
    samples.decode_apart = stand_in
    run(seeds(), mutate, read, REFUSALS)
