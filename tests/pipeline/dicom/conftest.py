"""DICOM files for the tests, written by other people's encoders."""

import io
import subprocess
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, DigitalXRayImageStorageForPresentation

FAMILY = "1.2.840.10008.1.2"
NATIVE = {"implicit": "", "explicit": ".1", "deflated": ".1.99", "big endian": ".2"}
PACKED = {
    "rle": ".5",
    "jpeg baseline": ".4.50",
    "jpeg extended": ".4.51",
    "jpeg lossless": ".4.57",
    "jpeg lossless sv1": ".4.70",
    "jpeg-ls": ".4.80",
    "jpeg-ls near": ".4.81",
    "jpeg 2000 lossless": ".4.90",
    "jpeg 2000": ".4.91",
    "htj2k lossless": ".4.201",
    "htj2k lossless rpcl": ".4.202",
    "htj2k": ".4.203",
}
SYNTAXES = {name: FAMILY + end for name, end in (NATIVE | PACKED).items()}
DCMCJPEG = {
    "jpeg extended": ["+ee", "+q", "98"],
    "jpeg lossless": ["+el"],
    "jpeg lossless sv1": ["+e1"],
}
OJPH = {
    "htj2k lossless": ["-reversible", "true"],
    "htj2k lossless rpcl": ["-reversible", "true", "-prog_order", "RPCL"],
    "htj2k": ["-qstep", "0.0005"],
}


@pytest.fixture(scope="session")
def dicom():
    """Make a data set: ``dicom(pixels, bits=12, Modality="CR")``, with `to_bytes` to write it.

    `pixels` (H, W) or (H, W, 3) of one or two bytes; their type decides the bits allocated and
    the sign. Other keywords are elements of the header.
    """
    return _dataset


def _dataset(pixels: np.ndarray, bits: int | None = None, **elements) -> Dataset:
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.SOPClassUID = DigitalXRayImageStorageForPresentation
    data.SOPInstanceUID = "1.2.3.4"
    data.Modality = "DX"
    data.Rows, data.Columns = pixels.shape[:2]
    data.SamplesPerPixel = 1 if pixels.ndim == 2 else 3
    data.PhotometricInterpretation = "MONOCHROME2" if pixels.ndim == 2 else "RGB"
    data.BitsAllocated = 8 * pixels.itemsize
    data.BitsStored = bits or data.BitsAllocated
    data.HighBit = data.BitsStored - 1
    data.PixelRepresentation = int(pixels.dtype.kind == "i")
    if pixels.ndim == 3:
        data.PlanarConfiguration = 0
    data.pixels = pixels
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # values that the standard does not allow are wanted here
        for name, value in elements.items():
            setattr(data, name, value)
    return data


@pytest.fixture(scope="session")
def to_bytes(program):
    """Write a data set in a transfer syntax by its name: ``to_bytes(data, "jpeg-ls")``."""

    def write(data: Dataset, syntax: str = "explicit") -> bytes:
        data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
        data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
        if syntax in DCMCJPEG:
            return _by_dcmcjpeg(data, DCMCJPEG[syntax], program)
        data.file_meta.TransferSyntaxUID = UID(SYNTAXES[syntax])
        wide = data.BitsAllocated > 8
        if syntax in NATIVE:
            order = ">" if syntax == "big endian" else "<"
            data.PixelData = data.pixels.astype(data.pixels.dtype.newbyteorder(order)).tobytes()
            data.PixelData += b"\0" * (len(data.PixelData) % 2)
            data["PixelData"].VR = "OW" if wide or syntax == "implicit" else "OB"
        else:
            frame = _packed(data, syntax, program)
            data.PixelData = encapsulate([frame])
            data["PixelData"].VR = "OB"
            data["PixelData"].is_undefined_length = True
        return _written(data)

    return write


def _written(data: Dataset) -> bytes:
    buffer = io.BytesIO()
    data.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def _packed(data: Dataset, syntax: str, program) -> bytes:
    unsigned = data.pixels.view(f"u{data.pixels.itemsize}") & (2**data.BitsStored - 1)
    if syntax == "rle":
        from pydicom.pixels import get_encoder

        encoder = get_encoder(SYNTAXES[syntax])
        options = {"encoding_plugin": "pydicom", "photometric_interpretation": "MONOCHROME2"}
        if data.SamplesPerPixel == 3:
            options["photometric_interpretation"] = "RGB"
        return encoder.encode(
            data.pixels.tobytes(),
            rows=data.Rows,
            columns=data.Columns,
            number_of_frames=1,
            samples_per_pixel=data.SamplesPerPixel,
            planar_configuration=0,
            bits_allocated=data.BitsAllocated,
            bits_stored=data.BitsStored,
            pixel_representation=data.PixelRepresentation,
            **options,
        )
    if syntax == "jpeg baseline":
        buffer = io.BytesIO()
        Image.fromarray(data.pixels).save(buffer, "JPEG", quality=95)
        return buffer.getvalue()
    if syntax.startswith("jpeg-ls"):
        import jpeg_ls

        lost = 2 if syntax == "jpeg-ls near" else 0
        return bytes(
            jpeg_ls.encode_buffer(
                unsigned.tobytes(),
                data.Rows,
                data.Columns,
                data.SamplesPerPixel,
                data.BitsStored,
                lossy_error=lost,
                interleave_mode=2,
            )
        )
    if syntax.startswith("jpeg 2000"):
        from openjpeg.utils import encode_array

        options = {} if syntax.endswith("lossless") else {"compression_ratios": [8]}
        return encode_array(
            data.pixels,
            bits_stored=data.BitsStored,
            photometric_interpretation=1 if data.SamplesPerPixel == 3 else 2,
            **options,
        )
    return _by_ojph(unsigned, data.BitsStored, OJPH[syntax], program)


def _by_ojph(pixels: np.ndarray, bits: int, options: list[str], program) -> bytes:
    """Pack with OpenJPH, which reads grey pictures of the PGM kind."""
    ojph = program("ojph_compress", package="openjph-tools")
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, "a.pgm"), Path(folder, "a.j2c")
        head = f"P5 {pixels.shape[1]} {pixels.shape[0]} {2**bits - 1}\n".encode()
        source.write_bytes(head + pixels.astype(">u2" if bits > 8 else "u1").tobytes())
        command = [ojph, "-i", source, "-o", made, *options]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        return made.read_bytes()


def _by_dcmcjpeg(data: Dataset, options: list[str], program) -> bytes:
    data.file_meta.TransferSyntaxUID = UID(SYNTAXES["explicit"])
    data.PixelData = data.pixels.tobytes()
    data["PixelData"].VR = "OW" if data.BitsAllocated > 8 else "OB"
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, "a.dcm"), Path(folder, "b.dcm")
        source.write_bytes(_written(data))
        dcmcjpeg = program("dcmcjpeg", package="dcmtk")
        command = [dcmcjpeg, *options, source, made]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        return made.read_bytes()


@pytest.fixture(scope="session")
def syntaxes() -> dict[str, str]:
    """Transfer syntaxes that can be written here, by name."""
    return SYNTAXES
