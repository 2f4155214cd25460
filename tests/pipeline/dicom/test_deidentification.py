"""Nothing of a patient but pixels and four tags comes out of a DICOM file, searched for by byte."""

import json
import logging
import pickle
import traceback
import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from pipeline.__main__ import main
from pipeline.errors import ImageError
from pipeline.gate import check
from pipeline.images import read_picture

PIXELS = np.zeros((80, 90), np.uint16)
PIXELS[10:70, 10:80] = 900
# A place for a name in every representation of text there is.
PLANTED = {
    0x00080050: ("SH", "Planted01"),
    0x00080080: ("LO", "Planted02"),
    0x00080081: ("ST", "Planted03"),
    0x00080090: ("PN", "Planted04^Anna"),
    0x00080020: ("DA", "20240517"),
    0x00080030: ("TM", "112233.445566"),
    0x0008002A: ("DT", "20240517112233"),
    0x00081030: ("LO", "Planted05"),
    0x0008010E: ("UR", "planted06.example"),
    0x00080119: ("UC", "Planted07"),
    0x00100010: ("PN", "Planted08^Anna=Planted09"),
    0x00100020: ("LO", "Planted10"),
    0x00100030: ("DA", "20210304"),
    0x00104000: ("LT", "Planted11"),
    0x00180015: ("CS", "PLANTED12"),
    0x00181030: ("LO", "Planted13"),
    0x00185101: ("CS", "PLANTED14"),
    0x0020000D: ("UI", "1.2.999.1234567"),
    0x00204000: ("LT", "Planted15"),
    0x00281055: ("LO", "Planted16"),
    0x00091001: ("LO", "Planted17"),
    0x00091002: ("OB", b"Planted18!"),
    0x00091003: ("UN", b"Planted19!"),
    0x40000010: ("AE", "PLANTED20"),
    0x00400275: ("SQ", None),
    0x60000010: ("US", 8),
    0x60003000: ("OW", b"Planted22!"),
    0x60000022: ("LO", "Planted23"),
    0x00400A30: ("DS", "31415926"),
    0x00400001: ("IS", "27182818"),
    0x0040A160: ("UT", "Planted24"),
    0x00281050: ("DS", ["450", "500"]),
    0x00281051: ("DS", ["900", "800"]),
}
SENTINELS = [f"planted{number:02}" for number in range(1, 25)]
SENTINELS += ["anna", "20240517", "20210304", "112233", "1.2.999", "31415926", "27182818"]


@pytest.fixture(scope="module")
def planted(dicom, to_bytes):
    def write(syntax: str = "explicit", **elements) -> bytes:
        data = dicom(PIXELS, 12, SOPInstanceUID="1.2.999.7654321", **elements)
        data.add_new(0x00090010, "LO", "Planted17 creator")
        for tag, (representation, value) in PLANTED.items():
            if representation == "SQ":
                inner = Dataset()
                inner.PatientName, inner.StudyDescription = "Planted21^Anna", "Planted21"
                value = [inner]
            data.add_new(tag, representation, value)
        return to_bytes(data, syntax)

    return write


def everything_about(data: bytes, records) -> str:
    """All that a reading leaves behind, as lower case text."""
    left = []
    try:
        picture = read_picture(data)
    except ImageError as error:
        left += [str(error), repr(error), "".join(traceback.format_exception(error))]
        cause = error.__cause__ or error.__context__
        left += [repr(cause), repr(vars(cause) if cause else None)]
    else:
        left += [repr(picture), *picture.notes, *check(picture).reasons, repr(picture.tags)]
        left += [window.name for window in picture.depth.windows]
        left.append(pickle.dumps(picture).decode("latin-1"))
    left += [record.getMessage() for record in records]
    return "\n".join(left).lower()


def found_in(text: str, strings) -> list[str]:
    return [string for string in strings if string.lower() in text]


@pytest.mark.parametrize("syntax", ["explicit", "implicit", "big endian", "rle", "jpeg-ls"])
def test_what_is_planted_in_a_header_never_comes_out(planted, syntax, caplog):
    caplog.set_level(logging.DEBUG)
    data = planted(syntax)
    order = "utf-8" if syntax != "big endian" else "latin-1"
    assert found_in(data.decode(order, "replace").lower(), ["planted08", "planted19", "planted21"])
    assert found_in(everything_about(data, caplog.records), SENTINELS) == []


@pytest.mark.parametrize(
    "elements",
    [
        {"NumberOfFrames": 3},
        {"Rows": 5000},
        {"PhotometricInterpretation": "PLANTED12"},
        {"BitsAllocated": 64},
    ],
)
def test_what_is_planted_is_in_no_error_either(planted, elements, caplog):
    caplog.set_level(logging.DEBUG)
    text = everything_about(planted(**elements), caplog.records)
    assert "imageerror" in text
    assert found_in(text, SENTINELS) == []


def test_cut_anywhere_nothing_comes_out(planted, caplog):
    caplog.set_level(logging.DEBUG)
    data = planted()
    for length in range(130, len(data), 97):
        assert found_in(everything_about(data[:length], caplog.records), SENTINELS) == []


def test_what_is_kept_is_four_tags(planted):
    tags = read_picture(planted()).tags
    assert (tags.age_years, tags.modality) == (3, "DX")
    assert (tags.view, tags.body_part) == ("ANOTHER", "ANOTHER")


def header_strings(path: Path) -> set[str]:
    """All texts of a real header with enough letters or digits to be told from chance."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = pydicom.dcmread(path, stop_before_pixels=True)
        found = set()
        for one in [*data.iterall(), *data.file_meta.iterall()]:
            if one.VR in ("SQ", "US", "UL", "SS", "OB", "OW"):
                continue
            parts = one.value if isinstance(one.value, pydicom.multival.MultiValue) else [one.value]
            found |= {str(part).strip() for part in parts}
    # Five letters stand in ten megabytes of pixels by chance once in a hundred thousand times.
    return {text for text in found if len(text) >= 5 and text not in ("CHEST",)}


@pytest.mark.parametrize("name", ["RG1_UNCR.dcm", "RG1_UNCI.dcm", "RG1_J2KR.dcm", "RG1_J2KI.dcm"])
def test_nothing_of_the_adults_header_comes_out(name, caplog):
    caplog.set_level(logging.DEBUG)
    path = Path(get_testdata_file(name))
    strings = header_strings(path)
    assert {"CompressedSamples^RG1", "19400305", "9RG1"} & strings >= {"19400305"}
    assert len(strings) > 20
    text = everything_about(path.read_bytes(), caplog.records)
    assert found_in(text, strings) == []


@pytest.mark.parametrize("command", [["predict"], ["gate", "check"]])
def test_the_commands_read_dicom_and_say_why_not(command, capsys, tmp_path):
    source = Path(get_testdata_file("RG1_J2KR.dcm"))
    path = tmp_path / "a.dcm"
    path.write_bytes(source.read_bytes())
    main([*command, str(path), "--json"])
    printed = capsys.readouterr()
    (row,) = json.loads(printed.out)
    assert row["accepted"] is False
    assert any("an adult of 64 years" in reason for reason in row["reasons"])
    assert found_in((printed.out + printed.err).lower(), header_strings(source)) == []
