"""PNG files taken apart into chunks and put together again, with checksums that agree."""

from __future__ import annotations

import random
import struct
import zlib

from damage import damaged, rearranged

PNG = b"\x89PNG\r\n\x1a\n"
_SIDES = (0, 1, 63, 64, 65, 72, 256, 300, 6_000, 65_535, 2**31 - 1, 2**31, 2**32 - 1)

Chunk = tuple[bytes, bytes]


def chunks(data: bytes) -> list[Chunk]:
    """Return kind and content of every chunk, whatever its checksum; what breaks off is lost."""
    found, position = [], len(PNG)
    while position + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        found.append((kind, data[position + 8 : position + 8 + length]))
        position += 12 + length
    return found


def joined(parts: list[Chunk]) -> bytes:
    return PNG + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in parts
    )


def mutated_png(data: bytes, dice: random.Random) -> bytes:
    parts = chunks(data)
    if not parts:
        return damaged(data, dice)
    for _ in range(dice.choice((1, 1, 2, 4))):
        change = dice.choice((_another_header, _another_stream, _guest, _damaged_chunk, rearranged))
        parts = change(parts, dice)
    whole = joined(parts)
    return damaged(whole, dice) if dice.random() < 0.1 else whole


def _another_header(parts: list[Chunk], dice: random.Random) -> list[Chunk]:
    """Claim another size, depth, colour, or way of packing."""

    def lie(content: bytes) -> bytes:
        if len(content) != 13:
            return content
        fields = list(struct.unpack(">IIBBBBB", content))
        place = dice.randrange(7)
        fields[place] = dice.choice(
            (
                _SIDES,
                _SIDES,
                (0, 1, 2, 4, 8, 16, 255),
                (0, 2, 3, 4, 6, 1, 7),
                (0, 1),
                (0, 1),
                (0, 1, 2),
            )[place]
        )
        return struct.pack(">IIBBBBB", *fields)

    return [(kind, lie(content) if kind == b"IHDR" else content) for kind, content in parts]


def _another_stream(parts: list[Chunk], dice: random.Random) -> list[Chunk]:
    """Pack other bytes, or another number of them, in several chunks."""
    inflate = zlib.decompressobj()
    try:
        raw = inflate.decompress(b"".join(c for kind, c in parts if kind == b"IDAT"), 2_000_000)
    except zlib.error:
        raw = bytes(72 * 65)
    raw = dice.choice((damaged(raw, dice), raw[: len(raw) // 2], raw * 2, raw + b"\0", raw * 30))
    packed = zlib.compress(raw[:2_000_000], dice.choice((0, 1, 9)))
    cut = dice.randrange(len(packed) + 1)
    pieces = dice.choice(([packed], [packed[:cut], packed[cut:]], [b"", packed], [packed[:cut]]))
    place = next((n for n, (kind, _) in enumerate(parts) if kind == b"IDAT"), len(parts))
    others = [part for part in parts if part[0] != b"IDAT"]
    return others[:place] + [(b"IDAT", piece) for piece in pieces] + others[place:]


def _guest(parts: list[Chunk], dice: random.Random) -> list[Chunk]:
    """Add a chunk that carries no pixels, or that changes what they mean."""
    bomb = zlib.compress(bytes(500_000), 9)
    orientation = struct.pack("<4sIHHHIII", b"II*\0", 8, 1, 0x0112, 3, 1, dice.randrange(10), 0)
    guests = (
        (b"PLTE", dice.randbytes(3 * dice.randrange(1, 300))),
        (b"tRNS", dice.randbytes(dice.choice((0, 1, 2, 6, 256)))),
        (b"iCCP", b"name\0\0" + bomb),
        (b"zTXt", b"Comment\0\0" + bomb),
        (b"iTXt", b"Comment\0\x01\0\0\0" + bomb),
        (b"tEXt", b"Comment\0" + b"x" * dice.choice((0, 60_000))),
        (b"eXIf", damaged(orientation, dice) if dice.random() < 0.5 else orientation),
        (b"acTL", struct.pack(">II", dice.choice((0, 1, 2, 2**31)), 0)),
        (b"fcTL", dice.randbytes(26)),
        (b"fdAT", dice.randbytes(40)),
        (b"gAMA", dice.randbytes(4)),
        (b"cHRM", bytes(32)),
        (b"ABCD", b""),
        (b"IHDR", dice.randbytes(13)),
        (b"IEND", b"x"),
        (b"IDAT", b""),
    )
    place = dice.randrange(len(parts) + 1)
    return [*parts[:place], dice.choice(guests), *parts[place:]]


def _damaged_chunk(parts: list[Chunk], dice: random.Random) -> list[Chunk]:
    if not parts:
        return parts
    place = dice.randrange(len(parts))
    kind, content = parts[place]
    return [*parts[:place], (kind, damaged(content, dice)), *parts[place + 1 :]]
