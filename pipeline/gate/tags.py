"""What a DICOM header says against judging its picture.

The networks saw frontal chest radiographs of children of one to five years, and nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

YOUNGEST, OLDEST = 1, 5
ADULT = 18

# Defined terms of DICOM PS3.3 (C.8.7.1, C.8.11.5) and PS3.16 (CID 4, 4009), upper case.
RADIOGRAPHS = {"CR": "computed radiography", "DX": "digital radiography"}
# Nothing follows from these: a converted or captured picture may show anything.
UNTOLD_MODALITIES = {"SC", "OT"}
CHEST = {"CHEST", "THORAX", "LUNG"}
FRONTAL = {"AP", "PA"}
_VIEWS = {
    "LL": "a lateral view",
    "RL": "a lateral view",
    "LATERAL": "a lateral view",
    "LLD": "a decubitus view",
    "RLD": "a decubitus view",
    "LLO": "an oblique view",
    "RLO": "an oblique view",
}
_MODALITIES = {
    "CT": "computed tomography",
    "MR": "magnetic resonance",
    "US": "ultrasound",
    "NM": "nuclear medicine",
    "PT": "positron emission tomography",
    "MG": "mammography",
    "XA": "angiography",
    "RF": "fluoroscopy",
    "IO": "dental radiography",
    "PX": "panoramic dental radiography",
}
_AGE = re.compile(r"(\d{1,3})([DWMY])")
_PER_YEAR = {"D": 365.25, "W": 365.25 / 7, "M": 12, "Y": 1}


@dataclass(frozen=True)
class Tags:
    """What the gate wants to know of a DICOM header; None where it says nothing.

    Attributes
    ----------
    age_years : from PatientAge; see `years`.
    view : ViewPosition, such as ``AP``, ``PA`` or ``LL``.
    body_part : BodyPartExamined, such as ``CHEST``.
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


def check_tags(tags: Tags) -> tuple[str, ...]:
    """Return why pictures with these tags should not be judged, a sentence each.

    A tag that is missing or blank says nothing, and neither does a modality of converted pictures.
    """
    reasons = (
        _modality(_term(tags.modality)),
        _body_part(_term(tags.body_part)),
        _view(_term(tags.view)),
        _age(tags.age_years),
    )
    return tuple(reason for reason in reasons if reason)


def _term(value: str | None) -> str:
    return (value or "").strip().upper()


def _modality(term: str) -> str | None:
    if not term or term in RADIOGRAPHS or term in UNTOLD_MODALITIES:
        return None
    return f"The file says that this is {_MODALITIES.get(term, _shown(term))}, not a radiograph."


def _body_part(term: str) -> str | None:
    if not term or term in CHEST:
        return None
    return f"The file says that this shows another part of the body: {_shown(term)}."


def _view(term: str) -> str | None:
    if not term or term in FRONTAL:
        return None
    view = _VIEWS.get(term, f"the view {_shown(term)}")
    return f"The file says that this is {view}; the model saw frontal ones only."


def _age(age: float | None) -> str | None:
    # "005Y" is a child in its sixth year.
    if age is None or YOUNGEST <= age < OLDEST + 1:
        return None
    if age >= ADULT:
        who = f"an adult of {age:.0f} years"
    elif age < YOUNGEST:
        who = f"an infant of {12 * age:.0f} months"
    else:
        who = f"a child of {age:.0f} years"
    return (
        f"The file says that this is {who}; the model saw children of {YOUNGEST} to {OLDEST} "
        "years only."
    )


def _shown(term: str) -> str:
    """Return a free text of the header as short plain words."""
    plain = re.sub(r"[^A-Z0-9 ]+", " ", term).strip().lower()
    return f"“{plain[:40]}”" if plain else "an unknown term"
