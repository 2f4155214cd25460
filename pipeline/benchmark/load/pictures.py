"""X-rays to upload: drawn ones of several sizes and kinds, no two with the same bytes."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian

from pipeline.benchmark.radiograph import radiograph
from pipeline.images import encode_jpeg, encode_png, resize

# A name that says nothing, in place of the last number of an identifier.
_PLACE = "0000000000"


@dataclass(frozen=True)
class Drawn:
    """One file: what kind it is, the end of its name, its bytes."""

    kind: str
    suffix: str
    data: bytes


class Pictures:
    """As many as are asked for, in turn: PNG, small JPEG, large JPEG, 12 bit DICOM."""

    def __init__(self) -> None:
        self._made = 0
        large = resize(radiograph(800, 1000), 1600, 2000)
        self._kinds = (
            ("PNG, 1400 x 1000", "png", encode_png(radiograph(1000, 1400)), _in_png),
            ("JPEG, 224 x 224", "jpg", encode_jpeg(radiograph(224, 224)), _in_jpeg),
            ("JPEG, 2000 x 1600", "jpg", encode_jpeg(large), _in_jpeg),
            ("DICOM of 12 bits, 1400 x 1000", "dcm", _dicom(radiograph(1000, 1400)), _in_dicom),
        )

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, *_ in self._kinds]

    def draw(self) -> Drawn:
        """Return the next one. The server has never seen these bytes and decodes every pixel."""
        kind, suffix, data, stamped = self._kinds[self._made % len(self._kinds)]
        self._made += 1
        return Drawn(kind, suffix, stamped(data, f"{self._made:010d}".encode()))


def _in_png(data: bytes, stamp: bytes) -> bytes:
    """Add a comment behind the header, which is 33 bytes long with the signature."""
    chunk = b"tEXtComment\0" + stamp
    length, check = len(chunk) - 4, zlib.crc32(chunk)
    return b"".join((data[:33], length.to_bytes(4), chunk, check.to_bytes(4), data[33:]))


def _in_jpeg(data: bytes, stamp: bytes) -> bytes:
    """Add a comment behind the first marker."""
    return b"".join((data[:2], b"\xff\xfe", (len(stamp) + 2).to_bytes(2), stamp, data[2:]))


def _in_dicom(data: bytes, stamp: bytes) -> bytes:
    return data.replace(_PLACE.encode(), stamp, 1)


def _dicom(image: np.ndarray) -> bytes:
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID = DigitalXRayImageStorageForPresentation
    data.SOPInstanceUID = "1.2.3.4"
    data.AccessionNumber = _PLACE
    data.Modality, data.BodyPartExamined, data.ViewPosition = "DX", "CHEST", "AP"
    data.PatientAge = "003Y"
    data.Rows, data.Columns = image.shape
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 12, 11
    data.PixelRepresentation = 0
    data.PixelData = (image.astype("<u2") << 4).tobytes()
    written = io.BytesIO()
    data.save_as(written, enforce_file_format=True)
    return written.getvalue()
