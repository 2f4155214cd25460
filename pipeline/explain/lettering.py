"""Figures for a colour bar, dot by dot: a picture that leaves the program explains itself."""

from __future__ import annotations

import numpy as np

# Five dots wide, seven high; a line per character, its rows from top to bottom.
_ROWS = {
    "0": "01110 10001 10001 10001 10001 10001 01110",
    "1": "00100 01100 00100 00100 00100 00100 01110",
    "2": "01110 10001 00001 00110 01000 10000 11111",
    "3": "11110 00001 00001 01110 00001 00001 11110",
    "4": "00010 00110 01010 10010 11111 00010 00010",
    "5": "11111 10000 11110 00001 00001 10001 01110",
    "6": "00110 01000 10000 11110 10001 10001 01110",
    "7": "11111 00001 00010 00100 01000 01000 01000",
    "8": "01110 10001 10001 01110 10001 10001 01110",
    "9": "01110 10001 10001 01111 00001 00010 01100",
    "+": "00000 00100 00100 11111 00100 00100 00000",
    "-": "00000 00000 00000 11111 00000 00000 00000",
    ".": "00000 00000 00000 00000 00000 01100 01100",
}


def draw(text: str, size: int = 1) -> np.ndarray:
    """Return a number such as ``+0.25`` as (7 * size, W) bool.

    Parameters
    ----------
    text : digits, ``+``, ``-`` and ``.``.
    size : pixels per dot.
    """
    unknown = set(text) - set(_ROWS)
    if unknown or not text:
        raise ValueError(f"Expected digits, signs and points. Received: {text!r}")
    letters = []
    for character in text:
        dots = np.array([[dot == "1" for dot in row] for row in _ROWS[character].split()])
        letters.append(np.pad(dots, ((0, 0), (0, 1))))
    return np.kron(np.concatenate(letters, axis=1), np.ones((size, size), bool))
