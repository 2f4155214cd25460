"""The pictures of a report as DICOM Secondary Capture objects."""

from __future__ import annotations

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from pipeline.errors import ImageError
from pipeline.gate.tags import CHEST
from pipeline.report.contents import Report
from pipeline.report.dicom.identity import Identity, base, body_part, coded, uid
from pipeline.report.drawing import drawn
from pipeline.statements import NOTICE

PLAIN_SERIES, OVERLAY_SERIES = 1, 2
_LONGEST_SIDE_PX = 2**16 - 1  # Rows and Columns have 16 bits
_LONGEST_TEXT = 1024  # characters of a short text (ST)


def plain(report: Report, identity: Identity) -> Dataset:
    """Return the grey picture as it was judged: what the regions of the figures lie on."""
    dataset = base(report, identity, PLAIN_SERIES, "X-ray as it was judged")
    # The picture is the same whoever judges it.
    del dataset.ManufacturerModelName, dataset.DeviceSerialNumber
    dataset.SeriesInstanceUID = uid("picture series", identity.picture)
    _capture(dataset, report, uid("picture", identity.picture))
    dataset.DerivationDescription = (
        "The grey levels in 8 bits, upright, as they were given to the network before it resized "
        "them."
    )
    _pixels(dataset, report.picture.image)
    # All 256 levels from black to white: otherwise each viewer stretches them as it likes.
    dataset.WindowCenter, dataset.WindowWidth = "128", "256"
    return dataset


def overlay(report: Report, identity: Identity, source: Dataset) -> Dataset:
    """Return the picture with its overlays and their colour bar.

    Parameters
    ----------
    source : the grey picture.
    """
    told = report.explanation
    dataset = base(report, identity, OVERLAY_SERIES, f"{told.method} overlay, {report.run.name}")
    dataset.SeriesInstanceUID = uid("overlay series", identity.report)
    _capture(dataset, report, uid("overlay", identity.report))
    drawings = " and ".join(
        name for name, on in (("heatmap", report.shown.heat), ("mask", report.shown.mask)) if on
    )
    dataset.DerivationDescription = (
        f"{drawings.capitalize()} of {told.method} for {report.target.lower()}: run {told.run}, "
        f"seed {told.seed}, {told.samples} pictures judged, superpixels "
        f"{told.segmentation or 'none'}, hidden by {told.fill or 'nothing'}. Orange speaks for, "
        f"blue against; the colour bar is in {told.unit}."
    )[:_LONGEST_TEXT]
    item = Dataset()
    item.ReferencedSOPClassUID = source.SOPClassUID
    item.ReferencedSOPInstanceUID = source.SOPInstanceUID
    item.PurposeOfReferenceCodeSequence = [coded(codes.DCM.SourceImageForImageProcessingOperation)]
    dataset.SourceImageSequence = [item]
    _pixels(dataset, drawn(report))
    return dataset


def _capture(dataset: Dataset, report: Report, instance: str) -> None:
    """Say that it is a secondary capture, made by a workstation from another picture.

    BurnedInAnnotation is left out on purpose: the figures of a colour bar identify nobody, but
    what a scanner or a scribe wrote into the source's pixels is not known, and the attribute's
    absence says just that ("may or may not contain", PS3.3 C.7.6.1). So is a date: a secondary
    capture needs none.
    """
    dataset.SOPClassUID = SecondaryCaptureImageStorage
    dataset.SOPInstanceUID = instance
    dataset.InstanceNumber = 1
    dataset.Modality = "OT"  # other: a derived picture, whatever its source was taken with
    part = body_part(report.picture.tags)
    if part:
        dataset.BodyPartExamined = part
    if part not in CHEST:
        dataset.Laterality = ""  # not known; of a chest there is none to tell
    dataset.ConversionType = "WSD"
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    # Which side is which is seen in the picture, and not known here.
    dataset.PatientOrientation = ""
    # What was done to the picture and what to look out for, such as a text burned into it.
    dataset.ImageComments = " ".join([NOTICE, *report.picture.notes])
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = instance
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta = meta


def _pixels(dataset: Dataset, image: np.ndarray) -> None:
    """Add grey (H, W) or colour (H, W, 3) uint8 pixels, uncompressed: any viewer opens that.

    Raises
    ------
    ImageError : if a side is longer than DICOM can say.
    """
    if max(image.shape) > _LONGEST_SIDE_PX:
        raise ImageError(
            f"A side of the picture is longer than the {_LONGEST_SIDE_PX:,} pixels of DICOM.",
            "Save it as PNG instead.",
        )
    dataset.Rows, dataset.Columns = image.shape[:2]
    dataset.SamplesPerPixel = 1 if image.ndim == 2 else 3
    dataset.PhotometricInterpretation = "MONOCHROME2" if image.ndim == 2 else "RGB"
    if image.ndim == 3:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    dataset.PixelRepresentation = 0
    content = image.tobytes()
    dataset.PixelData = content + bytes(len(content) % 2)  # an even number of bytes, always
    dataset["PixelData"].VR = "OB"
