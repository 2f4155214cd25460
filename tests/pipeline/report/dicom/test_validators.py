"""The files before programs of other people: dicom3tools' dciodvfy and DCMTK's dsrdump.

dicom-validator would be a third, but it downloads the standard first.
"""

import io
import subprocess

import pytest

from pipeline.report.dicom import DOCUMENT, PICTURE
from pipeline.report.dicom.codes import SCHEME

# What the programs may remark, and why it stays so.
UNAVOIDABLE = (
    # An archive's index wants one; the X-ray's is a patient's, and no other would be true.
    "needed to build DICOMDIR - Study Date",
    "needed to build DICOMDIR - Study Time",
    # Terms of our own, described in the file: the standard has none for these things.
    f"Unrecognized defined term <{SCHEME}>",
    # Empty because it is unknown: only DICOM files say which part of a body they show.
    "only permitted to be empty when actually unknown",
)


@pytest.fixture(scope="session")
def remarks(program, tmp_path_factory):
    """Return what dciodvfy says of a file, a line each, but for the kind of object."""
    path = program("dciodvfy", package="dicom3tools")
    folder = tmp_path_factory.mktemp("validated")

    def say(content: bytes) -> list[str]:
        file = folder / "file.dcm"
        file.write_bytes(content)
        done = subprocess.run([path, str(file)], capture_output=True, text=True, timeout=60)
        return [line for line in done.stderr.splitlines() if line.startswith(("Error", "Warning"))]

    return say


def test_dciodvfy_finds_no_error_and_no_warning_but_the_unavoidable(remarks, written, kind):
    for content in written[kind].values():
        said = remarks(content)
        assert [line for line in said if not any(known in line for known in UNAVOIDABLE)] == []


def test_of_a_chest_no_side_is_asked_for(remarks, written):
    assert not any("Laterality" in line for line in remarks(written["refused"][PICTURE]))


@pytest.mark.parametrize(
    ("name", "keyword"), [(PICTURE, "ConversionType"), (DOCUMENT, "CompletionFlag")]
)
def test_dciodvfy_would_notice(remarks, written, parsed, name, keyword, tmp_path):
    dataset = parsed(written["explained"][name])
    delattr(dataset, keyword)
    dataset.save_as(tmp_path / "worse.dcm")
    assert any(line.startswith("Error") for line in remarks((tmp_path / "worse.dcm").read_bytes()))


@pytest.fixture(scope="session")
def dumped(program, tmp_path_factory):
    """Return a structured report as DCMTK reads it, and what it complains of."""
    path = program("dsrdump", package="dcmtk")
    folder = tmp_path_factory.mktemp("dumped")

    def dump(content: bytes) -> tuple[str, list[str]]:
        file = folder / "file.dcm"
        file.write_bytes(content)
        command = [path, "+Pl", "+U8", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        said = [line for line in done.stderr.splitlines() if "Specific Character Set" not in line]
        return done.stdout, said

    return dump


def test_dcmtk_reads_the_document_without_a_complaint(dumped, written, reports, kind):
    tree, said = dumped(written[kind][DOCUMENT])
    assert said == []
    assert f'"{reports[kind].verdict.probability:.9f}'[:11] in tree
    assert reports[kind].run.document["model_sha256"] in tree


def test_dcmtk_would_notice_a_relationship_that_this_document_may_not_have(dumped, written, parsed):
    dataset = parsed(written["alone"][DOCUMENT])
    dataset.ContentSequence[-1].RelationshipType = "INFERRED FROM"
    path = io.BytesIO()
    dataset.save_as(path)
    assert dumped(path.getvalue())[1] != []
