"""Transfer syntaxes: how a DICOM file is written, and what its pixels are packed with."""

from __future__ import annotations

from dataclasses import dataclass, replace

_FAMILY = "1.2.840.10008.1.2"
_FILMS = tuple(f"{_FAMILY}.4.{number}" for number in range(100, 109))


@dataclass(frozen=True)
class Syntax:
    """How a data set is written.

    Attributes
    ----------
    order : ``<`` or ``>``, little or big endian.
    explicit : whether every element names its value representation.
    deflated : whether the data set is packed as a whole.
    packing : of the pixels: ``native``, ``rle``, ``jpeg``, ``jpegls``, ``jpeg2000``, or ``film``.
    """

    order: str = "<"
    explicit: bool = True
    deflated: bool = False
    packing: str = "native"

    def telling(self, explicit: bool) -> Syntax:
        """Return the same with or without value representations."""
        return replace(self, explicit=explicit)


IMPLICIT = Syntax(explicit=False)
EXPLICIT = Syntax()

# PS3.5, section 10 and annex A. JPEG: baseline, extended, lossless of any and of first order.
SYNTAXES = {
    _FAMILY: IMPLICIT,
    f"{_FAMILY}.1": EXPLICIT,
    f"{_FAMILY}.1.99": Syntax(deflated=True),
    f"{_FAMILY}.2": Syntax(order=">"),
    f"{_FAMILY}.5": Syntax(packing="rle"),
    **{f"{_FAMILY}.4.{number}": Syntax(packing="jpeg") for number in (50, 51, 57, 70)},
    **{f"{_FAMILY}.4.{number}": Syntax(packing="jpegls") for number in (80, 81)},
    # The last three are High-Throughput JPEG 2000.
    **{f"{_FAMILY}.4.{number}": Syntax(packing="jpeg2000") for number in (90, 91, 201, 202, 203)},
    **{film: Syntax(packing="film") for film in _FILMS},
    **{f"{film}.1": Syntax(packing="film") for film in _FILMS},
}
