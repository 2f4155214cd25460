"""What a reader does on the page *Compare training*, told by widget key."""

import base64
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pipeline.comparison import NOT_RECORDED, summary
from pipeline.config import REPOSITORY
from pipeline.curves import smooth
from pipeline.recorded import record
from pipeline.runs import list_runs, open_run
from pipeline.storage import write_json, write_text

REPORT = "notebook-simple_resnet-141-report"
FINAL = "notebook-resnet_2_5_2-141-final"
EMPTY = "notebook-alexnet-16-maiden"
APP = str(REPOSITORY / "dashboard" / "app.py")


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path))
    record(REPOSITORY / "artifacts" / "notebooks", tmp_path / "runs")
    return tmp_path / "runs"


@pytest.fixture
def page(runs):
    return opened()


def opened(**parameters):
    page = AppTest.from_file(APP, default_timeout=60)
    page.switch_page("views/compare.py")
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def own_run(runs, name, status="finished", epochs=2):
    """Store a run of this project's own kind beside the recorded ones."""
    config = {"architecture": "compact", "recipe": "modern", "seed": 3, "learning_rate": 0.002}
    (runs / name).mkdir()
    document = {
        "schema": 1,
        "name": name,
        "title": f"Compact, {name}",
        "status": status,
        "architecture": "compact",
        "parameters": {"total": 1000, "trainable": 1000},
        "config": config,
        "operating_point": "balanced",
    }
    write_json(runs / name / "run.json", document)
    rows = "".join(f"{i},10,{1 / i:.3f},{0.5 + i},0.9\n" for i in range(1, epochs + 1))
    write_text(runs / name / "history.csv", "epoch,seconds,loss,val_loss,val_auc\n" + rows)
    figures = {"auc": {"value": 0.97}, "accuracy": {"value": 0.91}}
    write_json(runs / name / "metrics.json", {"test": {"balanced": {"n": 624, "figures": figures}}})


def plotted(page, chart=0):
    """Return {(run, dash): values} of the main lines of a chart, as they go to the browser."""
    data = json.loads(page.get("plotly_chart")[chart].proto.spec)["data"]
    return {
        (trace["name"], trace["line"]["dash"]): numbers(trace["y"])
        for trace in data
        if trace["mode"] == "lines+markers"
    }


def numbers(packed):
    if isinstance(packed, dict):
        return np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"]).tolist()
    return packed


def texts(page):
    return " ".join(e.value for kind in ("caption", "warning", "info") for e in page.get(kind))


def test_it_opens_with_own_finished_runs_and_the_notebooks_report(runs):
    own_run(runs, "compact-seed0")
    own_run(runs, "compact-seed1", status="unfinished")
    page = opened()
    assert page.multiselect(key="runs").value == ["compact-seed0", REPORT]
    assert len(page.get("plotly_chart")) == 2


def test_the_curves_are_the_recorded_figures(page, runs):
    history = open_run(runs, REPORT).history()
    assert plotted(page) == {
        (REPORT, "solid"): history["loss"].tolist(),
        (REPORT, "dash"): history["val_loss"].tolist(),
    }
    assert plotted(page, 1)[REPORT, "dash"] == history["val_accuracy"].tolist()


def test_smoothing_changes_what_is_plotted_and_not_the_table(page, runs):
    before = page.dataframe[0].value
    page.slider(key="smoothing").set_value(0.6).run()
    expected = smooth(open_run(runs, REPORT).history()["val_loss"], 0.6)
    assert plotted(page)[REPORT, "dash"] == pytest.approx(expected.tolist())
    pd.testing.assert_frame_equal(page.dataframe[0].value, before)


def test_the_table_holds_the_computed_best_figures(page, runs):
    page.multiselect(key="runs").set_value([REPORT, FINAL]).run()
    shown = page.dataframe[0].value.set_index("run")
    for name in (REPORT, FINAL):
        run = open_run(runs, name)
        expected = summary(run, run.history())
        for column in ("best_epoch", "val_loss", "val_accuracy", "overfit_gap", "parameters"):
            assert shown.loc[name, column] == pytest.approx(expected[column])
    assert f"No test figures: {REPORT}, {FINAL}" in texts(page)


def test_test_figures_are_shown_with_their_n(runs):
    own_run(runs, "compact-seed0")
    row = opened(runs="compact-seed0").dataframe[0].value.iloc[0]
    assert (row["test_auc"], row["test_accuracy"], row["test_n"]) == (0.97, 0.91, 624)


def test_a_filter_shortens_the_list_and_keeps_what_is_chosen(page):
    assert len(page.multiselect(key="runs").options) == 14
    page.text_input(key="text").set_value("ALEXNET maiden").run()
    assert page.multiselect(key="runs").options == [EMPTY, REPORT]
    assert page.multiselect(key="runs").value == [REPORT]
    page.text_input(key="text").set_value("").run()
    page.multiselect(key="architectures").set_value(["resnet_2_5_2"]).run()
    assert page.multiselect(key="runs").options == [FINAL, REPORT]
    page.multiselect(key="architectures").set_value([]).run()
    page.multiselect(key="tags").set_value(["validated on test images"]).run()
    assert EMPTY not in page.multiselect(key="runs").options


def test_only_settings_that_differ_are_listed(runs):
    own_run(runs, "compact-seed0")
    settings = opened(runs=["compact-seed0", REPORT]).dataframe[1].value
    assert settings.loc["learning_rate"].tolist() == ["0.002", "1e-05"]
    assert settings.loc["seed"].tolist() == ["3", NOT_RECORDED]
    assert "flip" not in settings.index
    alike = opened(runs=["notebook-simple_resnet-141-limecheck", REPORT])
    assert len(alike.dataframe) == 1
    assert "same settings" in texts(alike)


def test_a_link_restores_the_page(runs):
    page = opened(
        runs=[FINAL, REPORT], metrics="accuracy", smoothing="0.5", x="seconds", log="true", text="x"
    )
    assert page.multiselect(key="runs").value == [FINAL, REPORT]
    assert page.slider(key="smoothing").value == 0.5
    assert page.text_input(key="text").value == "x"
    assert len(page.get("plotly_chart")) == 1
    layout = json.loads(page.get("plotly_chart")[0].proto.spec)["layout"]
    assert layout["yaxis"]["type"] == "log"
    assert layout["xaxis"]["title"]["text"].startswith("Seconds")


def test_an_old_link_names_what_is_gone_and_shows_the_rest(runs):
    page = opened(runs=["gone", REPORT], metrics="no such figure", smoothing="seven", x="miles")
    assert page.multiselect(key="runs").value == [REPORT]
    assert "not here: gone" in texts(page)
    assert page.slider(key="smoothing").value == 0.0
    assert len(page.get("plotly_chart")) == 2


def test_a_choice_survives_a_visit_to_another_page(page):
    page.multiselect(key="runs").set_value([FINAL]).run()
    page.slider(key="smoothing").set_value(0.3).run()
    page.switch_page("views/about.py").run()
    page.switch_page("views/compare.py").run()
    assert page.multiselect(key="runs").value == [FINAL]
    assert page.slider(key="smoothing").value == 0.3


def test_doubtful_runs_carry_a_warning_and_their_faults(page):
    assert f"Validated on test images: {REPORT}" in texts(page)
    (notes,) = [e for e in page.expander if e.label.startswith(REPORT)]
    assert "125 of the 141 validation images" in notes.markdown[0].value


def test_a_run_in_training_is_shown_and_marked(runs):
    own_run(runs, "under-way", status="unfinished")
    page = opened(runs="under-way")
    assert ("under-way (training)", "solid") in plotted(page)
    assert "is in training, or was cut off after 2 epochs" in texts(page)
    with (runs / "under-way" / "history.csv").open("a") as file:
        file.write("3,10,0.1,0.2,0.9\n")
    page.button(key="refresh").click().run()
    assert len(plotted(page)["under-way (training)", "solid"]) == 3


def test_a_run_without_epochs_has_a_sentence_and_no_curve(runs):
    page = opened(runs=EMPTY)
    assert not page.get("plotly_chart")
    assert f"No epoch of {EMPTY} was recorded" in texts(page)
    assert page.get("download_button")[0].proto.disabled


def test_nothing_chosen_and_nothing_stored_say_what_to_do(page, monkeypatch, tmp_path):
    page.multiselect(key="runs").set_value([]).run()
    assert "Choose one or more" in texts(page)
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path / "nothing"))
    assert "python -m pipeline runs record" in texts(opened())


def test_damaged_runs_are_named_and_the_others_shown(runs):
    write_text(runs / FINAL / "run.json", "{")
    page = opened()
    assert f"run.json of {FINAL} cannot be read" in texts(page)
    assert page.multiselect(key="runs").value == [REPORT]


def test_the_page_never_imports_tensorflow(runs):
    script = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        f"page = AppTest.from_file({APP!r}, default_timeout=60)\n"
        "page.switch_page('views/compare.py').run()\n"
        "assert len(page.get('plotly_chart')) == 2, page\n"
        "print({'tensorflow', 'keras'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "set()"


def test_every_recorded_run_can_be_shown_at_once(runs):
    names = [run.name for run in list_runs(runs).runs]
    page = opened(runs=names)
    assert len(plotted(page)) == 2 * 13  # one of the fourteen has no epochs
