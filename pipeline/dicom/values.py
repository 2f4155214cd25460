"""Values of DICOM elements as numbers and as terms. What makes no sense counts as not said."""

from __future__ import annotations

import re

import numpy as np

from pipeline.dicom.elements import Element, Elements

# A decimal or integer string (PS3.5, table 6.2-1); `float` would take "nan" and "1_0", too.
_NUMBER = re.compile(r"[+-]?(\d{1,17}\.?\d{0,17}|\.\d{1,17})([eE][+-]?\d{1,3})?")
_LONGEST_TEXT = 1024


def text(elements: Elements, tag: int) -> str:
    """Return the first of the element's texts, without the padding; "" if there is none."""
    return (texts(elements, tag) or ("",))[0]


def texts(elements: Elements, tag: int) -> tuple[str, ...]:
    element = elements.get(tag)
    if element is None:
        return ()
    plain = bytes(element.value[:_LONGEST_TEXT]).decode("latin-1")
    return tuple(part.strip(" \0\t\r\n") for part in plain.split("\\"))


def decimals(elements: Elements, tag: int) -> tuple[float, ...]:
    """Return the numbers of a decimal or integer string; none at all if one cannot be read."""
    parts = texts(elements, tag)
    if not parts or not all(_NUMBER.fullmatch(part) for part in parts):
        return ()
    numbers = tuple(float(part) for part in parts)
    return numbers if np.isfinite(numbers).all() else ()


def number(elements: Elements, tag: int, default: float) -> float:
    return (decimals(elements, tag) or (default,))[0]


def shorts(elements: Elements, tag: int, signed: bool = False) -> tuple[int, ...]:
    """Return 16 bit integers; whether they have a sign is told by the caller, not the file."""
    element = elements.get(tag)
    return () if element is None else tuple(words(element, signed).tolist())


def short(elements: Elements, tag: int, default: int) -> int:
    return (shorts(elements, tag) or (default,))[0]


def words(element: Element, signed: bool = False) -> np.ndarray:
    """Return the element's bytes as 16 bit integers (N,), a view."""
    whole = len(element.value) // 2 * 2
    kind = "i2" if signed else "u2"
    return np.frombuffer(element.value[:whole], f"{element.syntax.order}{kind}")
