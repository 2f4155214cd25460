"""The reading page by its widgets: verdict, operating point, refusal and explanation."""

import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import state
from pipeline.classifier import Classifier
from pipeline.config import Paths
from pipeline.images import encode_png
from pipeline.runs import default_run

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Open the page with `data` uploaded; the browser stories use the uploader itself."""
    monkeypatch.setenv("XRAY_SAMPLES", str(tmp_path))

    def open_it(data: bytes) -> AppTest:
        app = AppTest.from_file(str(ROOT / "dashboard/app.py"), default_timeout=60)
        app.session_state[state._UPLOAD] = data
        app.session_state[state.SOURCE] = "Upload"
        app.run()
        assert not app.exception
        return app

    return open_it


def headings(app: AppTest) -> str:
    return " ".join(entry.value for entry in app.subheader)


def test_the_page_says_what_the_classifier_says(read, radiograph):
    data = encode_png(radiograph)
    verdict = Classifier(default_run(Paths.from_environment().runs)).judge(data)
    app = read(data)
    assert f"The model calls this **{verdict.decision.lower()}**" in headings(app)
    assert "on the official test set of 624 pictures" in " ".join(m.value for m in app.markdown)


def test_another_operating_point_brings_its_own_figures(read, radiograph):
    app = read(encode_png(radiograph))
    before = [entry.value for entry in app.markdown if "official test set" in entry.value]
    app.segmented_control(state.POINT).set_value("sensitivity_95").run()
    after = [entry.value for entry in app.markdown if "official test set" in entry.value]
    assert before != after


def test_a_photograph_is_refused_with_reasons_and_still_scored(read):
    rows, columns = np.mgrid[0:256, 0:256].astype(np.uint8)
    app = read(encode_png(np.stack([rows, columns, 255 - rows], axis=-1)))
    assert "coloured" in app.warning[0].value
    assert "The model calls this" in headings(app)


def test_overlays_are_off_until_asked_for_and_then_explained(read, radiograph):
    app = read(encode_png(radiograph))
    assert not app.toggle(state.MASK).value
    assert not app.toggle(state.HEAT).value
    app.select_slider(state.SAMPLES).set_value(300)
    app.toggle(state.MASK).set_value(True).run()
    for _ in range(300):
        if any("Fidelity" in entry.value for entry in app.caption):
            break
        time.sleep(0.2)
        app.run()
    assert any("300 samples" in entry.value for entry in app.caption)
    assert not app.exception


def test_a_damaged_upload_is_explained_and_the_next_one_is_read(read, radiograph):
    data = encode_png(radiograph)
    app = read(data[: len(data) // 2])
    assert "The picture is incomplete" in app.error[0].value
    app.session_state[state._UPLOAD] = data
    app.run()
    assert not app.error
    assert "The model calls this" in headings(app)
