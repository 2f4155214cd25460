"""JPEG files taken apart into segments and put together again, with lengths that agree."""

from __future__ import annotations

import random
import struct

from damage import damaged, rearranged

JPEG = b"\xff\xd8"
_BARE = frozenset([0x01, *range(0xD0, 0xDA)])
_FRAMES = (0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC9, 0xCA, 0xF7)
_SIDES = (0, 1, 7, 8, 63, 64, 65, 72, 300, 6_000, 65_535)

# The marker's code, its content, and the coded pixels that follow a scan.
Segment = tuple[int, bytes, bytes]


def segments(data: bytes) -> list[Segment]:
    """Return the segments; what cannot be told apart is the last one's pixels."""
    found, position = [], 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        code = data[position + 1]
        if code in _BARE:
            found.append((code, b"", b""))
            position += 2
            continue
        end = position + 2 + max(2, struct.unpack_from(">H", data, position + 2)[0])
        behind = end
        if code == 0xDA:
            while behind + 1 < len(data) and not (
                data[behind] == 0xFF and data[behind + 1] not in (0, *range(0xD0, 0xD8))
            ):
                behind += 1
        found.append((code, data[position + 4 : end], data[end:behind]))
        position = behind
    return found


def joined(parts: list[Segment]) -> bytes:
    whole = JPEG
    for code, content, pixels in parts:
        whole += bytes((0xFF, code))
        if code not in _BARE:
            whole += struct.pack(">H", min(len(content) + 2, 65_535)) + content[:65_533]
        whole += pixels
    return whole + b"\xff\xd9"


def mutated_jpeg(data: bytes, dice: random.Random) -> bytes:
    parts = segments(data)
    if not parts:
        return damaged(data, dice)
    for _ in range(dice.choice((1, 1, 2, 4))):
        change = dice.choice(
            (_another_frame, _guest, _damaged_segment, _damaged_segment, rearranged)
        )
        parts = change(parts, dice)
    whole = joined(parts)
    return damaged(whole, dice) if dice.random() < 0.1 else whole


def _another_frame(parts: list[Segment], dice: random.Random) -> list[Segment]:
    """Claim another size, depth, number of channels, sampling, or way of packing."""

    def lie(segment: Segment) -> Segment:
        code, content, pixels = segment
        if code not in _FRAMES or len(content) < 6:
            return segment
        bits, height, width, channels = struct.unpack_from(">BHHB", content)
        rest = content[6:]
        kind = dice.randrange(6)
        if kind == 0:
            height = dice.choice(_SIDES)
        elif kind == 1:
            width = dice.choice(_SIDES)
        elif kind == 2:
            channels = dice.choice((0, 1, 2, 3, 4, 5, 255))
        elif kind == 3:
            bits = dice.choice((0, 1, 8, 12, 16))
        elif kind == 4:
            code = dice.choice(_FRAMES)
        else:
            rest = damaged(rest, dice)
        return code, struct.pack(">BHHB", bits, height, width, channels) + rest, pixels

    return [lie(segment) for segment in parts]


def _guest(parts: list[Segment], dice: random.Random) -> list[Segment]:
    """Add a segment that carries no pixels, or that changes what they mean."""
    orientation = struct.pack("<4sIHHHIII", b"II*\0", 8, 1, 0x0112, 3, 1, dice.randrange(10), 0)
    exif = damaged(orientation, dice) if dice.random() < 0.5 else orientation
    guests = (
        (0xE1, b"Exif\0\0" + exif, b""),
        (0xE0, b"JFIF\0" + dice.randbytes(9), b""),
        (0xEE, b"Adobe" + dice.randbytes(dice.choice((0, 7, 30))), b""),
        (0xE2, b"ICC_PROFILE\0" + dice.randbytes(500), b""),
        (0xE2, b"MPF\0" + dice.randbytes(30), b""),
        (0xFE, b"x" * dice.choice((0, 60_000)), b""),
        (0xDD, struct.pack(">H", dice.choice((0, 1, 65_535))), b""),
        (0xDC, struct.pack(">H", dice.choice(_SIDES)), b""),
        (0xC4, dice.randbytes(dice.choice((0, 17, 200))), b""),
        (0xDB, dice.randbytes(dice.choice((0, 1, 65))), b""),
        (0xDA, dice.randbytes(dice.choice((0, 6, 10))), dice.randbytes(50)),
        (0xD9, b"", b""),
        (0xD8, b"", b""),
    )
    place = dice.randrange(len(parts) + 1)
    return [*parts[:place], dice.choice(guests), *parts[place:]]


def _damaged_segment(parts: list[Segment], dice: random.Random) -> list[Segment]:
    if not parts:
        return parts
    place = dice.randrange(len(parts))
    code, content, pixels = parts[place]
    if pixels and dice.random() < 0.6:
        changed = (code, content, damaged(pixels, dice))
    else:
        changed = (code, damaged(content, dice), pixels)
    return [*parts[:place], changed, *parts[place + 1 :]]
