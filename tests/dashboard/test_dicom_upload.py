"""A DICOM file on the reading page: judged or refused like any other, its header unseen."""

import warnings
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from streamlit.testing.v1 import AppTest

from dashboard import state

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def adult() -> Path:
    return Path(get_testdata_file("RG1_J2KI.dcm"))


def test_the_adult_is_refused_on_the_page_and_nobody_is_named(adult, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("XRAY_SAMPLES", str(tmp_path))
    app = AppTest.from_file(str(ROOT / "dashboard/app.py"), default_timeout=60)
    app.session_state[state._UPLOAD] = adult.read_bytes()
    app.session_state[state.SOURCE] = "Upload"
    app.run()
    assert not app.exception
    sent = " ".join(str(element.proto) for element in app.main) + caplog.text
    assert "an adult of 64 years" in sent
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        header = pydicom.dcmread(adult, stop_before_pixels=True)
    for name in ("PatientName", "PatientID", "PatientBirthDate", "StudyDate", "StudyInstanceUID"):
        assert str(header[name].value) not in sent
    assert "Philips" not in sent


def test_the_upload_box_takes_dicom_of_the_size_that_is_read(tmp_path, monkeypatch):
    import tomllib

    from pipeline.images import LIMIT_DICOM_MB

    settings = tomllib.loads((ROOT / "dashboard/.streamlit/config.toml").read_text())
    assert settings["server"]["maxUploadSize"] >= LIMIT_DICOM_MB
    monkeypatch.setenv("XRAY_SAMPLES", str(tmp_path))
    app = AppTest.from_file(str(ROOT / "dashboard/app.py"), default_timeout=60)
    app.session_state[state.SOURCE] = "Upload"
    app.run()
    (box,) = app.get("file_uploader")
    assert ".dcm" in box.proto.type
    assert f"DICOM ({LIMIT_DICOM_MB} MB)" in box.proto.label
