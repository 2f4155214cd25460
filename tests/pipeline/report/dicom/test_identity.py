"""Identifiers and pseudonyms: the same for the same report, and no way back to anybody."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydicom.uid import UID

from pipeline.report import as_dicom, as_zip
from pipeline.report.dicom import DOCUMENT, OVERLAY, PICTURE
from pipeline.report.dicom.identity import Identity, age, uid
from pipeline.tags import years


def identifiers(dataset) -> dict[str, str]:
    return {
        keyword: str(dataset[keyword].value)
        for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    }


def test_every_identifier_is_valid_and_made_from_a_uuid(written, parsed, kind):
    for content in written[kind].values():
        dataset = parsed(content)
        for element in dataset.iterall():
            if element.VR == "UI":
                assert UID(element.value).is_valid
        for one in identifiers(dataset).values():
            assert re.fullmatch(r"2\.25\.(0|[1-9]\d{0,38})", one)
        assert dataset.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID


def test_the_parts_of_an_identifier_do_not_run_together():
    assert uid("ab", "c") != uid("a", "bc")
    assert uid("a", "b") == uid("a", "b")


def test_the_same_report_gives_the_same_identifiers_at_any_time(reports, written, parsed):
    later = as_dicom(reports["explained"], datetime(2040, 1, 1, tzinfo=UTC))
    first = written["explained"]
    assert (later[PICTURE], later[OVERLAY]) == (first[PICTURE], first[OVERLAY])
    assert identifiers(parsed(later[DOCUMENT])) == identifiers(parsed(first[DOCUMENT]))
    slower = replace(reports["explained"].explanation, seconds=99.0)
    assert (
        as_dicom(replace(reports["explained"], explanation=slower), datetime.now(UTC))[OVERLAY]
        == (first[OVERLAY])
    )


@pytest.mark.parametrize("change", ["k", "seed", "threshold", "trust"])
def test_another_report_of_the_picture_gets_others_but_for_the_picture(reports, change):
    report = reports["explained"]
    other = {
        "k": lambda: replace(report, shown=replace(report.shown, k=2)),
        "seed": lambda: replace(report, explanation=replace(report.explanation, seed=7)),
        "threshold": lambda: replace(report, verdict=replace(report.verdict, threshold=0.9)),
        "trust": lambda: replace(report, trust=None),
    }[change]()
    one, two = Identity.of(report), Identity.of(other)
    assert (one.study, one.picture) == (two.study, two.picture)
    assert one.report != two.report


def test_the_patient_is_a_pseudonym_made_from_the_picture(written, reports, parsed, kind):
    pseudonym = reports[kind].picture.sha256[:16]
    for content in written[kind].values():
        dataset = parsed(content)
        assert dataset.PatientID == pseudonym
        assert dataset.PatientName == f"Pseudonym^{pseudonym}"
        assert dataset.PatientBirthDate == dataset.PatientSex == dataset.AccessionNumber == ""
        assert dataset.StudyDate == dataset.StudyTime == dataset.ReferringPhysicianName == ""
        assert dataset.PatientIdentityRemoved == "YES"
        assert "not searched for burned-in text" in dataset.DeidentificationMethod[1]
        assert all(len(one) <= 64 for one in dataset.DeidentificationMethod)
        assert dataset.LongitudinalTemporalInformationModified == "REMOVED"


def test_the_only_date_is_that_of_writing_and_stands_in_the_document_alone(written, parsed, kind):
    dates = {"DA", "TM", "DT"}
    for name, content in written[kind].items():
        found = {
            element.keyword: str(element.value)
            for element in parsed(content).iterall()
            if element.VR in dates and element.value
        }
        expected = {
            "ContentDate": "20310203",
            "ContentTime": "040506",
            "InstanceCreationDate": "20310203",
            "InstanceCreationTime": "040506",
        }
        assert found == (expected if name == DOCUMENT else {})


def test_a_local_clock_is_told_in_universal_time(reports, parsed):
    local = datetime(2031, 2, 3, 1, 0, tzinfo=timezone(timedelta(hours=2)))
    dataset = parsed(as_dicom(reports["alone"], local)[DOCUMENT])
    assert (dataset.ContentDate, dataset.ContentTime) == ("20310202", "230000")
    assert dataset.TimezoneOffsetFromUTC == "+0000"


def test_what_a_reader_typed_stays_out(written):
    for content in written["refused"].values():
        assert b"Jane" not in content


def test_the_zip_holds_the_same_files(reports, written, now):
    content = as_zip(reports["explained"], now)
    assert content == as_zip(reports["explained"], now)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        assert {name: file.read(name) for name in file.namelist()} == written["explained"]
        assert {entry.date_time for entry in file.infolist()} == {(2031, 2, 3, 4, 5, 6)}


@pytest.mark.parametrize(
    "told", ["003Y", "000Y", "018M", "011W", "004D", "089Y", "100D", "005Y", "001M", "025W"]
)
def test_an_age_comes_out_as_it_went_in_or_means_the_same(told):
    assert years(age(years(told))) == pytest.approx(years(told), abs=1e-9)


def test_an_age_that_no_unit_says_exactly_is_told_in_whole_years():
    assert age(4.4142135) == "004Y"
    assert age(2.5) == "030M"


@pytest.mark.parametrize("old", [90.0, 101.0, 150.0])
def test_ages_above_89_are_told_as_90(old):
    assert age(old) == "090Y"
