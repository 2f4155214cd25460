"""The elements of a DICOM data set, found without looking into those that nobody asked for.

Written for this because a DICOM header is a patient's: names, dates and numbers are stepped over
and never become objects of this program, so that none of them can reach a warning, a log or an
exception, as they do in general readers. And because a file is hostile until it is decoded: no
recursion, no copy, no memory by a claimed length. The tests hold it against pydicom.

References
----------
DICOM PS3.5, sections 7.1 (elements), 7.5 (sequences) and A.4 (encapsulated pixels).
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice

from pipeline.containers import damaged, incomplete
from pipeline.dicom.syntax import IMPLICIT, Syntax
from pipeline.errors import ImageError

PIXEL_DATA = 0x7FE00010
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_UNDEFINED = 0xFFFFFFFF
# Representations whose length takes two bytes; that of all others, and of all to come, takes four.
_SHORT = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
# A radiograph has a few hundred. Stepping over this many takes less than a second.
_MOST_ELEMENTS = 300_000


@dataclass(frozen=True, repr=False)
class Element:
    """One value of a data set, as its bytes. Has no repr, lest a value be printed.

    Attributes
    ----------
    value : the bytes; of encapsulated pixels those of all fragments with their headers.
    syntax : how it is written; the items of a sequence are written likewise.
    representation : two letters, such as ``US``; empty if the file does not tell.
    encapsulated : whether these are pixels in fragments.
    """

    value: memoryview
    syntax: Syntax
    representation: bytes = b""
    encapsulated: bool = False


Elements = dict[int, Element]


def read_elements(
    data: memoryview, syntax: Syntax, wanted: Collection[int], group: int | None = None
) -> tuple[Elements, int]:
    """Return the `wanted` elements of a data set, and where it ends.

    It ends with the data, behind the pixels, or at the end mark of the item that it is.

    Parameters
    ----------
    group : stop before the first element of another group.

    Raises
    ------
    ImageError : if an element is longer than the data, or there are absurdly many.
    """
    found, end = {}, 0
    for tag, element, behind in _elements(data, syntax, group):
        if tag in wanted:
            found[tag] = element
        end = behind
    return found, end


def first_tags(data: memoryview, syntax: Syntax, count: int) -> list[int]:
    """Return the tags of the first elements, at most `count`.

    Raises
    ------
    ImageError : if one of them does not fit into the data.
    """
    return [tag for tag, _, _ in islice(_elements(data, syntax), count)]


def first_item(sequence: Element, wanted: Collection[int]) -> Elements:
    """Return the `wanted` elements of a sequence's first item; none if it is empty."""
    data, order = sequence.value, sequence.syntax.order
    if len(data) < 8:
        return {}
    group, element, length = struct.unpack_from(f"{order}HHI", data)
    if group << 16 | element != _ITEM or (length != _UNDEFINED and 8 + length > len(data)):
        raise damaged()
    content = data[8:] if length == _UNDEFINED else data[8 : 8 + length]
    return read_elements(content, sequence.syntax, wanted)[0]


def fragments(pixels: Element) -> list[memoryview]:
    """Return the fragments of encapsulated pixels, without the table of offsets before them."""
    data, position, found = pixels.value, 0, []
    while position < len(data):
        if position + 8 > len(data):
            raise incomplete()
        group, element, length = struct.unpack_from("<HHI", data, position)
        position += 8
        if group << 16 | element != _ITEM or position + length > len(data):
            raise damaged()
        found.append(data[position : position + length])
        position += length
    return found[1:]


def _elements(
    data: memoryview, syntax: Syntax, group: int | None = None
) -> Iterator[tuple[int, Element, int]]:
    """Yield tag, element and where it ends."""
    walk, position = _Walk(data), 0
    while position < len(data):
        # Looked at first: what follows the group may be written in another syntax.
        if group is not None and data[position : position + 2] != struct.pack("<H", group):
            break
        tag, representation, length, begin = walk.header(position, syntax)
        if tag == _ITEM_END:
            break
        # Inside an unknown of unknown length everything is implicit (PS3.5, 6.2.2).
        inner = IMPLICIT if representation == b"UN" else syntax
        if length == _UNDEFINED:
            end, position = walk.sequence(begin, inner)
        else:
            end = position = begin + length
            if end > len(data):
                raise incomplete()
        encapsulated = tag == PIXEL_DATA and length == _UNDEFINED
        yield tag, Element(data[begin:end], inner, representation, encapsulated), position
        if tag == PIXEL_DATA:  # elements are in order: nothing that is wanted comes behind
            break


class _Walk:
    """Steps from element to element, counting them."""

    def __init__(self, data: memoryview):
        self._data = data
        self._left = _MOST_ELEMENTS

    def header(self, position: int, syntax: Syntax) -> tuple[int, bytes, int, int]:
        """Return tag, representation, length and where the value begins."""
        self._left -= 1
        if not self._left:
            raise ImageError(
                f"The DICOM header has more than {_MOST_ELEMENTS} entries.",
                "Export the picture anew.",
            )
        data = self._data
        if position + 8 > len(data):
            raise incomplete()
        group, element = struct.unpack_from(f"{syntax.order}HH", data, position)
        tag = group << 16 | element
        if not syntax.explicit or group == 0xFFFE:  # items name no representation, ever
            (length,) = struct.unpack_from(f"{syntax.order}I", data, position + 4)
            return tag, b"", length, position + 8
        representation = bytes(data[position + 4 : position + 6])
        if representation in _SHORT:
            (length,) = struct.unpack_from(f"{syntax.order}H", data, position + 6)
            return tag, representation, length, position + 8
        if not (representation.isalpha() and representation.isupper()):
            raise damaged()
        if position + 12 > len(data):
            raise incomplete()
        (length,) = struct.unpack_from(f"{syntax.order}I", data, position + 8)
        return tag, representation, length, position + 12

    def sequence(self, position: int, syntax: Syntax) -> tuple[int, int]:
        """Step over a sequence of unknown length; return its end before and behind the end mark."""
        open_parts = [syntax]  # sequences and items, innermost last: no recursion
        while open_parts:
            tag, representation, length, after = self.header(position, open_parts[-1])
            if tag in (_ITEM_END, _SEQUENCE_END):
                open_parts.pop()
                end, position = position, after
            elif length == _UNDEFINED:
                open_parts.append(IMPLICIT if representation == b"UN" else open_parts[-1])
                position = after
            else:
                position = after + length
        return end, position
