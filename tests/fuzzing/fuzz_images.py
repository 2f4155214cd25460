"""Fuzz the reader of PNG and JPEG files: a picture, or a sentence."""

from __future__ import annotations

import io
import random

import numpy as np
from campaign import run, watched
from damage import damaged
from jpeg_parts import JPEG, mutated_jpeg
from PIL import Image
from png_parts import PNG, mutated_png

with watched(__name__ == "__main__"):
    from pipeline.errors import ImageError
    from pipeline.images import SMALLEST_SIDE_PX, read_picture

REFUSALS = ImageError


def seeds() -> list[bytes]:
    rows, columns = np.mgrid[0:65, 0:72]
    image = (3 * rows // 2 + columns // 8 * 8).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    options = [
        ("PNG", "L", {}),
        ("PNG", "1", {}),
        ("PNG", "P", {"transparency": 0, "exif": exif.tobytes()}),
        ("PNG", "LA", {}),
        ("PNG", "RGB", {}),
        ("PNG", "RGBA", {}),
        ("PNG", "I;16", {}),
        ("JPEG", "L", {"quality": 60}),
        ("JPEG", "RGB", {"progressive": True, "exif": exif.tobytes(), "comment": "drawn"}),
        ("JPEG", "RGB", {"subsampling": 2, "restart_marker_blocks": 4}),
        ("JPEG", "CMYK", {}),
    ]
    found = []
    for kind, mode, asked in options:
        picture = Image.fromarray(image.astype(np.uint16) * 16 if mode == "I;16" else image)
        buffer = io.BytesIO()
        (picture if mode == "I;16" else picture.convert(mode)).save(buffer, kind, **asked)
        found.append(buffer.getvalue())
    return found


def mutate(data: bytes, dice: random.Random) -> bytes:
    if data.startswith(PNG):
        return mutated_png(data, dice)
    if data.startswith(JPEG):
        return mutated_jpeg(data, dice)
    return damaged(data, dice)


def read(data: bytes) -> None:
    picture = read_picture(data)
    assert picture.image.dtype == np.uint8
    assert min(picture.image.shape) >= SMALLEST_SIDE_PX
    assert 0 <= picture.colour <= 1


if __name__ == "__main__":
    run(seeds(), mutate, read, REFUSALS)
