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
from dashboard.wording import viewer as viewer_wording
from pipeline.classifier import Classifier
from pipeline.config import Paths
from pipeline.explain.perturbation import FILLS, filled
from pipeline.explain.segments import segment
from pipeline.images import encode_png
from pipeline.runs import default_run, list_runs

ROOT = Path(__file__).resolve().parents[2]
JOBS = (state.EXPLAINED, state.EXPLAINED_BESIDE)


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


def viewer_data(app: AppTest) -> dict:
    """What the page sends to the viewer."""
    (sent,) = [
        entry.proto
        for entry in app.get("bidi_component")
        if entry.proto.component_name == "xray_viewer"
    ]
    return json.loads(sent.json or sent.mixed.json)


def shown_layers(app: AppTest) -> list[dict]:
    return viewer_data(app)["layers"]


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
    return "The model calls this" in headings(app) or "What moved it?" in headings(app)


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


def asked(data: bytes, overlay: str = "mask") -> dict:
    """The session of a reader who has pressed a button of the viewer."""
    return {state._ASKED: {hashlib.sha256(data).hexdigest(): overlay}}


def explained(app: AppTest) -> AppTest:
    """Wait until nothing is being explained any more."""
    for _ in range(600):
        jobs = [app.session_state[state._JOBS].get(name) for name in JOBS]
        if not any(job and job.running for job in jobs):
            break
        time.sleep(0.1)
    app.run()
    assert not app.exception
    return app


def test_overlays_are_off_until_asked_for_and_the_page_says_why(read, radiograph):
    app = read(encode_png(radiograph))
    assert state._JOBS not in app.session_state
    assert any("Tang 2023" in entry.value for entry in app.caption)
    assert not shown_layers(app)


def test_an_overlay_that_was_asked_for_comes_with_how_far_to_trust_it(read, radiograph):
    data = encode_png(radiograph)
    app = explained(read(data, **asked(data)))
    (layer,) = shown_layers(app)
    assert layer["id"] == "first"
    assert len(layer["weights"]) == len(layer["margins"]) == len(layer["evidence"])
    assert not any("Tang 2023" in entry.value for entry in app.caption)
    assert any("LIME hides groups of pixels" in entry.value for entry in app.markdown)
    assert "Fidelity" in " ".join(entry.label for entry in app.metric)


def test_another_setting_explains_anew_and_the_same_one_does_not(read, radiograph):
    data = encode_png(radiograph)
    app = explained(read(data, **asked(data)))
    (before,) = shown_layers(app)
    app.number_input(state.SEED).set_value(1).run()
    (other,) = shown_layers(explained(app))
    assert other["weights"] != before["weights"]
    app.number_input(state.SEED).set_value(0).run()
    (again,) = shown_layers(app)
    assert again == before


def test_two_models_lie_beside_each_other_with_what_they_call_it(read, radiograph):
    data = encode_png(radiograph)
    app = read(data, **asked(data))
    app.selectbox(state.BESIDE).set_value("run").run()
    app.selectbox(state.BESIDE_RUN).set_value("compact-seed1").run()
    first, second = shown_layers(explained(app))
    assert (first["title"], second["title"]) == ("LIME, compact-seed0", "LIME, compact-seed1")
    said = " ".join(entry.value for entry in [*app.caption, *app.warning])
    assert "compact-seed1 makes the same call" in said or "The two models disagree" in said
    assert "Agreement of the two models" in said


def test_models_that_disagree_about_the_call_are_flagged(read, radiograph, tmp_path):
    chosen = default_run(Paths.from_environment().runs)
    data = encode_png(radiograph)
    verdict = Classifier(chosen).judge(data)
    # The same network with its line on the other side of what it says here.
    flipped = verdict.probability / 2 if verdict.decision == "NORMAL" else 1.0
    runs = tmp_path / "artifacts" / "runs"
    for name in ("one", "two"):
        shutil.copytree(chosen.folder, runs / name)
    document = json.loads((runs / "two" / "run.json").read_text(encoding="utf-8"))
    for point in document["operating_points"].values():
        point["threshold"] = flipped
    (runs / "two" / "run.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XRAY_ARTIFACTS", str(tmp_path / "artifacts"))
        app = read(data, **{state.RUN: "one", state.BESIDE: "run"})
    flags = [entry.value for entry in app.warning if "The two models disagree" in entry.value]
    assert len(flags) == 1
    assert "one says" in flags[0]
    assert "two says" in flags[0]


def test_what_the_browser_reports_asks_the_model_nothing(read, radiograph, monkeypatch):
    data = encode_png(radiograph)
    app = explained(read(data, **asked(data)))
    judged = []
    monkeypatch.setattr(Classifier, "logits", lambda self, images: judged.append(len(images)))
    app.run()
    assert judged == []


def test_hiding_parts_asks_the_model_once(read, radiograph, monkeypatch):
    data = encode_png(radiograph)
    app = read(data)
    parts = viewer_data(app)["parts"]["grid"]
    judged = []
    logits = Classifier.logits

    def counting(self, images):
        judged.append(len(images))
        return logits(self, images)

    monkeypatch.setattr(Classifier, "logits", counting)
    report = {
        "picture": hashlib.sha256(data).hexdigest(),
        "parts": parts,
        "superpixels": [3, 4],
        "rectangles": [{"kind": "blank", "x": 0.2, "y": 0.2, "width": 0.3, "height": 0.4}],
    }
    app.session_state[state.VIEWER] = {"altered": report}
    app.run()
    app.run()
    assert judged == [1]
    (said,) = [m.value for m in app.markdown if m.value.startswith("Without 2 superpixels")]
    assert "1 rectangle" in said
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


def test_every_way_to_hide_is_shown_with_what_the_model_says_of_it(read, radiograph):
    closed = read(encode_png(radiograph))
    assert not closed.get("image")
    app = read(encode_png(radiograph), **{state.SETTINGS: True})
    run = default_run(Paths.from_environment().runs)
    classifier = Classifier(run)
    image = classifier.prepare(radiograph)
    captions = [entry.proto.imgs[0].caption for entry in app.get("image")]
    for name in FILLS:
        hidden = filled(image, segment(image), name)
        probability = float(classifier.probabilities(hidden[None])[0, 1])
        assert viewer_wording.hidden(name, probability) in captions


def test_a_mark_of_a_finding_is_compared_with_the_map(read, radiograph):
    data = encode_png(radiograph)
    app = explained(read(data, **asked(data)))
    mark = {"kind": "region", "x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0}
    app.session_state[state.VIEWER] = {
        "altered": {
            "picture": hashlib.sha256(data).hexdigest(),
            "parts": viewer_data(app)["parts"]["grid"],
            "superpixels": [],
            "rectangles": [mark],
        }
    }
    app.run()
    (said,) = [entry.value for entry in app.markdown if "share **" in entry.value]
    assert "a **hit**" in said, "the mark covers the whole picture"
