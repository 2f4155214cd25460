"""Real files of many makers, as pydicom brings them: a picture, or one sentence why not."""

import warnings
from pathlib import Path

import data_store
import numpy as np
import pydicom
import pytest

from pipeline.dicom.elements import read_elements
from pipeline.dicom.file import is_dicom, read_file
from pipeline.errors import ImageError
from pipeline.gate import check
from pipeline.images import Picture, read_picture

FOLDERS = (Path(pydicom.__file__).parent / "data", Path(data_store.__file__).parent)
FILES = sorted(
    path
    for folder in FOLDERS
    for path in folder.rglob("*")
    if path.is_file() and path.suffix not in (".py", ".pyc", ".json", ".md", ".txt", ".gz")
)
LIMIT = 85_000_000


def real(name: str) -> Path:
    return next(path for path in FILES if path.name == name)


@pytest.fixture(scope="module")
def answers() -> dict[Path, Picture | ImageError]:
    found = {}
    for path in FILES:
        try:
            found[path] = read_picture(path)
        except ImageError as error:
            found[path] = error
    return found


def test_every_file_gives_a_picture_or_a_sentence(answers):
    assert len(FILES) > 150
    pictures = [one for one in answers.values() if isinstance(one, Picture)]
    assert len(pictures) >= 75
    for one in pictures:
        if one.depth:
            first = one.depth.windowed(one.depth.windows[0])
            np.testing.assert_array_equal(first, one.image)
    for one in answers.values():
        if isinstance(one, ImageError):
            assert one.message.endswith(".")
            assert one.hint.endswith(".")


# What no decoder or rule here takes, and why, so that nothing is lost unseen.
NOT_READ = {
    "JPEG2000-embedded-sequence-delimiter.dcm": "cannot be decoded",  # says so itself: broken
    "MR_truncated.dcm": "breaks off",
    "gdcm-US-ALOKA-16.dcm": "palette in segments",
    "gdcm-US-ALOKA-16_big.dcm": "palette in segments",
    "no_meta.dcm": "not a PNG, JPEG or DICOM",  # begins in the middle of an element
    "SC_rgb_small_odd_big_endian.dcm": "3 x 3 pixels",
}


def test_of_one_frame_in_8_or_16_bits_all_are_read_but_those_named(answers):
    refused = {}
    for path, answer in answers.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = pydicom.dcmread(path, force=True)
        usable = "PixelData" in data and data.get("BitsAllocated") in (8, 16)
        usable = usable and data.get("NumberOfFrames", 1) in (1, None)
        usable = usable and min(data.get("Rows", 0), data.get("Columns", 0)) >= 64
        if usable and isinstance(answer, ImageError):
            refused[path.name] = answer.message
    assert set(refused) <= set(NOT_READ)
    for name, message in refused.items():
        assert NOT_READ[name] in message


def test_elements_are_those_that_pydicom_finds():
    seen = 0
    for path in FILES:
        data = path.read_bytes()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = pydicom.dcmread(path, force=True)
        if not is_dicom(data):
            continue
        wanted = set(map(int, expected.keys()))
        try:
            _, found = read_file(data, wanted, LIMIT)
        except ImageError:
            continue
        behind = [tag for tag in wanted if tag > 0x7FE00010]  # not looked at, see `_elements`
        assert set(found) == wanted - set(behind), path.name
        for tag, element in found.items():
            raw = expected.get_item(tag)
            value = getattr(raw, "value", None)
            if isinstance(raw, pydicom.dataelem.RawDataElement) and value is not None:
                whole = bytes(element.value)
                if not element.encapsulated:
                    assert whole == value, (path.name, hex(tag))
                    seen += 1
    assert seen > 4000


def test_a_coloured_jpeg_is_as_its_header_says(answers):
    for packed, plain in (
        ("SC_rgb_jpeg.dcm", "SC_rgb_jpeg_dcmd.dcm"),
        ("SC_jpeg_no_color_transform.dcm", "SC_rgb_jpeg_dcmd.dcm"),
        ("SC_rgb_dcmtk_+eb+cr.dcm", "SC_rgb_dcmtk_ebcr_dcmd.dcm"),
        ("SC_rgb_dcmtk_+eb+cy+np.dcm", "SC_rgb_dcmtk_ebcynp_dcmd.dcm"),
        ("SC_rgb_jpeg_gdcm.dcm", "SC_rgb.dcm"),
        ("SC_rgb_rle.dcm", "SC_rgb.dcm"),
        ("SC_rgb_gdcm_KY.dcm", "SC_rgb_gdcm2k_uncompressed.dcm"),
        ("US1_J2KR.dcm", "US1_UNCR.dcm"),
    ):
        packed, plain = (answers[real(name)].image.astype(int) for name in (packed, plain))
        assert np.abs(packed - plain).max() <= 3


@pytest.mark.parametrize("name", ["RG1", "RG3", "MR2", "693"])
def test_packed_without_loss_or_not_a_file_gives_the_same_levels(answers, name):
    plain, packed = (answers[real(f"{name}_{kind}.dcm")] for kind in ("UNCR", "J2KR"))
    np.testing.assert_array_equal(plain.depth.values, packed.depth.values)
    # "I" files hold what the lossy decoder of their maker made of the packed ones.
    plain, packed = (answers[real(f"{name}_{kind}.dcm")] for kind in ("UNCI", "J2KI"))
    difference = plain.depth.values.astype(int) - packed.depth.values
    assert np.abs(difference).max() <= 2


@pytest.mark.parametrize("kind", ["UNCR", "UNCI", "J2KR", "J2KI"])
def test_the_adult_is_read_upright_and_refused_as_an_adult(answers, kind):
    picture = answers[real(f"RG1_{kind}.dcm")]
    assert picture.image.shape == (1955, 1841)
    # Lungs are darker than what is between and below them, the air beside the shoulders too.
    height, width = picture.image.shape
    middle = picture.image[height // 4 : height // 2]
    between = middle[:, int(0.48 * width) : int(0.52 * width)].mean()
    lungs = middle[:, [int(0.28 * width), int(0.72 * width)]].mean()
    belly = picture.image[int(0.9 * height) :].mean()
    assert lungs < min(between, belly) - 20
    reasons = check(picture).reasons
    assert any("an adult of 64 years" in reason for reason in reasons)
    assert not any("inverted" in r or "upside" in r or "side" in r for r in reasons)


def test_reading_stops_at_the_end_of_the_pixels(dicom, to_bytes):
    pixels = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
    data = to_bytes(dicom(pixels))
    np.testing.assert_array_equal(read_picture(data + b"rubbish").depth.values, pixels)
    assert read_elements(memoryview(b""), read_file(data, (), LIMIT)[0], ()) == ({}, 0)
