"""Commands on artifacts that lie elsewhere: judging works, writing is refused, nothing is lost."""

import hashlib
import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pipeline import annotations, mirror, network
from pipeline.__main__ import main
from pipeline.config import REPOSITORY, Paths
from pipeline.errors import RunError, StoreError
from pipeline.foreign import read_uploads
from pipeline.images import encode_png
from pipeline.importing import import_runs
from pipeline.readings.store import Store
from pipeline.runs import open_run


@pytest.fixture
def elsewhere(brightness_run, tmp_path, monkeypatch):
    """The folder of a run at ``file://``; the environment names that place."""
    artifacts = brightness_run.parent.parent
    monkeypatch.setenv("XRAY_ARTIFACTS", artifacts.as_uri())
    monkeypatch.setenv("XRAY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XRAY_DATASET", str(tmp_path / "no-pictures"))
    yield brightness_run
    mirror._watch.cache_clear()


def everything(folder) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_pictures_are_judged_by_a_run_from_elsewhere(elsewhere, tmp_path, capsys):
    picture = tmp_path / "x.png"
    picture.write_bytes(encode_png(np.full((300, 300), 140, np.uint8)))
    assert main(["predict", str(picture), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["probability"] == pytest.approx(1 / (1 + np.exp(-1)), abs=1e-4)
    assert main(["runs"]) == 0
    assert "brightness" in capsys.readouterr().out


def test_a_network_that_was_tampered_with_elsewhere_judges_nothing(elsewhere, tmp_path, capsys):
    picture = tmp_path / "x.png"
    picture.write_bytes(encode_png(np.full((300, 300), 140, np.uint8)))
    own = (elsewhere / "model.onnx").read_bytes()
    (elsewhere / "model.onnx").write_bytes(own.replace(b"brightness", b"brightnesS"))
    assert main(["predict", str(picture), "--json"]) == 1
    told = capsys.readouterr()
    assert "is damaged, or not the one its run.json describes" in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    "command",
    [
        ["train", "compact"],
        ["runs", "note", "brightness", "--tag", "x"],
        ["runs", "record"],
        ["evaluate", "brightness", "--stored", "--write"],
        ["shortcuts", "brightness", "--write"],
        ["data", "audit", "--write"],
        ["data", "thorax", "--write"],
        ["gate", "fit"],
        ["gate", "measure", "--outside", "."],
        ["lab", "again"],
        ["benchmark", "serve", "--write"],
    ],
)
def test_commands_that_write_are_refused_at_once(elsewhere, command, capsys):
    before = everything(elsewhere)
    folder = Paths.from_environment().artifacts
    kept = everything(folder)
    assert main(command) == 1
    told = capsys.readouterr().err
    assert f"The artifacts are read from {elsewhere.parent.parent.as_uri()}, and nothing" in told
    assert everything(elsewhere) == before
    assert everything(folder) == kept


def test_notes_and_imports_are_refused_whoever_asks(elsewhere):
    folder = Paths.from_environment().runs
    run = open_run(folder, "brightness")
    kept = everything(folder)
    for content in (annotations.Annotations(("a",)), annotations.Annotations()):
        with pytest.raises(RunError, match="nothing is ever written there"):
            annotations.write(run, content)
    found = read_uploads([("fox.csv", b"epoch,acc,loss\n0,0.5,0.9\n1,0.75,0.7\n")])
    with pytest.raises(RunError, match="nothing is ever written there"):
        import_runs(found, folder)
    assert everything(folder) == kept


def test_readings_are_not_kept_in_a_copy(elsewhere, monkeypatch):
    monkeypatch.delenv("XRAY_DATABASE_URL")
    with pytest.raises(StoreError, match=r"can be kept\. Set XRAY_DATABASE_URL"):
        Store.from_environment()


def test_the_hash_of_a_network_is_checked_against_what_was_fetched(elsewhere):
    run = open_run(Paths.from_environment().runs, "brightness")
    assert hashlib.sha256(network.stored(run)).hexdigest() == run.document["model_sha256"]
    assert run.folder != elsewhere


@pytest.mark.parametrize("page", ["read", "compare", "performance", "mistakes", "data", "about"])
def test_a_page_without_artifacts_is_one_sentence(page, tmp_path, monkeypatch):
    monkeypatch.setenv("XRAY_ARTIFACTS", (tmp_path / "nowhere").as_uri())
    monkeypatch.setenv("XRAY_CACHE", str(tmp_path / "cache"))
    app = AppTest.from_file(str(REPOSITORY / "dashboard" / "app.py"), default_timeout=60)
    app.switch_page(f"views/{page}.py").run()
    assert not app.exception
    assert [error.value.replace("\\", "") for error in app.error] == [
        f"**There are no artifacts at {(tmp_path / 'nowhere').as_uri()}.** XRAY_ARTIFACTS must "
        "name what holds runs/; check its spelling."
    ]
    mirror._watch.cache_clear()


def noting(folder):
    from pathlib import Path

    import streamlit as st

    from dashboard import errors
    from dashboard.sections import annotating, importing
    from pipeline.runs import open_run

    with errors.shown():
        st.title("Page")
        annotating.draw([open_run(Path(folder), "brightness")])
        importing.importing(Path(folder))


def test_the_page_says_so_before_anybody_types(elsewhere):
    annotations.write(open_run(elsewhere.parent, "brightness"), annotations.Annotations(("kept",)))
    runs = str(Paths.from_environment().runs)
    app = AppTest.from_function(noting, args=(runs,), default_timeout=60).run()
    assert not app.exception
    assert not app.error
    first, second = (info.value for info in app.info)
    assert "Write notes where they are kept" in first
    assert "Add runs where they are kept" in second
    assert app.multiselect[0].value == ["kept"]
    assert app.multiselect[0].disabled
    assert app.text_area[0].disabled
    assert len(app.file_uploader) == 0
