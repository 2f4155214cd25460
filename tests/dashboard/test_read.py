"""The reading page by its widgets: verdict, operating point, refusal and explanation."""

import hashlib
import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import state
from dashboard.wording import refusal as wording
from pipeline.classifier import Classifier
from pipeline.config import Paths
from pipeline.images import encode_png
from pipeline.runs import default_run, list_runs

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Open the page with `data` uploaded; the browser stories use the uploader itself."""
    monkeypatch.setenv("XRAY_SAMPLES", str(tmp_path))

    def open_it(data: bytes, **chosen) -> AppTest:
        app = AppTest.from_file(str(ROOT / "dashboard/app.py"), default_timeout=60)
        app.session_state[state._UPLOAD] = data
        app.session_state[state.SOURCE] = "Upload"
        for key, value in chosen.items():
            app.session_state[key] = value
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
    app.segmented_control(state.POINT).set_value("balanced").run()
    after = [entry.value for entry in app.markdown if "official test set" in entry.value]
    assert before != after


@pytest.fixture
def photograph() -> bytes:
    rows, columns = np.mgrid[0:256, 0:256].astype(np.uint8)
    return encode_png(np.stack([rows, columns, 255 - rows], axis=-1))


def field(data: bytes) -> str:
    return f"{state.OVERRIDE_REASON}_{hashlib.sha256(data).hexdigest()[:12]}"


def anyway(app: AppTest, data: bytes, reason: str) -> None:
    """Fill in the reason and press the button below it."""
    app.text_input(field(data)).set_value(reason)
    (button,) = [entry for entry in app.button if entry.label == wording.ANYWAY]
    button.set_value(True).run()
    assert not app.exception


def tells_a_verdict(app: AppTest) -> bool:
    return "The model calls this" in headings(app) or bool(app.toggle)


def test_a_refused_picture_shows_the_reasons_and_no_verdict(read, photograph):
    app = read(photograph)
    assert "coloured" in app.warning[0].value
    assert not tells_a_verdict(app)
    assert not app.get("plotly_chart")
    assert not app.get("download_button")


def test_a_reason_opens_the_verdict_and_stays_beside_it(read, photograph):
    app = read(photograph)
    anyway(app, photograph, "  *on purpose*  ")
    assert tells_a_verdict(app)
    assert "coloured" in app.warning[0].value
    # No figure of the test set speaks for it, so none is shown.
    assert not any("test set of" in entry.value for entry in app.markdown)
    assert [entry.value for entry in app.text] == ["*on purpose*"]
    app.segmented_control(state.POINT).set_value("sensitivity_95").run()
    assert tells_a_verdict(app)
    app.button(state.TAKE_BACK).click().run()
    assert not tells_a_verdict(app)
    assert not app.text


@pytest.mark.parametrize("blank", ["", "   "])
def test_without_a_reason_it_stays_closed(read, photograph, blank):
    app = read(photograph)
    anyway(app, photograph, blank)
    assert not tells_a_verdict(app)
    assert app.error[0].value == wording.NO_REASON


def test_a_reason_holds_for_its_own_picture_alone(read, photograph, radiograph):
    app = read(photograph)
    anyway(app, photograph, "on purpose")
    inverted = encode_png(255 - radiograph)
    app.session_state[state._UPLOAD] = inverted
    app.run()
    assert "inverted" in app.warning[0].value
    assert not tells_a_verdict(app)
    assert app.text_input(field(inverted)).value == ""
    app.session_state[state._UPLOAD] = photograph
    app.run()
    assert tells_a_verdict(app)


def test_an_accepted_picture_asks_for_no_reason(read, radiograph):
    app = read(encode_png(radiograph))
    assert not app.warning
    assert not app.text_input


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


def test_other_seeds_of_the_same_training_say_how_sure_it_is(read, radiograph):
    data = encode_png(radiograph)
    runs = list_runs(Paths.from_environment().runs).runs
    (chosen,) = (run for run in runs if run.name == "compact-seed0")
    same = [
        r for r in runs if r.servable and {**r.config, "seed": 0} == {**chosen.config, "seed": 0}
    ]
    said = [Classifier(one).judge(data).probability for one in same]
    app = read(data, **{state.RUN: chosen.name})
    (spoken,) = [entry.value for entry in app.caption if "other seeds" in entry.value]
    assert f"{len(same) - 1} other seeds" in spoken
    assert f"{100 * min(said):.1f} to {100 * max(said):.1f} %" in spoken


@pytest.mark.parametrize("inside", [True, False])
def test_a_probability_in_the_abstain_band_is_called_unsure(read, radiograph, tmp_path, inside):
    chosen = default_run(Paths.from_environment().runs)
    data = encode_png(radiograph)
    verdict = Classifier(chosen).judge(data)
    probability, threshold = verdict.probability, verdict.threshold
    # Both bands end at the threshold, which a band always holds.
    below, above = (0.0, threshold), (threshold, 1.0)
    own, opposite = (above, below) if probability >= threshold else (below, above)
    copied = tmp_path / "artifacts" / "runs" / "only"
    shutil.copytree(chosen.folder, copied)
    document = json.loads((copied / "run.json").read_text(encoding="utf-8"))
    low, high = own if inside else opposite
    document["abstain"] = {"low": low, "high": high, "rule": "a rule"}
    (copied / "run.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XRAY_ARTIFACTS", str(tmp_path / "artifacts"))
        app = read(data)
        unsure = [w.value for w in app.warning if "The model is unsure" in w.value]
    assert bool(unsure) == inside == ("but is unsure" in headings(app))
    if inside:
        assert "pictures lie outside that band" in unsure[0]
