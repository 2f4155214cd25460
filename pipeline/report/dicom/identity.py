"""Who and what the DICOM objects of a report say they are: nobody, by design.

Nothing is copied from a source's header. Every attribute is written anew from a `Report`, which
holds no name, identifier or date of a patient to begin with: a pseudonym made from the picture's
SHA-256 stands where an archive needs an identity.
"""

from __future__ import annotations

import hashlib
import json
import math
import uuid
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from pipeline.dicom.terms import BODY_PARTS
from pipeline.report.contents import Report
from pipeline.report.numbers import to_json, versions
from pipeline.tags import Tags, years

MAKER = "Looking into a chest X-ray classifier"
# A name space of its own for `uuid.uuid5`, drawn once.
_NAMESPACE = uuid.UUID("5c5d1f0e-6f0c-4a38-9a53-0f6f9be4c9d7")
_PSEUDONYM_LENGTH = 16
# Ages above this one may identify a person, and are all told as the next (45 CFR 164.514(b)(2)).
_OLDEST_TOLD = 89
_LONGEST = 64  # characters of a long string (LO)


def uid(*parts: str) -> str:
    """Return the identifier of `parts`: the same ones give the same, others another.

    References
    ----------
    DICOM PS3.5 B.2: a UUID as a decimal number under the root 2.25, here of version 5 (RFC 9562).
    """
    return f"2.25.{uuid.uuid5(_NAMESPACE, json.dumps(parts)).int}"


@dataclass(frozen=True)
class Identity:
    """The identifiers of a report's objects.

    Attributes
    ----------
    pseudonym : stands for the patient.
    picture : what the grey picture's identifiers are made from: itself, whoever judged it.
    report : what those of overlay and figures are made from: every number and setting in them.
    """

    pseudonym: str
    picture: str
    report: str

    @classmethod
    def of(cls, report: Report) -> Identity:
        picture = report.picture
        document = to_json(report)
        if document["explanation"]:
            del document["explanation"]["seconds"]  # how long it took is no part of what was found
        # A reader's own words stay out of whatever leaves as DICOM.
        document["override"] = report.override is not None
        told = [picture.sha256, hashlib.sha256(picture.image.tobytes()).hexdigest()]
        told += [*picture.notes, *_software()]
        return cls(picture.sha256[:_PSEUDONYM_LENGTH], _digest(told), _digest(document))

    @property
    def study(self) -> str:
        """The UID of the study that all reports on one picture share."""
        return uid("study", self.pseudonym)


def base(report: Report, identity: Identity, series_number: int, series: str) -> Dataset:
    """Return what every object of a report has in common: patient, study, series, equipment.

    Parameters
    ----------
    series_number : within the study.
    series : its description, at most 64 characters.
    """
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    _patient(dataset, report.picture.tags, identity)
    dataset.StudyInstanceUID = identity.study
    dataset.StudyDescription = "Research: a classifier's reading of a chest X-ray"
    dataset.SeriesNumber = series_number
    dataset.SeriesDescription = series[:_LONGEST]
    # Must be there and may be empty. When the X-ray was taken is nobody's business here.
    for empty in ("StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName"):
        setattr(dataset, empty, "")
    dataset.StudyID = identity.pseudonym
    dataset.Manufacturer = MAKER
    dataset.ManufacturerModelName = report.run.name[:_LONGEST]
    dataset.DeviceSerialNumber = report.run.document["model_sha256"]
    dataset.SoftwareVersions = _software()
    return dataset


def _patient(dataset: Dataset, tags: Tags | None, identity: Identity) -> None:
    dataset.PatientID = identity.pseudonym
    dataset.PatientName = f"Pseudonym^{identity.pseudonym}"
    dataset.PatientBirthDate = dataset.PatientSex = ""
    # YES is what PS3.15 E.1 asks for after this profile, even if nobody has looked for text in the
    # pixels: the method below says so, and BurnedInAnnotation stays away.
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = [
        "Header written anew, nothing copied but age and body part",
        "Pixels as judged, not searched for burned-in text",
    ]
    methods = [codes.DCM.BasicApplicationConfidentialityProfile]
    dataset.LongitudinalTemporalInformationModified = "REMOVED"
    if tags and tags.age_years is not None:
        dataset.PatientAge = age(tags.age_years)
        methods.append(codes.DCM.RetainPatientCharacteristicsOption)
    dataset.DeidentificationMethodCodeSequence = [coded(code) for code in methods]


def body_part(tags: Tags | None) -> str | None:
    """Return the source's body part if it is a term of the standard: others are free text."""
    return tags.body_part if tags and tags.body_part in BODY_PARTS else None


def age(age_years: float) -> str:
    """Return an age as a DICOM age string, in the largest unit that says it exactly.

    An age above 89 years is told as 90.
    """
    if age_years >= _OLDEST_TOLD + 1:
        return f"{_OLDEST_TOLD + 1:03d}Y"
    for unit in "YMWD":
        count = round(age_years / years(f"001{unit}"))
        told = f"{count:03d}{unit}"
        if count <= 999 and math.isclose(years(told), age_years, rel_tol=1e-9, abs_tol=1e-9):
            return told
    return f"{math.floor(age_years):03d}Y"


def coded(code) -> Dataset:
    """Return a pydicom code as an item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator = code.value, code.scheme_designator
    item.CodeMeaning = code.meaning
    return item


def _software() -> list[str]:
    return [f"{name} {version}" for name, version in versions().items()]


def _digest(document: object) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
