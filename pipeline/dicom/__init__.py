"""DICOM files: pixels and four tags out of them, nothing else.

`read_header` finds what is wanted without looking at the rest, so that the size a picture claims
is known before memory is asked for; `decode` gives grey levels or colours. Compressed frames
are decoded in a process of their own (`decoder`), whose crash is an error like any other.

Read: computed and digital radiographs and captured pictures of one frame, 8 to 16 bits, in every
transfer syntax for still pictures but JPIP and JPEG XL.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.depth import Depth
from pipeline.dicom.cautions import CAUTION_TAGS, read_cautions
from pipeline.dicom.colour import COLOUR_TAGS, read_rgb
from pipeline.dicom.elements import PIXEL_DATA, Elements
from pipeline.dicom.file import is_dicom, read_file
from pipeline.dicom.grey import GREY_TAGS, read_depth
from pipeline.dicom.layout import GREY, LAYOUT_TAGS, Layout, read_layout
from pipeline.dicom.samples import JpegDecoder, read_samples
from pipeline.dicom.spacing import SPACING_TAGS, read_spacing
from pipeline.dicom.syntax import Syntax
from pipeline.dicom.terms import TERM_TAGS, read_tags
from pipeline.errors import ImageError
from pipeline.tags import Tags

__all__ = ["Decoded", "Header", "decode", "is_dicom", "read_header"]

_WANTED = frozenset(
    (PIXEL_DATA, *LAYOUT_TAGS, *GREY_TAGS, *COLOUR_TAGS, *TERM_TAGS, *SPACING_TAGS, *CAUTION_TAGS)
)


@dataclass(frozen=True, repr=False)
class Header:
    """A DICOM file whose pixels are not decoded yet. Has no repr: it holds the header."""

    syntax: Syntax
    elements: Elements
    layout: Layout


@dataclass(frozen=True)
class Decoded:
    """What is kept of a DICOM file.

    Attributes
    ----------
    depth : the grey levels; None of a coloured picture.
    rgb : (H, W, 3) uint8 of a coloured picture.
    tags : age, view, body part, modality.
    spacing_mm : (row, column) distance of neighbouring pixels, None if it is not told.
    notes : what was done and what to look out for, a sentence each; nothing of them is quoted.
    """

    depth: Depth | None
    rgb: np.ndarray | None
    tags: Tags
    spacing_mm: tuple[float, float] | None
    notes: tuple[str, ...]


def read_header(data: bytes, limit: int) -> Header:
    """Find what is wanted in a DICOM file, and check what it says of its pixels.

    Parameters
    ----------
    limit : bytes that a packed file may unpack to.

    Raises
    ------
    ImageError : if it holds no picture, is damaged, or is of a kind that is not read.
    """
    syntax, elements = read_file(data, _WANTED, limit)
    if PIXEL_DATA not in elements:
        raise ImageError(
            "This DICOM file holds no picture.", "Choose the file of the radiograph itself."
        )
    return Header(syntax, elements, read_layout(elements))


def decode(header: Header, decode_jpeg: JpegDecoder) -> Decoded:
    """Decode the pixels. Call this once the claimed size has been accepted.

    Parameters
    ----------
    decode_jpeg : turns an ordinary JPEG into (H, W) or (H, W, 3) uint8.

    Raises
    ------
    ImageError : if the pixels are damaged, break off or contradict the header.
    """
    elements, layout = header.elements, header.layout
    notes = read_cautions(elements)
    tags = read_tags(elements, notes)
    spacing = read_spacing(elements, notes)
    samples = read_samples(elements[PIXEL_DATA], header.syntax, layout, decode_jpeg)
    depth = rgb = None
    if layout.photometric in GREY:
        depth = read_depth(elements, samples, layout, notes)
    else:
        rgb = read_rgb(elements, samples, layout)
    return Decoded(depth, rgb, tags, spacing, tuple(notes))
