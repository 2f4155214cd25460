"""What a DICOM source says of a patient: searched for, byte for byte, in all that is taken away."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.datadict import dictionary_VM, dictionary_VR, keyword_dict
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian

from pipeline.__main__ import main
from pipeline.classifier import Classifier
from pipeline.images import read_picture
from pipeline.report import Report, as_dicom, as_html, as_zip, png, to_json
from pipeline.report.dicom import DOCUMENT, PICTURE

WORD, DAY, NUMBER = "Zyxwvut", "17350405", "1.2.735191.735192"
_SAYS = {
    **dict.fromkeys(("PN", "LO", "SH", "LT", "ST", "UT", "UC", "AE"), WORD),
    "CS": WORD.upper(),
    "DA": DAY,
    "DT": DAY,
    "UI": NUMBER,
}
_TOLD = {"PatientAge": "003Y", "ViewPosition": "AP", "BodyPartExamined": "CHEST", "Modality": "CR"}
# Patient, study, series, equipment, procedure; what describes the pixels is in other groups.
_GROUPS = (0x0008, 0x0010, 0x0012, 0x0018, 0x0020, 0x0032, 0x0038, 0x0040)
_NEEDED = {"SOPClassUID", "SpecificCharacterSet", *_TOLD}


@pytest.fixture(scope="session")
def telling(radiograph) -> bytes:
    """A radiograph with a secret in every element of its header that can hold one."""
    dataset = pydicom.Dataset()
    for keyword, tag in keyword_dict.items():
        single = dictionary_VM(tag) == "1" and tag >> 16 in _GROUPS and keyword not in _NEEDED
        if single and dictionary_VR(tag) in _SAYS:
            setattr(dataset, keyword, _SAYS[dictionary_VR(tag)])
    assert len(dataset) > 500
    assert dataset.PatientName == WORD
    assert dataset.PatientBirthDate == DAY
    assert dataset.StudyInstanceUID == NUMBER
    dataset.private_block(0x0019, WORD, create=True).add_new(1, "LO", WORD)
    for keyword, value in _TOLD.items():
        setattr(dataset, keyword, value)
    dataset.SOPClassUID = ComputedRadiographyImageStorage
    dataset.Rows, dataset.Columns = radiograph.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
    dataset.PixelRepresentation = 0
    dataset.add_new("PixelData", "OB", radiograph.tobytes())
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = ComputedRadiographyImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = NUMBER
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.SourceApplicationEntityTitle = WORD
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def secrets_in(content: bytes, secrets=(WORD, DAY, NUMBER)) -> list[str]:
    """Return those that are in `content` in any usual writing."""
    return [
        secret
        for secret in secrets
        for spelling in (secret, secret.lower(), secret.upper())
        for encoding in ("ascii", "utf-16-le", "utf-16-be")
        if spelling.encode(encoding) in content
    ]


def taken_away(report: Report) -> dict[str, bytes]:
    """Return every file that a report gives."""
    files = as_dicom(report)
    with zipfile.ZipFile(io.BytesIO(as_zip(report))) as file:
        files |= {f"zip/{name}": file.read(name) for name in file.namelist()}
        files["zip"] = repr([vars_of(entry) for entry in file.infolist()]).encode()
    return files | {
        "png": png(report),
        "json": json.dumps(to_json(report)).encode(),
        "html": as_html(report).encode(),
        "repr": repr(report).encode(),
    }


def vars_of(entry: zipfile.ZipInfo) -> tuple:
    return entry.filename, entry.comment, entry.extra


@pytest.fixture(scope="session")
def reported(telling, explained) -> Report:
    picture = read_picture(telling)
    verdict = Classifier(explained.run).judge(picture)
    return replace(explained, picture=picture, verdict=verdict)


def test_the_search_finds_each_secret_in_the_source(telling):
    assert set(secrets_in(telling)) == {WORD, DAY, NUMBER}


def test_nothing_of_the_header_is_taken_away_but_age_and_body_part(reported):
    files = taken_away(reported)
    assert {name: found for name, content in files.items() if (found := secrets_in(content))} == {}
    for name in (PICTURE, DOCUMENT):
        dataset = pydicom.dcmread(io.BytesIO(files[name]))
        assert dataset.PatientAge == "003Y"
    assert pydicom.dcmread(io.BytesIO(files[PICTURE])).BodyPartExamined == "CHEST"


def test_of_a_patient_whose_words_stand_in_a_kept_tag_neither(telling, explained):
    dataset = pydicom.dcmread(io.BytesIO(telling))
    dataset.BodyPartExamined = dataset.ViewPosition = dataset.Modality = WORD.upper()
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    picture = read_picture(buffer.getvalue())
    verdict = Classifier(explained.run).judge(picture)
    assert not verdict.gate.accepted
    report = replace(explained, picture=picture, verdict=verdict, override="To see")
    for content in taken_away(report).values():
        assert secrets_in(content) == []


def test_nor_by_the_command_line(telling, tmp_path, capsys):
    source = tmp_path / f"{WORD}.dcm"
    source.write_bytes(telling)
    out = tmp_path / "out"
    command = ["explain", str(source), "--out", str(out), "--samples", "99", "--dicom", "--trust"]
    assert main(command) == 0
    files = {path.name: path.read_bytes() for path in out.rglob("*")}
    assert {PICTURE, DOCUMENT, "overlay.dcm", "report.html", "explanation.json"} <= set(files)
    assert {name: found for name, content in files.items() if (found := secrets_in(content))} == {}
    printed = capsys.readouterr()
    assert secrets_in((printed.out + printed.err).encode(), (DAY, NUMBER)) == []


@pytest.mark.parametrize("name", ["RG1_UNCR.dcm"])
def test_a_real_adults_header_leaves_no_trace(explained, name):
    source = Path(get_testdata_file(name))
    header = pydicom.dcmread(source, stop_before_pixels=True)
    values = {
        str(part)
        for element in header.iterall()
        if element.VR in ("PN", "LO", "SH", "DA", "UI", "LT", "ST") and element.keyword
        if element.keyword not in _NEEDED
        for part in (element.value if element.VM > 1 else [element.value])
    }
    # What is shorter is in any file by chance; a class of objects is nobody's.
    values = {one for one in values if len(one) >= 6 and not one.startswith("1.2.840.10008.")}
    assert str(header.PatientBirthDate) in values
    picture = read_picture(source)
    verdict = Classifier(explained.run).judge(picture)
    assert not verdict.gate.accepted
    report = replace(explained, picture=picture, verdict=verdict, override="To see")
    for content in taken_away(report).values():
        assert secrets_in(content, values) == []
