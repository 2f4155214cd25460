"""Every transfer syntax gives the pixels that went into it, and the verdict with them."""

import os
from pathlib import Path

import numpy as np
import pytest

from pipeline.classifier import Classifier
from pipeline.commands import named_run
from pipeline.images import encode_jpeg, encode_png, read_image, read_picture

WITHOUT_LOSS = (
    *("implicit", "explicit", "deflated", "big endian", "rle", "jpeg lossless"),
    *("jpeg lossless sv1", "jpeg-ls", "jpeg 2000 lossless", "htj2k lossless"),
    "htj2k lossless rpcl",
)
# The largest difference of a grey level (of 4096 or 256) that the packing may make.
LOSS = {"jpeg-ls near": 2, "htj2k": 24, "jpeg 2000": 120, "jpeg extended": 24, "jpeg baseline": 12}
LARGEST_SPREAD = 0.02


def deeper(image: np.ndarray, bits: int) -> np.ndarray:
    """Spread 8 bits over `bits`."""
    levels = np.round(image * ((2**bits - 1) / 255))
    return levels.astype(np.uint8 if bits == 8 else np.uint16)


@pytest.fixture(scope="module")
def small(radiograph):
    return np.ascontiguousarray(radiograph[::5, ::5])  # (120, 160)


@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("syntax", WITHOUT_LOSS)
def test_packing_without_loss_gives_exactly_the_stored_levels(dicom, to_bytes, small, syntax, bits):
    levels = deeper(small, bits)
    picture = read_picture(to_bytes(dicom(levels, bits), syntax))
    np.testing.assert_array_equal(picture.depth.values, levels)


@pytest.mark.parametrize("syntax", WITHOUT_LOSS)
def test_levels_below_zero_come_through_too(dicom, to_bytes, small, syntax):
    if syntax.startswith("htj2k"):
        pytest.skip("OpenJPH packs no grey pictures with a sign")
    levels = deeper(small, 12).astype(np.int16) - 2048
    picture = read_picture(to_bytes(dicom(levels, 12), syntax))
    np.testing.assert_array_equal(picture.depth.values, levels + 2048)


@pytest.mark.parametrize("syntax", LOSS)
def test_packing_with_loss_stays_near(dicom, to_bytes, small, syntax):
    bits = 8 if syntax == "jpeg baseline" else 12
    levels = deeper(small, bits).astype(int)
    found = read_picture(to_bytes(dicom(deeper(small, bits), bits), syntax)).depth.values
    # dcmcjpeg moves grey levels of 12 bits down to begin at 0.
    levels -= levels.min() if syntax == "jpeg extended" else 0
    found = found - found.min() if syntax == "jpeg extended" else found
    assert 0 < np.abs(found - levels).max() <= LOSS[syntax]


@pytest.mark.parametrize(
    "syntax", ["explicit", "big endian", "rle", "jpeg-ls", "jpeg 2000 lossless"]
)
def test_colours_come_through(dicom, to_bytes, small, syntax):
    rgb = np.stack([small, small[::-1], 255 - small], axis=2)
    picture = read_picture(to_bytes(dicom(np.ascontiguousarray(rgb)), syntax))
    np.testing.assert_array_equal(picture.image, read_image(encode_png(rgb)))
    assert picture.depth is None
    assert picture.colour > 0.1


@pytest.fixture(scope="module")
def classifier():
    return Classifier(named_run(None))


@pytest.fixture(scope="module")
def pictures(radiograph) -> dict[str, np.ndarray]:
    """The drawn radiograph, and three official test pictures where the data set is."""
    found = {"drawn": radiograph}
    if folder := os.environ.get("XRAY_DATASET"):
        for label, place in (("NORMAL", 0), ("NORMAL", 40), ("PNEUMONIA", 0)):
            path = sorted(Path(folder, "test", label).glob("*.jpeg"))[place]
            found[f"{label} {place}"] = read_image(path)
    return found


def spread(classifier, pictures, write) -> float:
    """Return the largest difference of a probability from that of the same picture as PNG."""
    found = []
    for image in pictures.values():
        expected = classifier.judge(encode_png(image)).probability
        found.append(abs(classifier.judge(write(image)).probability - expected))
    return max(found)


def test_a_jpeg_is_judged_as_the_png_is(classifier, pictures):
    assert spread(classifier, pictures, lambda image: encode_jpeg(image, 95)) <= LARGEST_SPREAD


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("bits", [8, 10, 12, 14, 15, 16])
def test_a_dicom_of_any_depth_is_judged_as_the_png_is(
    classifier, pictures, dicom, to_bytes, bits, photometric, signed
):
    top, lowest = 2**bits - 1, 2 ** (bits - 1) if signed else 0

    def write(image):
        levels = deeper(image, bits).astype(int)
        levels = (top - levels if photometric == "MONOCHROME1" else levels) - lowest
        kind = f"{'i' if signed else 'u'}{1 if bits == 8 else 2}"
        window = {"WindowCenter": (top + 1) / 2 - lowest, "WindowWidth": top + 1}
        return to_bytes(
            dicom(levels.astype(kind), bits, PhotometricInterpretation=photometric, **window)
        )

    assert spread(classifier, pictures, write) <= LARGEST_SPREAD


@pytest.mark.parametrize("syntax", [*WITHOUT_LOSS, *LOSS])
def test_a_dicom_of_any_transfer_syntax_is_judged_as_the_png_is(
    classifier, pictures, dicom, to_bytes, syntax
):
    bits = 8 if syntax == "jpeg baseline" else 12

    def write(image):
        return to_bytes(dicom(deeper(image, bits), bits), syntax)

    assert spread(classifier, pictures, write) <= LARGEST_SPREAD


def test_every_transfer_syntax_that_is_read_is_tested(syntaxes):
    from pipeline.dicom.syntax import SYNTAXES

    still = {uid for uid, syntax in SYNTAXES.items() if syntax.packing != "film"}
    assert still == set(syntaxes.values())
    assert set(syntaxes) == {*WITHOUT_LOSS, *LOSS}
