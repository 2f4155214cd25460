"""Lookup tables of a DICOM header: the modality's, those of interest, those of a palette."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.containers import damaged
from pipeline.dicom.elements import Elements
from pipeline.dicom.values import shorts, words

DESCRIPTOR, DATA = 0x00283002, 0x00283006


@dataclass(frozen=True)
class Lut:
    """A table of values.

    Attributes
    ----------
    first : the value that is mapped to the first entry; smaller ones are, too.
    entries : (N,) uint16; the last is for all values behind the table.
    bits : that an entry takes.
    """

    first: int
    entries: np.ndarray
    bits: int

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return the uint16 entries for `values` of any shape."""
        places = np.clip(np.rint(values) - self.first, 0, len(self.entries) - 1)
        return self.entries[places.astype(np.int64)]


def read_lut(
    elements: Elements, signed: bool, descriptor: int = DESCRIPTOR, data: int = DATA
) -> Lut:
    """Read a table.

    Parameters
    ----------
    signed : whether the values that are looked up may be below 0; where the file does not tell.

    Raises
    ------
    ImageError : if the table is missing, or shorter than it claims.
    """
    told, table = shorts(elements, descriptor), elements.get(data)
    if len(told) != 3 or table is None:
        raise damaged()
    count, first, bits = told
    count = count or 2**16  # which two bytes cannot hold
    representation = elements[descriptor].representation
    if representation == b"SS" or (representation != b"US" and signed):
        first -= 2**16 * (first >= 2**15)
    if not 1 <= bits <= 16:
        raise damaged()
    # Tables of 8 bits come in bytes from some and in words from others.
    if len(table.value) < 2 * count:
        entries = np.frombuffer(table.value, np.uint8)[:count]
    else:
        entries = words(table)[:count]
    if len(entries) < count:
        raise damaged()
    entries = entries.astype(np.uint16)
    # Some claim fewer bits than they use.
    return Lut(first, entries, max(bits, int(entries.max()).bit_length()))
