"""Pictures sent through the page's own box: counted once, refused with a sentence, then taken."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import limits, state, uploads
from dashboard.limits import Buckets, LimitReached
from dashboard.wording import operations as wording
from pipeline.config import REPOSITORY
from pipeline.images import encode_png


@pytest.fixture
def now(monkeypatch) -> list[float]:
    """A clock of the test's own for every limit."""
    seconds = [0.0]
    monkeypatch.setattr(limits, "_buckets", Buckets(lambda: seconds[0]))
    return seconds


@pytest.fixture
def page(tmp_path, monkeypatch, now) -> AppTest:
    monkeypatch.setenv("XRAY_SAMPLES", str(tmp_path))
    app = AppTest.from_file(str(REPOSITORY / "dashboard/app.py"), default_timeout=60)
    app.session_state[state.SOURCE] = "Upload"
    return app.run()


def send(app: AppTest, data: bytes) -> AppTest:
    app.file_uploader(state.UPLOAD).set_value(("chest.png", data, "image/png")).run()
    assert not app.exception
    return app


def judged(app: AppTest) -> bool:
    return any("The model calls this" in entry.value for entry in app.subheader)


def test_one_picture_too_many_is_refused_and_taken_once_there_is_time(
    page, radiograph, monkeypatch, now
):
    monkeypatch.setenv(limits.UPLOADS.variable, "2")
    for level in (0, 1):
        assert judged(send(page, encode_png(radiograph // 2 + level)))
    page.run()  # drawing the page anew sends nothing
    page.run()
    send(page, encode_png(radiograph))
    (error,) = page.error
    assert "more than 2 pictures uploaded in one minute" in error.value
    assert error.value.endswith("Try again in 30 s.")
    assert not judged(page)
    now[0] += 30
    page.run()
    assert not page.error
    assert judged(page)


def test_a_picture_that_found_no_room_is_said_to_have_found_none(page, radiograph, monkeypatch):
    full = LimitReached(*wording.too_much_kept(1024, of_server=False))
    monkeypatch.setattr(uploads, "refused", lambda file_id: full)
    send(page, encode_png(radiograph))
    assert "more than 1024 MB" in page.error[0].value
    assert not judged(page)
