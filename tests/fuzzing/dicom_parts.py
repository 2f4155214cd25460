"""DICOM files written element by element and taken apart again, by nothing but their bytes."""

from __future__ import annotations

import random
import struct
import zlib
from dataclasses import dataclass, replace

from damage import LARGE_NUMBERS, NUMBERS, damaged, rearranged
from jpeg_parts import JPEG, mutated_jpeg

FAMILY = "1.2.840.10008.1.2"
IMPLICIT, EXPLICIT, DEFLATED, BIG = FAMILY, f"{FAMILY}.1", f"{FAMILY}.1.99", f"{FAMILY}.2"
RLE, BASELINE, JPEGLS = f"{FAMILY}.5", f"{FAMILY}.4.50", f"{FAMILY}.4.80"
J2K, LOSSLESS = f"{FAMILY}.4.90", f"{FAMILY}.4.70"
_SYNTAXES = (IMPLICIT, EXPLICIT, DEFLATED, BIG, RLE, BASELINE, JPEGLS, J2K, LOSSLESS)
_SYNTAXES += (f"{FAMILY}.4.102", f"{FAMILY}.4.201", "1.2.3", "")
_LONG = (b"OB", b"OW", b"SQ", b"UN", b"UT", b"OF", b"OD", b"UC", b"UR", b"OL", b"OV", b"SV", b"UV")
_UNDEFINED = 0xFFFFFFFF
PIXELS = 0x7FE00010

# What the reader looks for, with the representation that belongs to it.
WANTED = {
    0x00080016: b"UI", 0x00080020: b"DA", 0x00080060: b"CS", 0x00080064: b"CS",
    0x00080068: b"CS", 0x00082218: b"SQ", 0x00100030: b"DA", 0x00101010: b"AS",
    0x00180015: b"CS", 0x00181164: b"DS", 0x00182010: b"DS", 0x00185101: b"CS",
    0x00200020: b"CS", 0x00280002: b"US", 0x00280004: b"CS", 0x00280006: b"US",
    0x00280008: b"IS", 0x00280010: b"US", 0x00280011: b"US", 0x00280030: b"DS",
    0x00280034: b"IS", 0x00280100: b"US", 0x00280101: b"US", 0x00280102: b"US",
    0x00280103: b"US", 0x00280120: b"US", 0x00280121: b"US", 0x00280301: b"CS",
    0x00280A02: b"CS", 0x00281050: b"DS", 0x00281051: b"DS", 0x00281052: b"DS",
    0x00281053: b"DS", 0x00281056: b"CS", 0x00281101: b"US", 0x00281102: b"US",
    0x00281103: b"US", 0x00281201: b"OW", 0x00281202: b"OW", 0x00281203: b"OW",
    0x00281221: b"OW", 0x00282110: b"CS", 0x00283000: b"SQ", 0x00283010: b"SQ",
    0x00540220: b"SQ", 0x20500020: b"CS", 0x60003000: b"OW",
}  # fmt: skip
_TERMS = (
    b"", b"MONOCHROME1", b"MONOCHROME2", b"PALETTE COLOR", b"RGB", b"YBR_FULL", b"YBR_FULL_422",
    b"YBR_ICT", b"YBR_RCT", b"SIGMOID", b"LINEAR", b"LINEAR_EXACT", b"INVERSE", b"YES", b"NO",
    b"DX", b"CHEST", b"AP", b"LAT", b"003Y", b"999Y", b"000D", b"20240101", b"00000000", b"A\\F",
    b"\\\\\\", b"01", b"\xff\xfe", b"x" * 2000, b"1.2.840.10008.5.1.4.1.1.7",
)  # fmt: skip
_DECIMALS = (
    b"0", b"-0", b"1", b"-1", b"0.1\\0.1", b"1e308", b"-1e308", b"1e-308", b"1e999", b"nan",
    b"inf", b"1_0", b"0x10", b".5", b"5.", b"2048\\100", b"1e15\\1e-15", b"4096", b"9" * 17,
    b"1\\" * 600, b"1e-9", b"1.0000000001e-9", b"-1e9", b"1e12", b"65535", b"0\\0", b"1e-320",
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One element as it is written; `length` is told instead of the value's own, if given."""

    tag: int
    representation: bytes
    value: bytes
    length: int | None = None


def element(part: Part, order: str = "<", explicit: bool = True) -> bytes:
    head = struct.pack(f"{order}HH", part.tag >> 16, part.tag & 0xFFFF)
    length = len(part.value) if part.length is None else part.length
    part = replace(part, value=_ordered(part.representation, part.value, order))
    if not explicit:
        return head + struct.pack(f"{order}I", length % 2**32) + part.value
    if part.representation in _LONG:
        return (
            head + part.representation + struct.pack(f"{order}HI", 0, length % 2**32) + part.value
        )
    return head + part.representation + struct.pack(f"{order}H", length % 2**16) + part.value


def _ordered(representation: bytes, value: bytes, order: str) -> bytes:
    """Return the value with its words of two bytes turned round if the order is big endian."""
    if order == "<" or representation not in (b"US", b"SS", b"OW"):
        return value
    whole = len(value) // 2 * 2
    words = struct.unpack(f"<{whole // 2}H", value[:whole])
    return struct.pack(f">{whole // 2}H", *words) + value[whole:]


def fragments(frame: bytes, *more: bytes) -> bytes:
    """Return the value of encapsulated pixels: an empty table of offsets, fragments, an end."""
    pieces = [b"", frame, *more]
    items = [struct.pack("<HHI", 0xFFFE, 0xE000, len(piece)) + piece for piece in pieces]
    return b"".join(items) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


def item(*parts: Part) -> bytes:
    """Return the value of a sequence of one item."""
    content = b"".join(map(element, parts))
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content


def written(uid: str, parts: list[Part], marked: bool = True) -> bytes:
    """Return a whole file."""
    padded = uid.encode() + b"\0" * (len(uid) % 2)
    meta = element(Part(0x00020010, b"UI", padded))
    order, explicit = ">" if uid == BIG else "<", uid != IMPLICIT
    content = b"".join(element(part, order, explicit) for part in parts)
    if uid == DEFLATED:
        pack = zlib.compressobj(9, zlib.DEFLATED, -15)
        content = pack.compress(content) + pack.flush()
    return (bytes(128) + b"DICM" + meta if marked else b"") + content


def taken_apart(data: bytes) -> tuple[str, list[Part]]:
    """Return the transfer syntax and the elements; what makes no sense is the last one's value."""
    position = 132 if data[128:132] == b"DICM" else 0
    uid, found = EXPLICIT, []
    if data[position : position + 2] == b"\x02\0" and len(data) > position + 8:
        (length,) = struct.unpack_from("<H", data, position + 6)
        uid = data[position + 8 : position + 8 + length].rstrip(b"\0").decode("latin-1")
        position += 8 + length
    order, explicit = ">" if uid == BIG else "<", uid != IMPLICIT
    if uid == DEFLATED:
        try:
            data = zlib.decompressobj(-15).decompress(data[position:], 1_000_000)
        except zlib.error:
            data = b""
        position = 0
    while position + 12 <= len(data):
        group, number = struct.unpack_from(f"{order}HH", data, position)
        representation = data[position + 4 : position + 6] if explicit else b""
        tag = group << 16 | number
        if not explicit:
            representation = WANTED.get(tag, b"UN")
            (length,) = struct.unpack_from(f"{order}I", data, position + 4)
            position += 8
        elif representation in _LONG:
            (length,) = struct.unpack_from(f"{order}I", data, position + 8)
            position += 12
        else:
            (length,) = struct.unpack_from(f"{order}H", data, position + 6)
            position += 8
        whole = length != _UNDEFINED and position + length <= len(data)
        value = data[position : position + length] if whole else data[position:]
        told = _ordered(representation, value, order)
        found.append(Part(tag, representation, told, None if whole else length))
        position += len(value)
    return uid, found


def mutated_dicom(data: bytes, dice: random.Random) -> bytes:
    if data[128:132] != b"DICM" and dice.random() < 0.5:
        return damaged(data, dice)
    uid, parts = taken_apart(data)
    for _ in range(dice.choice((1, 1, 2, 3, 6))):
        kind = dice.randrange(10)
        if kind < 4:
            parts = _with_value(parts, dice)
        elif kind < 6:
            parts = _with_guest(parts, dice)
        elif kind == 6:
            parts = rearranged(parts, dice)
        elif kind == 7:
            parts = _with_lies(parts, dice)
        elif kind == 8:
            parts = _with_other_pixels(parts, dice)
        elif dice.random() < 0.4:
            uid = dice.choice(_SYNTAXES)
    whole = written(uid, parts, marked=dice.random() < 0.95)
    return damaged(whole, dice) if dice.random() < 0.15 else whole


def _value(representation: bytes, dice: random.Random) -> bytes:
    """Draw a value that is odd but of its kind."""
    if representation in (b"US", b"SS", b"OW", b"OB"):
        count = dice.choice((0, 1, 1, 1, 1, 2, 3, 3, 256))
        return struct.pack(f"<{count}H", *(dice.choice(NUMBERS) for _ in range(count)))
    if representation in (b"DS", b"IS"):
        return dice.choice(_DECIMALS)
    if representation == b"SQ":
        return _sequence(dice)
    return dice.choice(_TERMS)


def _sequence(dice: random.Random, depth: int = 0) -> bytes:
    """Draw a sequence: a table, a code, or sequences in sequences."""
    count, first, bits = (
        dice.choice((0, 2, 256, 4096)),
        dice.choice(NUMBERS),
        dice.choice(range(20)),
    )
    table = (
        Part(0x00283002, dice.choice((b"US", b"SS")), struct.pack("<HHH", count, first, bits)),
        Part(
            0x00283006, dice.choice((b"OW", b"US", b"OB")), bytes(dice.choice((0, 2, 4, 256, 512)))
        ),
    )
    code = (Part(0x00080100, b"SH", dice.choice((b"399348003", b"T-D3000", b"", b"x" * 300))),)
    inner = (Part(0x00081140, b"SQ", _sequence(dice, depth + 1) if depth < 4 else b""),)
    content = item(*dice.choice((table, table, code, inner)))
    if dice.random() < 0.3:  # an item of unknown length, ended or not
        ends = struct.pack("<HHI", 0xFFFE, 0xE00D, 0) * dice.randrange(2)
        content = struct.pack("<HHI", 0xFFFE, 0xE000, _UNDEFINED) + content[8:] + ends
    return content


def _with_value(parts: list[Part], dice: random.Random) -> list[Part]:
    places = [n for n, part in enumerate(parts) if part.tag != PIXELS]
    if not places:
        return parts
    place = dice.choice(places)
    part = parts[place]
    changed = (
        _value(part.representation, dice) if dice.random() < 0.8 else damaged(part.value, dice)
    )
    return [*parts[:place], replace(part, value=changed), *parts[place + 1 :]]


def _with_guest(parts: list[Part], dice: random.Random) -> list[Part]:
    tag = dice.choice(list(WANTED))
    representation = WANTED[tag] if dice.random() < 0.9 else dice.choice((b"UN", b"SS", b"LO"))
    guest = Part(tag, representation, _value(WANTED[tag], dice))
    kept = [part for part in parts if part.tag != tag]
    return sorted([*kept, guest], key=lambda part: part.tag)


def _with_lies(parts: list[Part], dice: random.Random) -> list[Part]:
    """Tell another length than the value has, or another representation."""
    if not parts:
        return parts
    place = dice.randrange(len(parts))
    if dice.random() < 0.7:
        lie = replace(parts[place], length=dice.choice(NUMBERS + LARGE_NUMBERS))
    else:
        lie = replace(
            parts[place], representation=dice.choice((*_LONG, b"US", b"DS", b"zz", b"\0\0"))
        )
    return [*parts[:place], lie, *parts[place + 1 :]]


def _with_other_pixels(parts: list[Part], dice: random.Random) -> list[Part]:
    return [
        replace(part, value=_pixels(part, dice)) if part.tag == PIXELS else part for part in parts
    ]


def _pixels(part: Part, dice: random.Random) -> bytes:
    if part.length is None:
        return damaged(part.value, dice)
    begin = 8 + 8  # behind the empty table of offsets and the fragment's own header
    frame = part.value[begin:-8]
    changed = mutated_frame(frame, dice)
    cut = dice.randrange(len(changed) + 1)
    return dice.choice(
        (fragments(changed), fragments(changed), fragments(changed[:cut], changed[cut:]))
    )


def mutated_frame(frame: bytes, dice: random.Random) -> bytes:
    """Change a compressed frame in the ways of its own format."""
    if frame.startswith(JPEG) and dice.random() < 0.7:
        return mutated_jpeg(frame, dice)
    if dice.random() < 0.5:  # the header that a decoder asks memory by
        return damaged(frame[:100], dice) + frame[100:]
    return damaged(frame, dice)
