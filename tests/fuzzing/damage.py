"""Damage that any format can suffer, drawn by dice."""

from __future__ import annotations

import random

NUMBERS = (0, 1, 2, 7, 8, 63, 64, 127, 128, 255, 256, 4096, 32767, 32768, 65534, 65535)
LARGE_NUMBERS = (65_536, 2**24, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1)


def damaged(data: bytes, dice: random.Random) -> bytes:
    """Flip, cut, repeat or insert bytes."""
    if not data:
        return dice.randbytes(dice.randrange(1, 9))
    changed = bytearray(data)
    start = dice.randrange(len(data))
    length = dice.choice((1, 2, 4, 16, 200))
    kind = dice.randrange(6)
    if kind == 0:
        for _ in range(dice.choice((1, 1, 2, 8, 64))):
            changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    elif kind == 1:
        del changed[start : start + length]
    elif kind == 2:
        changed[start:start] = changed[start : start + length] * dice.choice((1, 3))
    elif kind == 3:
        changed[start : start + length] = dice.randbytes(length)
    elif kind == 4:
        size = dice.choice((1, 2, 4))
        number = dice.choice(NUMBERS + LARGE_NUMBERS) % 256**size
        changed[start : start + size] = number.to_bytes(size, dice.choice(("big", "little")))
    else:
        del changed[start:]
    return bytes(changed)


def rearranged(parts: list, dice: random.Random) -> list:
    """Swap, repeat or drop whole parts."""
    if not parts:
        return parts
    parts = list(parts)
    first, second = dice.randrange(len(parts)), dice.randrange(len(parts))
    kind = dice.randrange(3)
    if kind == 0:
        parts[first], parts[second] = parts[second], parts[first]
    elif kind == 1:
        parts[second:second] = [parts[first]] * dice.choice((1, 1, 2, 120))
    else:
        del parts[first]
    return parts
