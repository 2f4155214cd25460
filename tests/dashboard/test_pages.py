"""Every page opens without TensorFlow, with runs and without."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "views/read.py",
    "views/tour.py",
    "views/compare.py",
    "views/performance.py",
    "views/mistakes.py",
    "views/data.py",
    "views/about.py",
)


@pytest.fixture
def empty_installation(tmp_path, monkeypatch):
    """No run, no sample: a fresh machine whose artifacts were removed."""
    for name in ("XRAY_ARTIFACTS", "XRAY_SAMPLES", "XRAY_DATASET"):
        monkeypatch.setenv(name, str(tmp_path / name))


def open_page(page: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "dashboard/app.py"), default_timeout=60)
    app.run()
    return app if page == PAGES[0] else app.switch_page(page).run()


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_what_to_do_when_there_is_nothing(empty_installation, page):
    app = open_page(page)
    assert not app.exception
    assert not app.error
    assert "python -m pipeline train" in " ".join(entry.value for entry in app.info)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_carries_the_notice(page):
    app = open_page(page)
    assert not app.exception
    assert not app.error
    assert "not a medical device" in app.caption[0].value


def test_no_page_imports_tensorflow_or_keras():
    program = f"""
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("dashboard/app.py", default_timeout=60).run()
for page in {PAGES[1:]!r}:
    app.switch_page(page).run()
    assert not app.exception, app.exception
assert "onnxruntime" in sys.modules
print([name for name in ("tensorflow", "keras", "tf2onnx", "jax") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_an_unforeseen_error_shows_a_number_and_no_traceback(monkeypatch, caplog):
    from dashboard import resources

    def broken():
        raise KeyError("person1_bacteria_2.jpeg")

    monkeypatch.setattr(resources, "servable_runs", broken)
    app = open_page(PAGES[0])
    assert not app.exception
    assert "number" in app.error[0].value
    assert "person1" not in app.error[0].value + caplog.text
    assert "KeyError" in caplog.text
