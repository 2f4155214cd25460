"""A DICOM file on the page: seen, judged or refused, and nothing of its header anywhere else."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian

pytestmark = pytest.mark.browser

# Elements whose text names nobody, and may stand anywhere.
HARMLESS = {"CS", "US", "SS", "OW", "OB", "DS", "IS", "SQ", "AS", "UL", "FD", "FL", "TM"}
# Words of the adult's header that every page or file of ours has.
ORDINARY = {"THORAX", "Uncompressed"}
FILE_NAME = "anything-of-the-user.dcm"
TAGS_KEPT = ("PatientAge", "ViewPosition", "BodyPartExamined", "Modality")


def told_by(header: Dataset) -> list[str]:
    """List every text of a header that could tell who somebody is: names, dates, identifiers."""
    return sorted(
        {
            str(part)
            for element in header.iterall()
            if element.VR not in HARMLESS and element.keyword not in TAGS_KEPT
            for part in ([element.value] if element.VM <= 1 else element.value)
            # Shorter ones stand in every page by chance; classes and syntaxes name no patient.
            if len(str(part)) >= 5
            and str(part).lower() not in ORDINARY
            and not str(part).startswith("1.2.840.10008")
        }
        - ORDINARY
    )


@pytest.fixture(scope="module")
def child(radiograph) -> Dataset:
    """A drawn chest of a child of three, 12 bit, with a name, dates and a private note."""
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = "1.2.999.77001.1"
    data.SOPClassUID = DigitalXRayImageStorageForPresentation
    data.StudyInstanceUID, data.SeriesInstanceUID = "1.2.999.77001.2", "1.2.999.77001.3"
    data.Modality, data.BodyPartExamined, data.ViewPosition = "DX", "CHEST", "AP"
    data.PatientName, data.PatientID = "Zwiebel^Philomena", "HOSP-4711-XQ"
    data.PatientBirthDate, data.StudyDate, data.PatientAge = "20210304", "20240517", "003Y"
    data.ReferringPhysicianName, data.InstitutionName = "Quacksalber^Otto", "Sankt Nimmerlein"
    data.AccessionNumber, data.StudyDescription = "ACC-90210", "Thorax, Hustenreiz"
    data.PixelSpacing = [0.5, 0.5]
    block = data.private_block(0x0009, "Nimmerlein private", create=True)
    block.add_new(1, "LO", "Philomenas Oma rief an")
    data.Rows, data.Columns = radiograph.shape
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME1"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 12, 11, 0
    data.WindowCenter, data.WindowWidth = 2048, 4096
    data.PixelData = (4095 - 16 * radiograph.astype("<u2")).tobytes()
    return data


def written(data: Dataset) -> bytes:
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, data, enforce_file_format=True)
    return buffer.getvalue()


@pytest.fixture
def reading(browser, serving, settle, tmp_path):
    """Upload a file on the reading page of a server of its own: ``reading(file)``, then the log."""
    contexts = []
    database = f"sqlite:///{tmp_path}/readings.sqlite"
    with serving(XRAY_SAMPLES=str(tmp_path / "none"), XRAY_DATABASE_URL=database) as address:

        def upload(file: bytes):
            context = browser.new_context(viewport={"width": 1440, "height": 1000})
            context.set_default_timeout(30_000)
            contexts.append(context)
            page = context.new_page()
            page.goto(address)
            page.locator(".st-key-source").get_by_text("Upload").click()
            settle(page)
            page.locator("input[type=file]").set_input_files(
                {"name": FILE_NAME, "mimeType": "application/dicom", "buffer": file}
            )
            page.locator(".viewer canvas").first.wait_for()
            settle(page)
            return page

        upload.address, upload.folder = address, tmp_path
        yield upload
        for context in contexts:
            context.close()


def found_in(content: bytes, told: list[str]) -> list[str]:
    lower = content.lower()
    return [one for one in told if one.lower().encode() in lower]


def saved(page, key: str) -> bytes:
    with page.expect_download(timeout=60_000) as download:
        page.locator(f".st-key-{key} button").click()
    return download.value.path().read_bytes()


def seen(page) -> bytes:
    """Return the whole page, as text and as it is built."""
    return page.content().encode() + page.locator("body").inner_text().encode()


def taken_away(page) -> bytes:
    """Return all that the reading page can be made to hand out."""
    parts = [saved(page, key) for key in ("save_png", "save_json", "save_report")]
    with zipfile.ZipFile(io.BytesIO(saved(page, "save_dicom"))) as archive:
        parts += [archive.read(name) for name in archive.namelist()]
    return b"\n".join(parts)


def test_the_adult_radiograph_of_pydicom_is_refused_with_the_reason(reading, settle):
    path = get_testdata_file("RG1_UNCR.dcm")
    told = told_by(pydicom.dcmread(path, stop_before_pixels=True))
    assert {"CompressedSamples^RG1", "19400305", "UKE_pa_020395"} <= set(told)
    page = reading(Path(path).read_bytes())
    page.get_by_text("the model saw children of 1 to 5 years only").wait_for()
    assert "The model calls this" not in page.locator("body").inner_text()

    page.get_by_role("textbox", name="Why judge it all the same?").fill("to see what it says")
    page.get_by_role("button", name="Judge it anyway").click()
    page.get_by_text("The model calls this").wait_for()
    settle(page)
    assert found_in(seen(page) + taken_away(page), told) == []
    assert found_in(reading.address.log.read_bytes(), told) == []


def test_a_child_is_judged_as_its_png_and_nothing_of_its_header_is_kept(
    reading, settle, child, radiograph
):
    told = told_by(child)
    assert {"Zwiebel^Philomena", "20210304", "Philomenas Oma rief an"} <= set(told)
    told += ["Zwiebel", "Philomena", "Quacksalber"]
    named = [*told, FILE_NAME]  # which the page itself shows to whoever has just chosen the file
    page = reading(written(child))
    page.get_by_text("The model calls this").wait_for()
    viewer = page.locator(".viewer")
    np.testing.assert_equal(
        [viewer.get_attribute("data-height"), viewer.get_attribute("data-width")],
        [str(side) for side in radiograph.shape],
    )
    assert found_in(seen(page), told) == []
    assert found_in(taken_away(page), named) == []

    # The same file as a case of a study: in the database and in what is taken away.
    page.goto(f"{reading.address}/studies")
    page.get_by_role("textbox", name="Title").fill("One child")
    page.keyboard.press("Tab")
    page.locator(".st-key-study_cases").get_by_text("Your own pictures").click()
    page.locator("input[type=file]").set_input_files(
        {"name": FILE_NAME, "mimeType": "application/dicom", "buffer": written(child)}
    )
    settle(page)
    page.locator(".st-key-study_make button").click()
    page.get_by_text("is ready: 1 case").wait_for(timeout=90_000)
    settle(page)
    assert found_in(seen(page), told) == []
    with zipfile.ZipFile(io.BytesIO(saved(page, "study_save"))) as archive:
        exported = b"\n".join(archive.read(name) for name in archive.namelist())
    assert found_in(exported, named) == []
    stored = b"".join(path.read_bytes() for path in reading.folder.glob("readings.sqlite*"))
    assert len(stored) > 100_000
    assert found_in(stored, named) == []
    assert found_in(reading.address.log.read_bytes(), named) == []
