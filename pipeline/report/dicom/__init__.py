"""A report as DICOM: what an archive or a reading room's workstation takes in.

Three objects of one study: the grey picture as it was judged and the picture with its overlays
(Secondary Capture Image Storage), and the figures (Comprehensive SR, template TID 1500), whose
regions lie on the grey picture. Whatever they say is of `pipeline.report.Report`; what cannot be
said of a patient there cannot be said here (see `identity`).

pydicom and highdicom are imported when something is written, and not before.
"""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

from pipeline.report.contents import Report
from pipeline.report.drawing import overlaid

PICTURE, OVERLAY, DOCUMENT = "picture.dcm", "overlay.dcm", "report.dcm"
# Quick, and a third larger than the best there is.
_COMPRESSION = 1


def plain_capture(report: Report) -> bytes:
    """Return the grey picture as a DICOM file: 8 bit, MONOCHROME2, without overlays."""
    from pipeline.report.dicom import pictures
    from pipeline.report.dicom.identity import Identity

    return _file(pictures.plain(report, Identity.of(report)))


def secondary_capture(report: Report) -> bytes:
    """Return the picture with its overlays, as `pipeline.report.png` draws it, as a DICOM file.

    Raises
    ------
    ValueError : if nothing lies over the picture.
    """
    from pipeline.report.dicom import pictures
    from pipeline.report.dicom.identity import Identity

    if not overlaid(report):
        raise ValueError("Expected an explanation that is drawn. Received: no overlay")
    identity = Identity.of(report)
    return _file(pictures.overlay(report, identity, pictures.plain(report, identity)))


def structured_report(report: Report, now: datetime | None = None) -> bytes:
    """Return the figures as a DICOM file: a Comprehensive SR that references the other two.

    Parameters
    ----------
    now : when it is written; the only date in it, and none of a patient's.
    """
    return as_dicom(report, now)[DOCUMENT]


def as_dicom(report: Report, now: datetime | None = None) -> dict[str, bytes]:
    """Return the DICOM files of a report by their names; no overlay where nothing was drawn.

    The same report gives the same identifiers whenever it is written, so that an archive that is
    sent it twice keeps one; see `structured_report` for `now`.
    """
    from pipeline.report.dicom import document, pictures
    from pipeline.report.dicom.identity import Identity

    identity = Identity.of(report)
    made = {PICTURE: pictures.plain(report, identity)}
    if overlaid(report):
        made[OVERLAY] = pictures.overlay(report, identity, made[PICTURE])
    made[DOCUMENT] = document.build(
        report, identity, made[PICTURE], made.get(OVERLAY), now or datetime.now(UTC)
    )
    return {name: _file(dataset) for name, dataset in made.items()}


def as_zip(report: Report, now: datetime | None = None) -> bytes:
    """Return `as_dicom` in one ZIP file."""
    now = now or datetime.now(UTC)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION) as file:
        for name, content in as_dicom(report, now).items():
            entry = zipfile.ZipInfo(name, now.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, content, compresslevel=_COMPRESSION)
    return buffer.getvalue()


def _file(dataset) -> bytes:
    """Write a dataset with its preamble and file meta information."""
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
