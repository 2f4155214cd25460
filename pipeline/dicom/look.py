"""The windows that a DICOM header asks for: how values become grey levels on a screen.

References
----------
DICOM PS3.3, section C.11.2 (VOI LUT module): equations of LINEAR, LINEAR_EXACT and SIGMOID.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.dicom.elements import Elements, first_item
from pipeline.dicom.lut import DATA, DESCRIPTOR, Lut, read_lut
from pipeline.dicom.values import decimals, text

CENTRE, WIDTH, FUNCTION, VOI_SEQUENCE = 0x00281050, 0x00281051, 0x00281056, 0x00283010
LOOK_TAGS = frozenset((CENTRE, WIDTH, FUNCTION, VOI_SEQUENCE))
# A linear window of one value is a step; it is drawn as a slope too steep to be seen.
_STEP = 1e-3
# Beyond these no detector's values lie, and ends of a window can no longer be told apart.
_FARTHEST, _NARROWEST = 1e12, 1e-9
_MOST_WINDOWS = 8


@dataclass(frozen=True)
class Ramp:
    """Values from black to white along a line."""

    low: float
    high: float


@dataclass(frozen=True)
class Sigmoid:
    """Values from black to white along an S."""

    centre: float
    width: float

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return uint16, 0 to 65535."""
        steepness = np.clip(-4 * (values - self.centre) / self.width, -700, 700)
        return np.round(65535 / (1 + np.exp(steepness))).astype(np.uint16)


def read_looks(elements: Elements, signed: bool) -> list[Ramp | Sigmoid | Lut]:
    """Return what the header asks for, the first to begin with; senseless windows are left out.

    A table goes before windows, as in most viewers.

    Raises
    ------
    ImageError : if a table is there and damaged.
    """
    looks: list[Ramp | Sigmoid | Lut] = []
    if VOI_SEQUENCE in elements:
        item = first_item(elements[VOI_SEQUENCE], (DESCRIPTOR, DATA))
        looks += [read_lut(item, signed)] if item else []
    function = text(elements, FUNCTION)
    pairs = zip(decimals(elements, CENTRE), decimals(elements, WIDTH), strict=False)
    for centre, width in list(pairs)[:_MOST_WINDOWS]:
        if max(abs(centre), width) > _FARTHEST or width < _NARROWEST:
            continue
        if function == "SIGMOID":
            looks.append(Sigmoid(centre, width))
        elif function == "LINEAR_EXACT":
            looks.append(Ramp(centre - width / 2, centre + width / 2))
        elif function in ("", "LINEAR") and width >= 1:
            half = max((width - 1) / 2, _STEP / 2)
            looks.append(Ramp(centre - 0.5 - half, centre - 0.5 + half))
    return looks
