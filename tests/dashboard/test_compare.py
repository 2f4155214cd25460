"""The page *Compare training* without its charts, which the browser draws: what is chosen, what is
said, what the charts are given."""

import base64
import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import curves
from dashboard.curves import link, standalone
from dashboard.plain import plain
from pipeline.comparison import NOT_RECORDED
from pipeline.config import REPOSITORY
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
    assert not page.error
    return page


def address(page):
    """Return the parameters of the page's address, each a list."""
    return {
        name: [values] if isinstance(values, str) else list(values)
        for name, values in page.query_params.items()
    }


def chosen(page):
    return address(page)["runs"]


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
        "config": config | {"monitor": "val_auc"},
        "operating_point": "balanced",
    }
    write_json(runs / name / "run.json", document)
    rows = "".join(f"{i},10,{1 / i:.3f},{0.5 + i},0.9\n" for i in range(1, epochs + 1))
    write_text(runs / name / "history.csv", "epoch,seconds,loss,val_loss,val_auc\n" + rows)
    figures = {"auc": {"value": 0.97}, "accuracy": {"value": 0.91}}
    write_json(runs / name / "metrics.json", {"test": {"balanced": {"n": 624, "figures": figures}}})


def texts(page):
    return " ".join(e.value for kind in ("caption", "warning", "info") for e in page.get(kind))


def columns(pack):
    """Read what the browser is given, as it reads it."""
    values = np.frombuffer(pack["values"], "<f4").reshape(len(pack["columns"]), -1)
    told = dict(zip(pack["columns"], values, strict=True))
    return told | {name: told["epoch"] * factor for name, factor in pack["factors"].items()}


def test_it_opens_with_own_finished_runs_and_the_notebooks_report(runs):
    own_run(runs, "compact-seed0")
    own_run(runs, "compact-seed1", status="unfinished")
    assert chosen(opened()) == ["compact-seed0", REPORT]


def test_the_browser_is_given_the_recorded_figures(runs):
    run = open_run(runs, REPORT)
    history = run.history()
    told = columns(curves.packed(run, history, "1"))
    for name in ("loss", "val_loss", "val_accuracy"):
        assert told[name] == pytest.approx(history[name].to_numpy(), rel=1e-6)
    assert told["images"].tolist() == (history["epoch"] * 5216).tolist()
    assert told["step"].tolist() == (history["epoch"] * 163).tolist()


def test_it_is_given_the_best_epoch_by_what_the_run_watched(runs):
    own_run(runs, "watched", epochs=3)
    run = open_run(runs, "watched")
    pack = curves.packed(run, run.history(), "1")
    assert (pack["best_epoch"], pack["best"], pack["best_title"]) == (1, 0.9, "AUC")


def test_a_run_without_epochs_can_be_given_too(runs):
    run = open_run(runs, EMPTY)
    pack = curves.packed(run, run.history(), "1")
    assert (pack["rows"], pack["best"], columns(pack)["epoch"].size) == (0, None, 0)
    assert f"No epoch of {EMPTY} was recorded" in texts(opened(runs=EMPTY))


def test_a_link_restores_the_page_and_stays_as_it_is(runs):
    parameters = {
        "runs": [FINAL, REPORT],
        "metrics": ["accuracy"],
        "smoothing": ["0.5"],
        "x": ["seconds"],
        "log": ["true"],
        "text": ["x"],
    }
    page = opened(**parameters)
    assert address(page) == parameters
    assert page.dataframe[0].value["run"].tolist() == [FINAL, REPORT]


def test_an_old_link_names_what_is_gone_and_shows_the_rest(runs):
    page = opened(runs=["gone", REPORT], metrics="no such figure", smoothing="seven", x="miles")
    assert "shown here: gone" in texts(page)
    assert address(page) == {"runs": [REPORT]}


def test_a_link_to_nothing_that_is_here_opens_as_if_there_was_none(runs):
    page = opened(runs=["gone", "lost"])
    assert "shown here: gone, lost" in texts(page)
    assert chosen(page) == [REPORT]


def test_a_link_without_any_figure_stays_without(runs):
    assert address(opened(runs=REPORT, metrics="")) == {"runs": [REPORT], "metrics": [""]}


def test_runs_of_other_figures_open_with_those(runs):
    for folder in runs.iterdir():
        write_text(folder / "history.csv", "epoch,f1,dice,iou\n1,0.5,0.6,0.7\n")
    assert address(opened(runs=REPORT, metrics="dice")) == {"runs": [REPORT], "metrics": ["dice"]}
    assert address(opened(runs=REPORT, metrics="f1")) == {"runs": [REPORT], "metrics": ["f1"]}
    assert address(opened(runs=REPORT)) == {"runs": [REPORT]}


def test_a_silent_training_is_said_to_be_stalled(runs, monkeypatch):
    own_run(runs, "silent", status="unfinished")
    for path in (runs / "silent").iterdir():
        os.utime(path, (1_000_000, 1_000_000))
    sent = []
    monkeypatch.setattr(curves, "show", sent.append)
    opened(runs="silent")
    length = int.from_bytes(sent[-1][:4], "little")
    told = {run["name"]: run for run in json.loads(sent[-1][4 : 4 + length])["runs"]}
    assert (told["silent"]["status"], told["silent"]["label"]) == ("stalled", "silent (stalled)")


def test_a_choice_survives_a_visit_to_another_page(runs):
    page = opened(runs=[FINAL], smoothing="0.3")
    page.switch_page("views/about.py").run()
    page.query_params.clear()
    page.switch_page("views/compare.py").run()
    assert address(page) == {"runs": [FINAL], "smoothing": ["0.3"]}


def test_test_figures_are_shown_with_their_n(runs):
    own_run(runs, "compact-seed0")
    row = opened(runs="compact-seed0").dataframe[0].value.iloc[0]
    assert (row["test_auc"], row["test_accuracy"], row["test_n"]) == (0.97, 0.91, 624)


def test_only_settings_that_differ_are_listed(runs):
    own_run(runs, "compact-seed0")
    settings = opened(runs=["compact-seed0", REPORT]).dataframe[1].value
    assert settings.loc["learning_rate"].tolist() == ["0.002", "1e-05"]
    assert settings.loc["seed"].tolist() == ["3", NOT_RECORDED]
    assert "flip" not in settings.index


def test_doubtful_runs_carry_a_warning_and_their_faults(page):
    assert f"Validated on test images: {REPORT}" in texts(page)
    (notes,) = [e for e in page.expander if e.label.startswith(REPORT)]
    assert "125 of the 141 validation images" in notes.markdown[0].value


def test_a_run_in_training_is_marked(runs):
    own_run(runs, "under-way", status="unfinished")
    assert "under-way" in texts(opened(runs="under-way"))


def test_nothing_chosen_and_nothing_stored_say_what_to_do(runs, monkeypatch, tmp_path):
    assert "Choose one or more" in texts(opened(runs=""))
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path / "nothing"))
    empty = opened()
    assert "python -m pipeline runs record" in texts(empty)
    assert [e.label for e in empty.expander] == ["Add runs from elsewhere"]


def test_damaged_runs_are_named_and_the_others_shown(runs):
    write_text(runs / FINAL / "run.json", "{")
    page = opened()
    assert plain(f"run.json of {FINAL} cannot be read") in texts(page)
    assert chosen(page) == [REPORT]


def test_the_page_never_imports_tensorflow(runs):
    script = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        f"page = AppTest.from_file({APP!r}, default_timeout=60)\n"
        "page.switch_page('views/compare.py').run()\n"
        f"assert {REPORT!r} in page.query_params['runs'], page\n"
        "print({'tensorflow', 'keras'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "set()"


def test_every_recorded_run_can_be_chosen_at_once(runs):
    page = opened(runs=link.ALL)
    assert chosen(page) == [link.ALL]
    assert len(page.dataframe[0].value) == len(list_runs(runs).runs)


def test_the_page_to_take_away_cannot_be_broken_out_of(runs):
    run = open_run(runs, REPORT)
    pack = curves.packed(run, run.history(), "1") | {"title": "</script><script>alert(1)</script>"}
    state = link.defaults([REPORT], ["loss"])
    told = curves.data([pack], [run], state, 1, {}, {}, {})
    page = standalone.as_html(told, pd.DataFrame({"<b>": ["<i>"]}), "<h1>")
    assert page.count("</script>") == 1
    assert "<i>" not in page.replace("&lt;i&gt;", "")
    sent = base64.b64decode(page.split('atob("')[1].split('"')[0])
    assert sent == told


def test_what_the_browser_is_sent_is_a_json_and_then_all_values(runs):
    stored = [open_run(runs, name) for name in (FINAL, REPORT)]
    packs = [curves.packed(run, run.history(), "1") for run in stored]
    sent = curves.data(packs, stored, link.defaults([], []), 1, {}, {FINAL: ("a tag",)}, {})
    length = int.from_bytes(sent[:4], "little")
    head = json.loads(sent[4 : 4 + length])
    assert length % 4 == 0
    assert [run["told"][-1] for run in head["runs"]] == ["a tag", stored[1].architecture]
    assert sent[4 + length :] == b"".join(pack["values"] for pack in packs)
    assert [metric["name"] for metric in head["metrics"]] == ["loss", "accuracy"]
