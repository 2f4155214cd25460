"""What the page *Data* says, told from a small stored audit."""

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import figures, state
from dashboard.wording import data as told
from pipeline.audit.document import examine
from pipeline.config import REPOSITORY
from pipeline.images import encode_png
from pipeline.storage import write_json

APP = str(REPOSITORY / "dashboard" / "app.py")


def figure(value, n=100, width=0.02):
    return {"value": value, "low": value - width, "high": value + width, "n": n}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Noise of eight children a class in train and in test; bright normals in test."""
    root = tmp_path_factory.mktemp("data")
    generator = np.random.default_rng(0)
    for split in ("train", "test"):
        for label, name in enumerate(("NORMAL", "PNEUMONIA")):
            folder = root / split / name
            folder.mkdir(parents=True)
            for number in range(8):
                image = generator.integers(60, 120, (64, 64), dtype=np.uint8)
                image += 100 if (split, label) == ("test", 0) else 0
                file = f"person{number}_virus_{split}.png" if label else f"IM-{number}-{split}.png"
                (folder / file).write_bytes(encode_png(image))
    return root


@pytest.fixture(scope="module")
def audit(pictures):
    return examine(pictures)


@pytest.fixture
def installation(tmp_path, monkeypatch):
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path))
    monkeypatch.setenv("XRAY_DATASET", str(tmp_path / "nowhere"))
    return tmp_path


def store(installation, audit):
    (installation / "audit").mkdir()
    write_json(installation / "audit" / "data.json", audit)


def opened():
    page = AppTest.from_file(APP, default_timeout=60)
    page.switch_page("views/data.py").run()
    assert not page.exception
    return page


def test_without_an_audit_the_page_says_how_to_make_one(installation):
    page = opened()
    assert told.AUDIT_COMMAND in page.info[0].value
    assert "python -m pipeline train" in page.info[1].value
    assert "python -m pipeline data fetch kaggle" in page.info[2].value
    assert len(page.get("plotly_chart")) == 0


def test_every_finding_is_drawn_with_the_command_beside_it(installation, audit):
    store(installation, audit)
    page = opened()
    charts = {
        json.loads(chart.proto.spec)["data"][0].get("name") for chart in page.get("plotly_chart")
    }
    assert len(page.get("plotly_chart")) == 9
    assert "normal (8 train, 8 test)" in charts
    assert sum(told.AUDIT_COMMAND in entry.value for entry in page.caption) == 5
    counts = page.dataframe[0].value
    assert counts["Pictures"].tolist() == [8, 8, 0, 0, 8, 8]
    # The toys' patients are in both splits on purpose: the page must not call that clean.
    assert any("16 patients stand in more than one split" in m.value for m in page.markdown)


def test_the_curve_of_grey_levels_can_be_chosen_and_linked(installation, audit):
    store(installation, audit)
    page = opened()
    page.segmented_control(key=state.GREY_CURVE).set_value("rows").run()
    assert not page.exception
    axis = json.loads(page.get("plotly_chart")[-1].proto.spec)["layout"]["yaxis"]
    assert axis["title"]["text"] == "From the top (0) to the bottom (100)"


def test_mean_pictures_are_drawn_only_when_asked_for(installation, audit, pictures, monkeypatch):
    monkeypatch.setenv("XRAY_DATASET", str(pictures))
    store(installation, audit)
    page = opened()
    before = len(page.get("plotly_chart"))
    page.toggle(key=state.MEANS).set_value(True).run()
    assert not page.exception
    assert len(page.get("plotly_chart")) == before + 6
    assert sum("mean of 8 pictures, 8 patients" in entry.value for entry in page.caption) == 4
    difference = json.loads(page.get("plotly_chart")[before + 2].proto.spec)["data"][0]
    assert difference["zmin"] == -30


def test_a_damaged_audit_is_said_and_not_a_traceback(installation):
    (installation / "audit").mkdir()
    (installation / "audit" / "data.json").write_text("{", encoding="utf-8")
    page = opened()
    assert "cannot be read" in page.error[0].value


def test_the_class_that_moved_is_named_from_the_figures():
    still = {"auc": figure(0.5), "brightness_and_contrast": figure(0.5)}
    moved = {"auc": figure(0.9), "brightness_and_contrast": figure(0.55)}
    assert "It is the normal class" in told.separability({"NORMAL": moved, "PNEUMONIA": still})
    assert "It is the pneumonia class" in told.separability({"NORMAL": still, "PNEUMONIA": moved})
    assert "fair sample" in told.separability({"NORMAL": still, "PNEUMONIA": still})
    bright = moved | {"brightness_and_contrast": figure(0.85)}
    assert "tell much of it" in told.separability({"NORMAL": bright})


def test_a_run_is_told_by_what_its_intervals_mean():
    part = {"auc": figure(0.9), "specificity": figure(0.8)}
    document = {
        "parts": {
            "whole": part,
            "border_ring": part | {"shortcut": "strong"},
            "lungs_blacked_out": {"auc": figure(0.3), "shortcut": "reversed"},
            "border_blanked": part | {"auc_change": figure(-0.05)},
        }
    }
    said = told.run_parts(document).split("\n")
    assert "uses a shortcut" in said[0]
    assert "against the class" in said[1]
    assert "-0.050 (-0.070 to -0.030)" in said[2]


def test_intervals_leave_out_what_is_not_known_and_keep_the_order_of_rows():
    drawn = figures.intervals(
        {"one": {"a": figure(0.9), "b": None}, "two": {"b": figure(0.6)}}, ["red", "blue"], "AUC"
    )
    assert list(drawn.data[0].y) == ["a"]
    assert drawn.data[0].error_x.array[0] == pytest.approx(0.02)
    assert list(drawn.layout.yaxis.categoryarray) == ["a", "b"]
    assert drawn.layout.shapes[0].x0 == 0.5
    assert not figures.intervals({"one": {"a": figure(0.9)}}, ["red"], "x", None).layout.shapes


def test_the_share_of_each_kind_is_of_its_split():
    drawn = figures.class_counts({"train": {"normal": 1, "virus": 3}, "test": {"normal": 2}})
    bars = {bar.name: dict(zip(bar.y, bar.x, strict=True)) for bar in drawn.data}
    assert bars["normal"] == {"train (4)": 25.0, "test (2)": 100.0}
    assert bars["pneumonia, virus"]["train (4)"] == 75.0


def test_the_known_failures_carry_the_audits_figures_and_stand_without_them():
    from pipeline.statements import KNOWN_FAILURES, known_failures

    assert known_failures(None) == KNOWN_FAILURES
    parts = {
        "border_ring": {"part": "the ring alone, rest grey", "without_lungs": True},
        "whole": {"part": "the whole picture", "without_lungs": False},
    }
    told = known_failures(
        {
            "separability": {"NORMAL": {"auc": figure(0.921, 1575)}},
            "shortcut_models": {name: own | {"auc": figure(0.7)} for name, own in parts.items()},
        }
    )
    assert told[0].startswith(KNOWN_FAILURES[0])
    assert "0.921 (0.901 to 0.941, n = 1,575) for normal" in told[0]
    assert "the ring alone: 0.700" in told[1]
    assert "whole picture" not in told[1]
    assert told[2:] == KNOWN_FAILURES[2:]


def test_what_a_simple_model_loses_is_said_only_where_it_is_shown():
    inside = dict.fromkeys(("accuracy", "specificity", "auc"), figure(0.95)) | {"n": 5216}
    fallen = inside | {"accuracy": figure(0.75), "auc": figure(0.91), "n": 624}
    alike = inside | {"accuracy": figure(0.75), "auc": figure(0.75), "n": 624}
    said = [told.shift({"inside_train": inside, "test": test}) for test in (fallen, alike, inside)]
    assert "survives better than the threshold" in said[0]
    assert "suffer alike" in said[1]
    assert "nothing is shown to be lost" in said[2]


def test_a_split_that_leaks_nothing_is_not_accused():
    split = {"pictures": 100, "test": 20, "seeds": 5, "classes": {"NORMAL": figure(0.3)}}
    none = {"value": 0.0, "low": 0.0, "high": 0.0, "n": 20}
    assert "would leak nothing" in told.random_split(split | {"sibling": none})
    assert "**40 %** of them" in told.random_split(split | {"sibling": figure(0.4)})
