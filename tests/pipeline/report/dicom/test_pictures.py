"""The pictures of a report, read again: the pixels, what they say they are, and nobody's name."""

import io
from dataclasses import replace

import highdicom
import numpy as np
import pydicom
import pytest
from PIL import Image

from pipeline.errors import ImageError
from pipeline.images import read_picture
from pipeline.report import dicom, png
from pipeline.report.dicom import OVERLAY, PICTURE
from pipeline.report.dicom.pictures import _pixels
from pipeline.statements import NOTICE


def test_the_grey_picture_is_the_one_that_was_judged(written, reports, parsed, kind):
    dataset = parsed(written[kind][PICTURE])
    np.testing.assert_array_equal(dataset.pixel_array, reports[kind].picture.image)
    assert dataset.PhotometricInterpretation == "MONOCHROME2"
    # Every level is shown as it is, whatever a viewer does on its own.
    assert (dataset.WindowCenter, dataset.WindowWidth) == (128, 256)


@pytest.mark.parametrize("kind", ["explained", "odd"])
def test_the_overlay_is_the_picture_that_is_saved_as_png(written, reports, parsed, kind):
    dataset = parsed(written[kind][OVERLAY])
    with Image.open(io.BytesIO(png(reports[kind]))) as saved:
        np.testing.assert_array_equal(dataset.pixel_array, np.asarray(saved))
    assert dataset.PhotometricInterpretation == "RGB"


@pytest.mark.parametrize("kind", ["explained", "refused"])
def test_this_program_reads_its_own_picture_as_it_was(written, reports, kind):
    known = reports[kind].picture
    again = read_picture(written[kind][PICTURE])
    np.testing.assert_array_equal(again.image, known.image)
    if known.tags:
        assert (again.tags.age_years, again.tags.body_part) == (1.5, "CHEST")


def test_what_to_look_out_for_is_said_with_both_pictures(reports, parsed):
    careful = replace(reports["explained"].picture, notes=("Look for names.",))
    files = dicom.as_dicom(replace(reports["explained"], picture=careful))
    for name in (PICTURE, OVERLAY):
        assert parsed(files[name]).ImageComments == f"{NOTICE} Look for names."


def test_highdicom_reads_both(written, reports):
    for name in (PICTURE, OVERLAY):
        image = highdicom.imread(io.BytesIO(written["explained"][name]))
        assert image.SOPClassUID.name == "Secondary Capture Image Storage"
        frame = image.get_frame(1, apply_voi_transform=None)
        assert frame.shape[0] == len(reports["explained"].picture.image)


def test_what_is_not_drawn_is_not_written(written, reports):
    assert OVERLAY not in written["alone"]
    assert OVERLAY not in written["adult"], "an explanation whose overlays are switched off"
    with pytest.raises(ValueError, match="no overlay"):
        dicom.secondary_capture(reports["adult"])


def test_one_file_alone_is_the_same_as_among_all(written, reports, now):
    told = written["explained"]
    assert dicom.plain_capture(reports["explained"]) == told[PICTURE]
    assert dicom.secondary_capture(reports["explained"]) == told[OVERLAY]
    assert dicom.structured_report(reports["explained"], now) == told[dicom.DOCUMENT]


def test_the_overlay_says_how_it_was_made_and_from_what(written, reports, parsed):
    picture, overlay = (parsed(written["explained"][name]) for name in (PICTURE, OVERLAY))
    told = reports["explained"].explanation
    for said in (told.run, told.method, f"seed {told.seed}", "Heatmap and mask", told.unit):
        assert said in overlay.DerivationDescription
    (source,) = overlay.SourceImageSequence
    assert source.ReferencedSOPInstanceUID == picture.SOPInstanceUID
    assert overlay.ManufacturerModelName == told.run
    assert overlay.DeviceSerialNumber == reports["explained"].run.document["model_sha256"]
    assert any(one.startswith("onnxruntime ") for one in overlay.SoftwareVersions)


def test_both_are_derived_and_say_what_they_are_no_good_for(written, parsed):
    for name in (PICTURE, OVERLAY):
        dataset = parsed(written["explained"][name])
        assert list(dataset.ImageType) == ["DERIVED", "SECONDARY"]
        assert dataset.ImageComments.startswith(NOTICE)
        assert dataset.SpecificCharacterSet == "ISO_IR 192"
        # May or may not contain: nobody has looked for text in the source's pixels.
        assert "BurnedInAnnotation" not in dataset


def test_the_pictures_share_a_study_and_no_series(written, parsed):
    picture, overlay = (parsed(written["explained"][name]) for name in (PICTURE, OVERLAY))
    assert picture.StudyInstanceUID == overlay.StudyInstanceUID
    assert picture.SeriesInstanceUID != overlay.SeriesInstanceUID


def test_a_side_that_dicom_cannot_count_is_refused_in_a_sentence():
    with pytest.raises(ImageError, match="65,535 pixels"):
        _pixels(pydicom.Dataset(), np.zeros((1, 2**16), np.uint8))


def test_a_picture_that_is_no_dicom_says_no_age_or_body_part(written, parsed):
    dataset = parsed(written["alone"][PICTURE])
    assert "PatientAge" not in dataset
    assert "BodyPartExamined" not in dataset


def test_age_and_body_part_of_the_source_are_kept_and_nothing_else(written, parsed):
    dataset = parsed(written["refused"][PICTURE])
    assert (dataset.PatientAge, dataset.BodyPartExamined, dataset.Modality) == (
        "018M",
        "CHEST",
        "OT",
    )
    methods = [code.CodeValue for code in dataset.DeidentificationMethodCodeSequence]
    assert methods == ["113100", "113108"]
    adult = parsed(written["adult"][PICTURE])
    assert adult.PatientAge == "090Y", "who is older than 89 may be found by that"
    assert "BodyPartExamined" not in adult, "a free text may be anything"
