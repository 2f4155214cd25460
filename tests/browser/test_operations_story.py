"""One server, several people: places of real sessions, closed pages, the port for its operator."""

import json
import socket
import time
import urllib.error
import urllib.request

import pytest

from pipeline.config import REPOSITORY
from pipeline.images import encode_png

pytestmark = pytest.mark.browser

FILE_NAME = "Zwiebel^Philomena.png"
QUEUE_PAGE = f"""
import os, sys, time
from pathlib import Path
sys.path.insert(0, {str(REPOSITORY)!r})
import streamlit as st
from dashboard import background, fair_queue, metrics, operations
from pipeline.errors import Cancelled

fair_queue.ABSENCE_SECONDS = 1.0
operations.start()
go = Path(os.environ["GO"])

def work(progress, should_stop):
    while not go.exists():
        if should_stop():
            raise Cancelled("The work")
        time.sleep(0.05)
    return "done"

st.title("Work")
found = background.result("job", "key", work, metrics.EXPLANATION, "Work", "stop")
st.write(found or "not yet")
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Operations:
    """What an operator asks the port for."""

    def __init__(self, port: int):
        self._address = f"http://127.0.0.1:{port}"

    def ask(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"{self._address}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def figure(self, name: str) -> float:
        lines = self.ask("/metrics")[1].splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(f"{name} "))

    def wait_for(self, name: str, value: float) -> None:
        for _ in range(600):
            if self.figure(name) == value:
                return
            time.sleep(0.1)
        pytest.fail(f"{name} is {self.figure(name)}, not {value}")


@pytest.fixture
def operations() -> Operations:
    one = Operations(free_port())
    one.port = one._address.rpartition(":")[2]
    return one


def test_ten_real_sessions_wait_for_their_turn_and_one_is_closed(
    browser, serving, operations, tmp_path
):
    script, go = tmp_path / "page.py", tmp_path / "go"
    script.write_text(QUEUE_PAGE, encoding="utf-8")
    # Streamlit logs a page that is closed while it is spoken to.
    told = {"GO": str(go), "XRAY_OPERATIONS_PORT": operations.port}
    with serving(str(script), traces=True, **told) as address:
        context = browser.new_context()
        context.set_default_timeout(60_000)
        pages = []
        for number in range(10):
            page = context.new_page()
            page.goto(address)
            text = f"{number} before you" if number else "Work: 0 %"
            page.get_by_text(text).wait_for()
            pages.append(page)
        assert operations.figure("xray_queue_waiting") == 9
        assert operations.figure("xray_queue_running") == 1
        assert operations.figure("xray_active_sessions") == 10
        pages[1].close()
        pages[2].get_by_text("1 before you").wait_for()
        pages[9].get_by_text("8 before you").wait_for()
        pages[3].locator(".st-key-stop button").click()
        pages[9].get_by_text("7 before you").wait_for()
        pages[0].close()  # what runs for nobody ends, too
        pages[2].get_by_text("Work: 0 %").wait_for()
        go.touch()
        for page in (pages[2], *pages[4:]):
            page.get_by_text("done").wait_for()
        operations.wait_for('xray_jobs_total{kind="explanation",outcome="abandoned"}', 2)
        operations.wait_for("xray_queue_waiting", 0)
        context.close()


def test_the_port_tells_what_happened_and_nobodys_name(
    browser, serving, operations, settle, radiograph, tmp_path
):
    with serving(
        XRAY_SAMPLES=str(tmp_path / "none"),
        XRAY_DATABASE_URL=f"sqlite:///{tmp_path}/readings.sqlite",
        XRAY_OPERATIONS_PORT=operations.port,
        XRAY_LOG="json",
        STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL="10",
    ) as address:
        context = browser.new_context()
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.goto(address)
        page.locator(".st-key-source").get_by_text("Upload").click()
        settle(page)
        data = encode_png(radiograph)

        def upload(content: bytes) -> None:
            page.locator("input[type=file]").set_input_files(
                {"name": FILE_NAME, "mimeType": "image/png", "buffer": content}
            )

        upload(data)
        page.get_by_text("The model calls this").wait_for()
        settle(page)
        upload(data[: len(data) // 2])
        page.get_by_text("The picture is incomplete").wait_for()
        settle(page)

        assert operations.ask("/healthz") == (200, '{"alive": true}')
        status, ready = operations.ask("/readyz")
        assert (status, json.loads(ready)) == (200, {"ready": True, "not_ready": {}})
        assert operations.figure('xray_pictures_total{outcome="judged"}') == 1
        assert operations.figure('xray_pictures_total{outcome="unreadable"}') == 1
        assert operations.figure("xray_decode_seconds_count") == 2
        assert operations.figure("xray_active_sessions") == 1
        assert operations.figure("xray_uploaded_bytes") == len(data) // 2
        assert operations.figure("process_resident_memory_bytes") > 1e7
        # Pages do not tell it, whatever is asked of them.
        for path in ("/healthz", "/metrics", "/readyz"):
            with urllib.request.urlopen(f"{address}{path}", timeout=30) as answer:
                assert b"xray_pictures" not in answer.read()

        context.close()
        operations.wait_for("xray_active_sessions", 0)
        operations.wait_for("xray_uploaded_bytes", 0)
        told = operations.ask("/metrics")[1]
    log = address.log.read_text(encoding="utf-8")
    events = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    outcomes = [entry["outcome"] for entry in events if entry["event"] == "picture"]
    assert outcomes == ["judged", "unreadable"]
    assert all(len(entry["person"]) == 12 for entry in events if entry["event"] == "picture")
    for name in (FILE_NAME, "Zwiebel", "Philomena"):
        assert name.lower() not in (log + told).lower()
