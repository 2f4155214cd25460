"""Of the header four tags, distances and cautions are kept, in words of our own."""

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from pipeline.gate.tags import check_tags
from pipeline.images import read_picture

PIXELS = np.arange(70 * 70, dtype=np.uint16).reshape(70, 70)


@pytest.fixture
def read(dicom, to_bytes):
    def read(pixels=PIXELS, **elements):
        return read_picture(to_bytes(dicom(pixels, **elements)))

    return read


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("CHEST", "CHEST"),
        ("chest", "CHEST"),
        ("CHEST PA", "CHEST"),
        ("THORAX_2", "THORAX"),
        ("ABDOMEN", "ABDOMEN"),
        ("ANNA MUELLER", "ANOTHER"),
        ("CHESTNUT, ANNA", "ANOTHER"),
        ("", None),
    ],
)
def test_a_body_part_is_a_defined_term_or_another(read, told, kept):
    assert read(BodyPartExamined=told).tags.body_part == kept


@pytest.mark.parametrize(
    ("told", "kept"),
    [("AP", "AP"), ("pa", "PA"), ("LL", "LL"), ("LAT", "LATERAL"), ("MUELLER", "ANOTHER")],
)
def test_a_view_is_a_defined_term_or_another(read, told, kept):
    assert read(ViewPosition=told).tags.view == kept


def test_words_of_the_hospitals_own_are_refused_without_being_quoted(read):
    tags = read(ViewPosition="MUELLER", BodyPartExamined="ANNA").tags
    reasons = " ".join(check_tags(tags))
    assert "part of the body" in reasons
    assert "view" in reasons
    assert not any(name in reasons.lower() for name in ("muell", "anna"))


def test_an_age_of_no_whole_year_is_an_infants(read):
    (reason,) = check_tags(read(PatientBirthDate="20240101", StudyDate="20240301").tags)
    assert "an infant;" in reason


def coded(code) -> list[Dataset]:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator = code.value, code.scheme_designator
    item.CodeMeaning = "MUELLER"
    return [item]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("AnteroPosterior", "AP"),
        ("PosteroAnterior", "PA"),
        ("LeftLateral", "LL"),
        ("RightLateral", "RL"),
        ("LateralProjection", "LATERAL"),
        ("CranioCaudal", "ANOTHER"),
    ],
)
def test_a_view_may_be_told_by_a_code(read, name, kept):
    assert read(ViewCodeSequence=coded(getattr(codes.cid4010, name))).tags.view == kept


def test_a_body_part_may_be_told_by_a_code(read):
    assert read(AnatomicRegionSequence=coded(codes.cid4.Thorax)).tags.body_part == "CHEST"
    assert read(AnatomicRegionSequence=coded(codes.cid4.Hand)).tags.body_part == "ANOTHER"


@pytest.mark.parametrize(
    ("told", "kept"), [("DX", "DX"), ("CR", "CR"), ("CT", "CT"), ("MUELLER", None), ("", None)]
)
def test_a_modality_is_a_defined_term_or_none(read, told, kept):
    assert read(Modality=told).tags.modality == kept


def test_an_age_is_read_in_any_unit(read):
    assert read(PatientAge="003Y").tags.age_years == 3
    assert read(PatientAge="018M").tags.age_years == 1.5


@pytest.mark.parametrize(
    ("birth", "study", "age"),
    [
        ("20200310", "20240309", 3),
        ("20200310", "20240310", 4),
        ("20240101", "20240301", 0),
        ("19000101", "20240101", 90),  # of the very old only that they are
        ("20240310", "20200310", None),
        ("20201340", "20240310", None),
        ("", "20240310", None),
    ],
)
def test_a_missing_age_is_worked_out_in_whole_years(dicom, to_bytes, birth, study, age):
    data = dicom(PIXELS)
    for tag, value in ((0x00100030, birth), (0x00080020, study)):
        data.add_new(tag, "LO", value)  # a date that is none could not be written as a date
    picture = read_picture(to_bytes(data))
    assert picture.tags.age_years == age
    assert any("two dates" in note for note in picture.notes) == (age is not None)


def test_distances_at_the_detector_are_not_those_in_the_body(read):
    picture = read(ImagerPixelSpacing=[0.14, 0.15])
    assert picture.spacing_mm == (0.14, 0.15)
    assert any("not corrected for magnification" in note for note in picture.notes)
    same = read(ImagerPixelSpacing=[0.14, 0.14], PixelSpacing=[0.14, 0.14])
    assert any("not corrected for magnification" in note for note in same.notes)


def test_calibrated_distances_go_before_those_at_the_detector(read):
    picture = read(ImagerPixelSpacing=[0.14, 0.14], PixelSpacing=[0.12, 0.12])
    assert picture.spacing_mm == (0.12, 0.12)
    assert any("calibrated" in note for note in picture.notes)


@pytest.mark.parametrize("told", [[0, 0], [-1, 1], [900, 900], [0.1], ["", ""]])
def test_distances_that_make_no_sense_are_not_told(read, told):
    assert read(PixelSpacing=told).spacing_mm is None


def test_pixels_that_are_no_squares_are_told_of_and_left(read):
    picture = read(PixelAspectRatio=[2, 1])
    assert picture.image.shape == (70, 70)
    assert any("2 times as high as wide" in note for note in picture.notes)
    assert any("high as wide" in note for note in read(PixelSpacing=[0.1, 0.2]).notes)
    assert not any("high as wide" in note for note in read(PixelAspectRatio=[1, 1]).notes)


CAPTURE = {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7", "Modality": "OT"}


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"BurnedInAnnotation": "YES"}, "burned into the picture"),
        (CAPTURE, "does not say whether text is burned"),
        ({"ConversionType": "DF"}, "does not say whether text is burned"),
        ({"PresentationIntentType": "FOR PROCESSING"}, "raw picture"),
        ({"PatientOrientation": ["R", "F"]}, "lies otherwise"),
        ({"LossyImageCompression": "01"}, "with loss"),
    ],
)
def test_what_to_look_out_for_is_said(read, elements, words):
    assert any(words in note for note in read(**elements).notes)


def test_nothing_is_said_where_nothing_is_to_be_said(read):
    elements = {"BurnedInAnnotation": "NO", "PatientOrientation": ["L", "F"]}
    window = {"WindowCenter": 2000, "WindowWidth": 4000}
    assert read(**CAPTURE, **elements, **window).notes == ()
