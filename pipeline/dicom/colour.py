"""Coloured DICOM pictures as RGB: a secondary capture may be one, though hardly of a radiograph."""

from __future__ import annotations

import numpy as np

from pipeline.depth import looked_up
from pipeline.dicom.elements import Elements
from pipeline.dicom.layout import PALETTE, Layout
from pipeline.dicom.lut import read_lut
from pipeline.dicom.samples import Samples
from pipeline.errors import ImageError

_DESCRIPTORS = (0x00281101, 0x00281102, 0x00281103)
_TABLES = (0x00281201, 0x00281202, 0x00281203)
_SEGMENTED = (0x00281221, 0x00281222, 0x00281223)
COLOUR_TAGS = frozenset((*_DESCRIPTORS, *_TABLES, *_SEGMENTED))
_BAND_PX = 256


def read_rgb(elements: Elements, samples: Samples, layout: Layout) -> np.ndarray:
    """Return a coloured picture (H, W, 3) uint8; of deeper ones the upper 8 bits.

    Raises
    ------
    ImageError : if its palette is missing, damaged, or written in segments.
    """
    if layout.photometric == PALETTE:
        return _looked_up(elements, samples, layout)
    levels = samples.levels
    eight = levels >> np.uint16(samples.bits - 8) if samples.bits > 8 else levels
    eight = eight.astype(np.uint8)
    if samples.is_rgb or layout.photometric == "RGB":
        return eight
    return _rgb(eight)


def _looked_up(elements: Elements, samples: Samples, layout: Layout) -> np.ndarray:
    if elements.keys() & set(_SEGMENTED):
        raise ImageError(
            "The DICOM file has a palette in segments, which is not read.",
            "Export the picture in grey (MONOCHROME2), or as PNG.",
        )
    places = np.arange(2**samples.bits) + samples.lowest
    luts = [
        read_lut(elements, layout.signed, descriptor, table)
        for descriptor, table in zip(_DESCRIPTORS, _TABLES, strict=True)
    ]
    channels = [lut(places) >> np.uint16(max(0, lut.bits - 8)) for lut in luts]
    return looked_up(np.stack(channels, axis=1).astype(np.uint8), samples.levels[:, :, 0])


def _rgb(ybr: np.ndarray) -> np.ndarray:
    """Undo YBR_FULL (PS3.3, C.7.6.3.1.2), in bands to bound the memory."""
    rgb = np.empty_like(ybr)
    back = np.array([[1, 1, 1], [0, -0.344136, 1.772], [1.402, -0.714136, 0]], np.float32)
    for top in range(0, len(ybr), _BAND_PX):
        band = ybr[top : top + _BAND_PX].astype(np.float32) - np.float32([0, 128, 128])
        rgb[top : top + _BAND_PX] = np.clip(np.round(band @ back), 0, 255)
    return rgb
