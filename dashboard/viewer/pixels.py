"""A picture's grey values on their way to the browser, which draws them through a window."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import numpy as np
import streamlit as st

from dashboard import state
from pipeline.images import Picture, shrunk

# What a screen can show; a larger picture would only make every drawing slower.
SHOWN_PX = 1100
# Rows that are packed at once: the whole of a large picture would need copies of it.
_BAND_PX = 256
# Deflating differences halves 16 bit values and quarters 8 bit ones; 40 megapixels of 16 bits
# take 1.5 s and 40 MB, far below the 200 MB of Streamlit's messages.
_LEVEL = 1

_pixels = st.components.v2.component(
    "xray_pixels",
    html="<span hidden></span>",
    js=(Path(__file__).parent / "pixels.js").read_text(encoding="utf-8"),
)


def values(picture: Picture) -> np.ndarray:
    """Return what is looked at through a window: (H, W) uint16 with `Picture.depth`, else uint8."""
    return picture.image if picture.depth is None else picture.depth.values


def brightest(picture: Picture) -> int:
    """Return the largest of `values`."""
    return state.remember(("brightest", picture.sha256), lambda: int(values(picture).max()))


def shown_size(picture: Picture) -> tuple[int, int]:
    """Return height and width at which pages show a picture."""
    return _shown(picture)[0]


def send_shown(picture: Picture, key: str) -> None:
    """Give the browser the small picture. Sent once, however often the page is drawn."""
    _pixels(key=f"{key}_pixels", data=_shown(picture)[1])


def send_full(picture: Picture, key: str) -> None:
    """Give the browser the original. To be called only while the browser waits for it."""
    data = state.remember(
        ("full", picture.sha256), lambda: packed(values(picture), picture.sha256, "full")
    )
    _pixels(key=f"{key}_full", data=data)


def packed(values: np.ndarray, picture: str, part: str) -> bytes:
    """Return what ``pixels.js`` unpacks.

    Parameters
    ----------
    values : (H, W) uint8 or uint16.
    picture : its name.
    part : ``shown`` or ``full``.
    """
    height, width = values.shape
    head = {"picture": picture, "part": part, "width": width, "height": height}
    head |= {"bits": 8 * values.itemsize, "band": _BAND_PX}
    told = json.dumps(head).encode()
    deflate = zlib.compressobj(_LEVEL)
    parts = [len(told).to_bytes(4, "little"), told]
    for top in range(0, height, _BAND_PX):
        steps = values[top : top + _BAND_PX].copy()
        steps[:, 1:] -= values[top : top + _BAND_PX, :-1]  # wraps around
        if values.itemsize == 2:
            parts.append(deflate.compress((steps >> 8).astype(np.uint8).tobytes()))
        parts.append(deflate.compress(steps.astype(np.uint8).tobytes()))
    return b"".join([*parts, deflate.flush()])


def _shown(picture: Picture) -> tuple[tuple[int, int], bytes]:
    def make() -> tuple[tuple[int, int], bytes]:
        small = shrunk(values(picture), SHOWN_PX)
        return small.shape, packed(small, picture.sha256, "shown")

    return state.remember(("shown", picture.sha256), make)
