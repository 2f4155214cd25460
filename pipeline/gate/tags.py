"""What a DICOM header says against judging its picture.

The networks saw frontal chest radiographs of children of one to five years, and nothing else.
"""

from __future__ import annotations

import re

from pipeline.tags import ANOTHER, Tags

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
    if term == ANOTHER:
        return "The file names a part of the body in words that are not those for the chest."
    return f"The file says that this shows another part of the body: {_shown(term)}."


def _view(term: str) -> str | None:
    if not term or term in FRONTAL:
        return None
    if term == ANOTHER:
        return "The file names a view in words that are not those for a frontal one."
    view = _VIEWS.get(term, f"the view {_shown(term)}")
    return f"The file says that this is {view}; the model saw frontal ones only."


def _age(age: float | None) -> str | None:
    # "005Y" is a child in its sixth year.
    if age is None or YOUNGEST <= age < OLDEST + 1:
        return None
    if age >= ADULT:
        who = f"an adult of {age:.0f} years"
    elif age < YOUNGEST:
        who = f"an infant of {12 * age:.0f} months" if 12 * age >= 1 else "an infant"
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
