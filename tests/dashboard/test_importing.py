"""Runs from elsewhere by upload: shown first, added when somebody says so."""

import io
import subprocess
import sys
import zipfile

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import state
from pipeline.config import REPOSITORY
from pipeline.runs import list_runs

LOG = b"epoch,acc,loss\n0,0.5,0.9\n1,0.75,0.7\n"


def page(folder):
    from pathlib import Path

    import streamlit as st

    from dashboard import errors
    from dashboard.sections.importing import importing

    with errors.shown():
        st.title("Page")
        importing(Path(folder))


@pytest.fixture
def app(tmp_path):
    return AppTest.from_function(page, args=(str(tmp_path / "runs"),)).run()


def sent(app, *files):
    app.file_uploader[0].set_value(list(files)).run()
    assert not app.exception
    assert not app.error
    return app


def test_an_upload_is_shown_before_anything_is_written(app, tmp_path):
    sent(app, ("fox.csv", LOG, "text/csv"))
    (row,) = app.dataframe[0].value.to_dict("records")
    assert row["name"] == "fox"
    assert row["source"] == "Keras CSVLogger"
    assert row["epochs"] == 2
    assert row["renamed"] == "acc -> accuracy"
    assert not (tmp_path / "runs").exists()


def test_the_button_adds_the_runs_and_empties_the_box(app, tmp_path):
    sent(app, ("fox.csv", LOG, "text/csv"))
    app.button(key=state.IMPORT_ADD).click().run()
    assert [run.name for run in list_runs(tmp_path / "runs").runs] == ["fox"]
    assert "Added: fox" in app.success[0].value
    assert len(app.dataframe) == 0
    sent(app, ("fox.csv", LOG, "text/csv"))
    app.button(key=state.IMPORT_ADD).click().run()
    assert "here already, as fox" in app.info[0].value
    assert [run.name for run in list_runs(tmp_path / "runs").runs] == ["fox"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("odd.json", b"{", "not JSON"),
        ("picture.png", b"\x89PNG\0", "not text"),
        ("broken.zip", b"PK\x03\x04", "not a whole ZIP"),
        ("runs.csv", b"Name,State,Runtime\nfox,done,1\n", "no curve"),
        ("empty.csv", b"", "no whole line"),
        ("events.out.tfevents.1", b"", "no figures"),
    ],
)
def test_a_bad_upload_gives_one_sentence_and_no_button(app, name, content, said):
    sent(app, (name, content, "application/octet-stream"))
    assert said in app.warning[0].value
    assert len(app.warning) == 1
    assert len(app.button) == 0


def test_a_zip_of_both_sides_is_one_run(app, tmp_path):
    from pipeline.exporting import to_tensorboard
    from pipeline.foreign import read_uploads
    from pipeline.importing import import_runs

    log = b"epoch,loss,val_loss\n1,0.5,0.6\n2,0.3,0.4\n"
    written = import_runs(read_uploads([("owl.csv", log)]), tmp_path / "before").runs
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in to_tensorboard(written, tmp_path / "logs"):
            archive.write(path, path.relative_to(tmp_path).as_posix())
    sent(app, ("logs.zip", packed.getvalue(), "application/zip"))
    (row,) = app.dataframe[0].value.to_dict("records")
    assert row["name"] == "owl"
    assert row["figures"] == "loss, val_loss"


def test_the_section_loads_neither_tensorflow_nor_a_tracker():
    script = (
        "import sys\nimport dashboard.sections.importing\n"
        "from pipeline.foreign import read_uploads\n"
        "read_uploads([('events.out.tfevents.1', bytes(40)), ('a.csv', b'epoch,a\\n1,2\\n')])\n"
        "print([n for n in ('tensorflow', 'keras', 'tensorboard', 'mlflow') if n in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    assert ended.stdout.strip() == "[]"
