"""TFRecord files: records one after the other, each with two checksums.

A record is its length (8 bytes, little endian), the masked CRC-32C of those, the bytes, and
their masked CRC-32C. Checksums of all records are computed side by side, a byte position at a
time, so that a file of a million records takes a second without a compiled library.

References
----------
RFC 3720, appendix B.4 (CRC-32C, the polynomial of Castagnoli and its test values).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Graphs and pictures. No event with scalars is as large, so these are left unread.
LARGEST = 2**18

_HEADER, _FOOTER = 12, 4
_POLYNOMIAL = 0x82F63B78  # reflected
_MASK = 0xA282EAD8


def _table() -> np.ndarray:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(_POLYNOMIAL), table >> 1)
    return table.astype(np.uint32)


_TABLE = _table()


def checksums(data: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return the CRC-32C of stretches of `data`.

    Parameters
    ----------
    data : (B,) uint8.
    starts, lengths : (N,) int64, in bytes.

    Returns
    -------
    (N,) uint32.
    """
    order = np.argsort(-lengths, kind="stable")
    starts, lengths = starts[order], lengths[order]
    sums = np.full(len(starts), 0xFFFFFFFF, np.uint32)
    running = len(starts)
    for position in range(int(lengths.max(initial=0))):
        while lengths[running - 1] <= position:
            running -= 1
        now = sums[:running]
        byte = data[starts[:running] + position]
        sums[:running] = _TABLE[(now ^ byte) & 0xFF] ^ (now >> 8)
    found = np.empty_like(sums)
    found[order] = ~sums
    return found


def _masked(sums: np.ndarray) -> np.ndarray:
    # Arithmetic of uint32 arrays wraps, which is what the format wants.
    return ((sums >> np.uint32(15)) | (sums << np.uint32(17))) + np.uint32(_MASK)


def packed(contents: Sequence[bytes]) -> bytes:
    """Return a file of records."""
    heads = [struct.pack("<Q", len(content)) for content in contents]
    return b"".join(
        part
        for record in zip(heads, _sums(heads), contents, _sums(contents), strict=True)
        for part in record
    )


def _sums(contents: Sequence[bytes]) -> list[bytes]:
    """Return the masked checksum of each, as it is stored."""
    lengths = np.array([len(content) for content in contents], np.int64)
    raw = np.frombuffer(b"".join(contents), np.uint8)
    stored = _masked(checksums(raw, np.cumsum(lengths) - lengths, lengths)).astype("<u4")
    return [one.tobytes() for one in stored]


@dataclass(frozen=True)
class Records:
    """What can be read of a file.

    Attributes
    ----------
    contents : whole records, in order; those over `LARGEST` bytes are left out.
    damaged : how many records were left out because their checksum is wrong.
    lost : bytes at the end that could not be read: cut off, or after a damaged length.
    """

    contents: tuple[bytes, ...]
    damaged: int = 0
    lost: int = 0


def records(data: bytes) -> Records:
    """Read as much as there is of a TFRecord file; never raises."""
    starts, lengths, end = _framed(data)
    begun = len(starts)
    raw = np.frombuffer(data, np.uint8)
    heads = starts - _HEADER
    wrong = np.flatnonzero(
        _masked(checksums(raw, heads, np.full(begun, 8))) != _stored(raw, heads + 8)
    )
    if len(wrong):  # where a length is wrong, nobody knows where the next record begins
        end = int(heads[wrong[0]])
        starts, lengths = starts[: wrong[0]], lengths[: wrong[0]]
    small = lengths <= LARGEST
    starts, lengths = starts[small], lengths[small]
    good = _masked(checksums(raw, starts, lengths)) == _stored(raw, starts + lengths)
    contents = tuple(
        data[start : start + length]
        for start, length in zip(starts[good].tolist(), lengths[good].tolist(), strict=True)
    )
    return Records(contents, int((~good).sum()), len(data) - end)


def _framed(data: bytes) -> tuple[np.ndarray, np.ndarray, int]:
    """Follow the lengths; return where contents begin, how long they are, and where it ends."""
    starts, lengths, position = [], [], 0
    while position + _HEADER <= len(data):
        (length,) = struct.unpack_from("<Q", data, position)
        following = position + _HEADER + length + _FOOTER
        if following > len(data):
            break
        starts.append(position + _HEADER)
        lengths.append(length)
        position = following
    return np.array(starts, np.int64), np.array(lengths, np.int64), position


def _stored(raw: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the little endian uint32 at each place."""
    parts = raw[places[:, None] + np.arange(4)].astype(np.uint32)
    return (parts << np.array([0, 8, 16, 24], np.uint32)).sum(axis=1, dtype=np.uint32)
