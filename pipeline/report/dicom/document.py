"""The figures of a report as a DICOM Comprehensive SR by template TID 1500, Measurement Report."""

from __future__ import annotations

from datetime import UTC, datetime

import highdicom.sr as sr
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes as standard
from pydicom.valuerep import DA, TM

from pipeline.report.contents import Report
from pipeline.report.dicom import codes, groups
from pipeline.report.dicom.identity import MAKER, Identity, base, uid
from pipeline.statements import NOTICE

SERIES = 3
_ENGLISH = sr.CodedConcept("en-GB", "RFC5646", "English (United Kingdom)")


def build(
    report: Report, identity: Identity, picture: Dataset, overlay: Dataset | None, now: datetime
) -> Dataset:
    """Return a report's figures, which reference its pictures.

    Parameters
    ----------
    picture, overlay : of `pipeline.report.dicom.pictures`, of the same report.
    now : when it is written.
    """
    now = now.astimezone(UTC)
    images = [one for one in (picture, overlay) if one is not None]
    measured = [groups.verdict(report, identity, picture)]
    if report.explanation is not None:
        measured.append(groups.explanation(report, identity, picture, overlay))
        measured += groups.regions(report, identity, picture)
    content = sr.MeasurementReport(
        observation_context=_observer(report),
        procedure_reported=codes.CHEST_XRAY,
        imaging_measurements=measured,
        title=standard.DCM.ImagingMeasurementReport,
        language_of_content_item_and_descendants=sr.LanguageOfContentItemAndDescendants(_ENGLISH),
        referenced_images=images,
    )
    content[0].ContentSequence.append(_notice())
    document = sr.ComprehensiveSR(
        evidence=images,
        content=content,
        series_instance_uid=uid("figures series", identity.report),
        series_number=SERIES,
        sop_instance_uid=uid("figures", identity.report),
        instance_number=1,
        is_complete=True,
        content_date=DA(now.date()),
        content_time=_time(now),
    )
    _dated(document, now)
    common = base(report, identity, SERIES, f"Figures of {report.run.name}")
    for element in common:
        document[element.tag] = element
    document.CodingSchemeIdentificationSequence = [_scheme()]
    return document


def _observer(report: Report) -> sr.ObservationContext:
    """A device looked, and no person."""
    run = report.run
    device = sr.DeviceObserverIdentifyingAttributes(
        uid=uid("network", run.document["model_sha256"]),
        name=run.name,
        manufacturer_name=MAKER,
        model_name=run.document["architecture"],
        serial_number=run.document["model_sha256"],
    )
    return sr.ObservationContext(
        observer_device_context=sr.ObserverContext(standard.DCM.Device, device)
    )


def _notice() -> sr.ContainerContentItem:
    """Return the one comment that is of no measurement; highdicom has no argument for it."""
    container = sr.ContainerContentItem(codes.QUALITATIVE, relationship_type="CONTAINS")
    container.ContentSequence = sr.ContentSequence(
        [sr.TextContentItem(codes.COMMENT, NOTICE, relationship_type="CONTAINS")]
    )
    return container


def _dated(document: Dataset, now: datetime) -> None:
    """Replace the clock that highdicom has read itself: one moment stands in the whole file."""
    document.InstanceCreationDate, document.InstanceCreationTime = DA(now.date()), _time(now)
    document.TimezoneOffsetFromUTC = "+0000"
    # Another look at the clock, and it takes this program for what the X-ray was taken with.
    del document.ContributingEquipmentSequence


def _time(now: datetime) -> TM:
    return TM(now.time().replace(microsecond=0, tzinfo=None))


def _scheme() -> Dataset:
    """Say whose terms the own ones are (PS3.3 C.12.1.1)."""
    scheme = Dataset()
    scheme.CodingSchemeDesignator = codes.SCHEME
    scheme.CodingSchemeName = codes.SCHEME_NAME
    scheme.CodingSchemeResponsibleOrganization = MAKER
    return scheme
