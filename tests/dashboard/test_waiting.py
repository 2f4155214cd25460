"""Many explanations asked for at once: each page shows its place, and one that stops gives it up.

To one process all of these pages are the same person, so the limit of one person is lifted.
"""

import hashlib
import threading

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import jobs, metrics, state
from dashboard.jobs import Job, Owner
from dashboard.wording import operations as wording
from pipeline.config import REPOSITORY
from pipeline.errors import Cancelled
from pipeline.images import encode_png


@pytest.fixture
def busy(monkeypatch):
    """The one worker is busy until the test says otherwise: ``busy.set()``."""
    monkeypatch.setenv("XRAY_HEAVY_WAITING_PER_PERSON", "12")
    begun, go = threading.Event(), threading.Event()

    def work(progress, should_stop) -> None:
        begun.set()
        assert go.wait(300)

    Job("busy", work, metrics.TOUR, Owner("somebody else"))
    assert begun.wait(30)
    yield go
    go.set()


@pytest.fixture
def ask(radiograph, tmp_path, monkeypatch):
    """Open a page that asks for an explanation: ``ask(number)``."""
    monkeypatch.setenv("XRAY_SAMPLES", str(tmp_path))
    pages = []

    def open_it(number: int) -> AppTest:
        image = radiograph.copy()
        image[0, 0] = number
        data = encode_png(image)
        app = AppTest.from_file(str(REPOSITORY / "dashboard/app.py"), default_timeout=60)
        app.session_state[state._UPLOAD] = data
        app.session_state[state.SOURCE] = "Upload"
        app.session_state[state._ASKED] = {hashlib.sha256(data).hexdigest(): "mask"}
        app.run()
        assert not app.exception
        pages.append(app)
        return app

    yield open_it
    for app in pages:
        if state._JOBS in app.session_state and (job := job_of(app)):
            job.stop()


def job_of(app: AppTest) -> Job | None:
    return app.session_state[state._JOBS].get(state.EXPLAINED)


def place(app: AppTest) -> str:
    """Return what stands over the bar."""
    (bar,) = app.get("progress")
    return bar.proto.text


def test_ten_at_once_see_their_places_and_count_down(busy, ask):
    pages = [ask(number) for number in range(10)]
    assert [place(app) for app in pages] == [
        f"LIME: waiting, {number} before you" for number in range(1, 11)
    ]
    assert jobs.heavy().waiting == 10
    pages[2].button(state.STOP).click().run()
    assert not pages[2].get("progress")
    assert jobs.heavy().waiting == 9
    last = pages[9].run()
    assert place(last) == "LIME: waiting, 9 before you"
    # The verdict stood there all the time: only what explains it had to wait.
    assert any("The model calls this" in entry.value for entry in last.subheader)
    busy.set()
    first = job_of(pages[0])
    assert first.wait(120)
    pages[0].run()
    assert "Fidelity" in " ".join(entry.label for entry in pages[0].metric)


def test_beyond_the_places_one_sentence_and_a_button_to_try_again(busy, ask, monkeypatch):
    monkeypatch.setenv("XRAY_HEAVY_WAITING_PER_PERSON", "1")
    jobs._queues.clear()
    begun = threading.Event()

    def held(progress, should_stop) -> None:
        begun.set()
        while not should_stop():
            busy.wait(0.05)
        raise Cancelled("It")

    running = Job("busy", held, metrics.TOUR, Owner("somebody else"))
    assert begun.wait(30)
    ask(0)
    refused = ask(1)
    assert "You have 1 calculations waiting already" in refused.error[0].value
    assert not refused.get("progress")
    refused.run()
    assert len(refused.error) == 1, "it is not tried again unasked"
    running.stop()
    (again,) = [button for button in refused.button if button.label == wording.TRY_AGAIN]
    assert jobs.heavy().waiting <= 1
    first = next(job for job in [running] if job.wait(30))
    assert first.stopped
    while jobs.heavy().waiting:  # the first page's has its turn now
        pass
    again.click().run()
    assert not refused.error
    assert job_of(refused) is not None


def test_what_waits_does_not_hold_the_decoded_picture(busy, ask):
    app = ask(0)
    job = job_of(app)
    assert job.waiting
    held = [cell.cell_contents for cell in job._work.__closure__]
    sizes = [getattr(one, "nbytes", 0) for one in held]
    assert max(sizes) <= 192 * 192
    assert not any(type(one).__name__ == "Picture" for one in held)
