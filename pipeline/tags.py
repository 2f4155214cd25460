"""The four things of a DICOM header that are kept beside the pixels; everything else is left."""

from __future__ import annotations

import re
from dataclasses import dataclass

_AGE = re.compile(r"(\d{1,3})([DWMY])")
_PER_YEAR = {"D": 365.25, "W": 365.25 / 7, "M": 12, "Y": 1}


# What is kept of a view or a part of the body that is said in words of the hospital's own: free
# text may hold a name.
ANOTHER = "ANOTHER"


@dataclass(frozen=True)
class Tags:
    """What is kept of a DICOM header; None where it says nothing.

    Attributes
    ----------
    age_years : from PatientAge; see `years`.
    view : ViewPosition, such as ``AP``, ``PA`` or ``LL``, or `ANOTHER`.
    body_part : BodyPartExamined, such as ``CHEST``, or `ANOTHER`.
    modality : Modality, such as ``CR``, ``DX`` or ``CT``.
    """

    age_years: float | None = None
    view: str | None = None
    body_part: str | None = None
    modality: str | None = None

    def __post_init__(self):
        if self.age_years is not None and not 0 <= self.age_years < 200:
            raise ValueError(f"Expected an age of 0 to 200 years. Received: {self.age_years!r}")


def years(age: str | None) -> float | None:
    """Read a DICOM age string such as ``003Y``, ``018M``, ``011W`` or ``004D``, in years.

    None for anything else: an age that cannot be read is not known.
    """
    match = _AGE.fullmatch((age or "").strip().upper())
    return int(match[1]) / _PER_YEAR[match[2]] if match else None
