"""What the header says of how the pixels lie, checked before they are touched."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.containers import damaged
from pipeline.dicom.elements import Elements
from pipeline.dicom.values import number, short, text
from pipeline.errors import ImageError

SAMPLES, PHOTOMETRIC, PLANAR, FRAMES = 0x00280002, 0x00280004, 0x00280006, 0x00280008
ROWS, COLUMNS = 0x00280010, 0x00280011
ALLOCATED, STORED, HIGH_BIT, SIGNED = 0x00280100, 0x00280101, 0x00280102, 0x00280103
LAYOUT_TAGS = frozenset(
    (SAMPLES, PHOTOMETRIC, PLANAR, FRAMES, ROWS, COLUMNS, ALLOCATED, STORED, HIGH_BIT, SIGNED)
)
GREY = ("MONOCHROME1", "MONOCHROME2")
PALETTE = "PALETTE COLOR"
COLOURED = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")


@dataclass(frozen=True)
class Layout:
    """How the pixels of a DICOM picture lie (PS3.3, C.7.6.3).

    Attributes
    ----------
    samples : 1, or 3 if the picture is coloured.
    photometric : what the samples mean, such as ``MONOCHROME1``.
    by_plane : whether native pixels of a coloured picture come plane by plane.
    allocated, stored : bits of a sample in the file, and of them those that carry it.
    shift : bits below those that carry it.
    signed : whether the stored bits are a two's complement.
    """

    rows: int
    columns: int
    samples: int
    photometric: str
    by_plane: bool
    allocated: int
    stored: int
    shift: int
    signed: bool

    @property
    def size(self) -> int:
        """Samples in the picture."""
        return self.rows * self.columns * self.samples


def read_layout(elements: Elements) -> Layout:
    """Check what the header says of the pixels.

    Raises
    ------
    ImageError : if it contradicts itself or is of a kind that is not read.
    """
    if number(elements, FRAMES, 1) > 1:
        raise ImageError(
            "The DICOM file holds several frames; which of them is meant cannot be told.",
            "Export the frame you mean as a file of its own.",
        )
    rows, columns = short(elements, ROWS, 0), short(elements, COLUMNS, 0)
    samples, photometric = short(elements, SAMPLES, 1), text(elements, PHOTOMETRIC)
    if not rows or not columns or not photometric:
        raise damaged()
    if photometric not in (*GREY, PALETTE, *COLOURED):
        raise ImageError(
            "The DICOM file has colours of a kind that is not read.",
            "Export the picture in grey (MONOCHROME2), or as PNG.",
        )
    if samples != (3 if photometric in COLOURED else 1):
        raise damaged()
    allocated = short(elements, ALLOCATED, 0)
    stored = short(elements, STORED, allocated)
    if allocated not in (8, 16):
        raise ImageError(
            f"The DICOM picture has {allocated} bits a pixel; 8 or 16 are read.",
            "Export it in 8 or 16 bits.",
        )
    high = short(elements, HIGH_BIT, stored - 1)
    if not 1 <= stored <= high + 1 <= allocated:
        raise damaged()
    return Layout(
        rows,
        columns,
        samples,
        photometric,
        bool(short(elements, PLANAR, 0)),
        allocated,
        stored,
        high + 1 - stored,
        bool(short(elements, SIGNED, 0)),
    )
