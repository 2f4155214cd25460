"""How far apart neighbouring pixels are, and where that was measured.

References
----------
DICOM PS3.3, section 10.7 (basic pixel spacing calibration), C.7.6.3.1.7 (pixel aspect ratio).
"""

from __future__ import annotations

from pipeline.dicom.elements import Elements
from pipeline.dicom.values import decimals, text

ASPECT, SPACING, CALIBRATION = 0x00280034, 0x00280030, 0x00280A02
AT_DETECTOR, SCANNED = 0x00181164, 0x00182010
MODALITY = 0x00080060
SPACING_TAGS = frozenset((ASPECT, SPACING, CALIBRATION, AT_DETECTOR, SCANNED, MODALITY))
# Detectors have pixels of 0.05 to 0.2 mm, scanned films of up to 0.5; the rest is a slip.
_SMALLEST_MM, _LARGEST_MM = 0.005, 10.0
_SQUARE = 0.01
_PROJECTIONS = ("CR", "DX", "MG", "RF", "XA", "IO", "PX")

Spacing = tuple[float, float]


def read_spacing(elements: Elements, notes: list[str]) -> Spacing | None:
    """Return (row, column) distance in mm, None if it is not told; its meaning goes to `notes`.

    In a radiograph the body is nearer to the tube than the detector is: what was measured at the
    detector is larger than the body, by a share that depends on the depth in it.
    """
    spacing, detector, scanned = (_pair(elements, tag) for tag in (SPACING, AT_DETECTOR, SCANNED))
    projection = text(elements, MODALITY).upper() in _PROJECTIONS
    if spacing and (text(elements, CALIBRATION) or (detector and not _near(spacing, detector))):
        notes.append("Distances are calibrated by the sender, for one depth in the body.")
    elif detector or (spacing and projection):
        spacing = spacing or detector
        notes.append(
            "Distances are those at the detector, not corrected for magnification: in the body "
            "they are shorter."
        )
    elif scanned and not spacing:
        spacing = scanned
        notes.append("Distances are those on the film that was scanned.")
    _tell_shape(spacing, decimals(elements, ASPECT), notes)
    return spacing


def _pair(elements: Elements, tag: int) -> Spacing | None:
    told = decimals(elements, tag)
    if len(told) != 2 or not all(_SMALLEST_MM <= one <= _LARGEST_MM for one in told):
        return None
    return told[0], told[1]


def _near(one: Spacing, other: Spacing) -> bool:
    return all(abs(a - b) <= 1e-3 * b for a, b in zip(one, other, strict=True))


def _tell_shape(spacing: Spacing | None, aspect: tuple[float, ...], notes: list[str]) -> None:
    """Say if pixels are no squares.

    They are left as they are. A network sees every picture squeezed into its square, so that it
    makes no difference to the verdict, and a resampled picture would no longer hold the file's
    levels.
    """
    down, across = spacing or (aspect if len(aspect) == 2 and min(aspect) > 0 else (1, 1))
    if abs(down / across - 1) > _SQUARE:
        notes.append(
            f"A pixel is {down / across:.2g} times as high as wide; shown as if it were square."
        )
