"""Many people at once, measured with a few; how quick the server is, no test decides."""

import json
import os
import shutil
import socket
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dashboard import state, wording
from dashboard.wording import refusal
from pipeline.__main__ import main
from pipeline.benchmark import load
from pipeline.benchmark.load import figures, page
from pipeline.benchmark.load.messages import Screen
from pipeline.benchmark.load.pictures import Pictures
from pipeline.benchmark.load.plan import Plan
from pipeline.benchmark.process import busy_seconds, core_seconds, resident_mb
from pipeline.benchmark.server import serving
from pipeline.commands.benchmark_text import load_lines
from pipeline.config import REPOSITORY
from pipeline.errors import PipelineError
from pipeline.gate import check
from pipeline.images import read_picture

DASHBOARD = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py"]
HEADLESS = ["--server.headless=true", "--server.address=127.0.0.1"]
HEALTH = "/_stcore/health"
QUICK = (0.0, 0.1)


@pytest.fixture
def quick_network(brightness_run, monkeypatch):
    """A dashboard that is started in this test has a network that takes no time, and the gate."""
    artifacts = brightness_run.parent.parent
    shutil.copytree(REPOSITORY / "artifacts" / "gate", artifacts / "gate")
    monkeypatch.setenv("XRAY_ARTIFACTS", str(artifacts))
    return artifacts


def test_percentiles_are_those_of_the_values():
    assert figures.spread([float(n) for n in range(101)]) == {
        "n": 101,
        "p50": 50,
        "p95": 95,
        "p99": 99,
        "longest": 100,
    }
    assert figures.spread([]) == {"n": 0}


def test_growth_is_the_slope_of_the_memory():
    uploads = np.arange(1, 1001)
    noise = np.random.default_rng(0).normal(0, 5, 1000)
    found = figures.growth(uploads, 300 + 0.04 * uploads + noise, skip=320)
    assert found["low"] < 4 < found["high"]
    assert found["high"] - found["low"] < 2
    assert (found["from"], found["to"]) == (320, 1000)


def test_what_fills_up_at_first_is_no_growth():
    uploads = np.arange(1, 1001)
    filling = 300 + np.minimum(uploads, 320)
    noise = np.random.default_rng(1).normal(0, 5, 1000)
    found = figures.growth(uploads, filling + noise, skip=320)
    assert found["low"] < 0 < found["high"]


def test_too_few_uploads_tell_no_slope():
    found = figures.growth(range(1, 60), [100.0] * 59, skip=10)
    assert "mb_per_100_uploads" not in found
    assert figures.growth([], [], skip=10)["blocks"] == 0


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org",
        "http://192.168.0.7:8501",
        "http://0.0.0.0:8501",
        "https://127.0.0.1",
        "127.0.0.1:8501",
        "http://[::1",
        "http://127.0.0.1.example.org",
        "http://127.0.0.1:port",
        "",
    ],
)
def test_load_is_put_on_no_other_machine(address):
    with pytest.raises(PipelineError, match="of this machine"):
        Plan(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "[::1]"])
def test_load_may_be_put_on_this_machine_by_any_of_its_names(host):
    plan = Plan(f"http://{host}:8501", pause=(0.0, 1.0))
    assert Plan.from_json(plan.to_json()) == plan


def test_the_command_refuses_another_machine_with_a_sentence(capsys):
    assert main(["benchmark", "load", "--address", "http://192.168.0.7:8501"]) == 1
    assert "of this machine" in capsys.readouterr().err


def test_more_explanations_than_people_are_a_mistake():
    with pytest.raises(ValueError, match="Expected 0 to 2"):
        Plan("http://127.0.0.1", sessions=2, explanations=3)


def test_every_upload_is_another_picture_that_the_gate_accepts():
    pictures = Pictures()
    drawn = [pictures.draw() for _ in range(8)]
    assert len({one.data for one in drawn}) == 8
    assert [one.kind for one in drawn[:4]] == pictures.kinds
    read = [read_picture(one.data) for one in drawn]
    assert all(check(picture).accepted for picture in read)
    assert read[3].depth is not None, "a DICOM keeps its grey levels"
    # The stamp changes the file alone.
    for first, second in zip(read[:4], read[4:], strict=True):
        assert np.array_equal(first.image, second.image)


def test_the_widgets_looked_for_are_those_of_the_page():
    assert (page.SOURCE, page.UPLOAD, page.POINT) == (state.SOURCE, state.UPLOAD, state.POINT)
    assert (page.VIEWER, page.SAVE) == (state.VIEWER, state.SAVE_JSON)


def test_the_words_looked_for_are_those_of_the_page():
    assert all(page.VERDICT.search(words) for words in wording.DECISION.values())
    assert page.REFUSED.search(refusal.refused(["It is no X-ray."]))
    assert not page.REFUSED.search(refusal.overridden(["It is no X-ray."]))
    source = (REPOSITORY / "dashboard").rglob("*.py")
    told = [path for path in source if page.WAITING.search(path.read_text(encoding="utf-8"))]
    assert told, "no page says that an explanation waits"


def heading(body: str) -> ForwardMsg:
    message = ForwardMsg()
    message.delta.new_element.heading.body = body
    return message


def alert(body: str, kind: int) -> ForwardMsg:
    message = ForwardMsg()
    message.delta.new_element.alert.body = body
    message.delta.new_element.alert.format = kind
    return message


def progress(text: str) -> ForwardMsg:
    message = ForwardMsg()
    message.delta.new_element.progress.text = text
    return message


def test_errors_are_told_from_limits_and_from_verdicts():
    screen = Screen()
    screen.take(heading("The model calls this **normal**"))
    assert screen.verdict
    assert screen.verdict_seen > 0
    screen.take(alert("**That is more than 3 in one minute.** Try again in 20 s.", Alert.ERROR))
    assert "more than 3" in screen.limited
    assert screen.complaints == []
    screen.take(alert("The file is damaged.", Alert.ERROR))
    broken = ForwardMsg()
    broken.delta.new_element.exception.type = "KeyError"
    screen.take(broken)
    assert screen.complaints == ["The file is damaged.", "exception: KeyError"]
    screen.verdict = ""
    screen.take(alert(refusal.refused(["It is no X-ray."]), Alert.WARNING))
    assert screen.verdict, "a picture that is not judged was answered, too"


def test_places_in_the_queue_are_noted_whenever_they_change():
    screen = Screen()
    for text in (
        "LIME: waiting, 2 before you, about 9 s until it begins",
        "LIME: waiting, 2 before you, about 8 s until it begins",
        "LIME: waiting, 1 before you",
        "LIME: waiting, you are next",
        "LIME: 10 %",
    ):
        screen.take(progress(text))
    assert screen.waits == [2, 1, 0]
    screen.take(progress("LIME: waiting for another one to finish"))
    assert screen.waits[-1] is None


def test_a_message_that_the_server_does_not_repeat_is_remembered():
    first = ForwardMsg(hash="a")
    first.metadata.cacheable = True
    first.delta.fragment_id = "part"
    first.delta.new_element.bidi_component.id = "$$ID-0123-viewer"
    first.delta.new_element.bidi_component.json = json.dumps({"picture": "p"})
    screen = Screen()
    screen.take(first)
    assert screen.viewer() == {"picture": "p"}
    assert screen.kept_hashes == ["a"]
    screen.widgets.clear()
    screen.take(ForwardMsg(ref_hash="a"))
    assert screen.widgets["viewer"][1] == "part"
    screen.take(ForwardMsg(ref_hash="b"))
    assert screen.complaints == ["a message refers to one that never came"]


def test_the_system_tells_of_a_process():
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux has /proc")
    own = os.getpid()
    assert resident_mb(own) > 10
    assert 0 < core_seconds(own) <= busy_seconds()
    nobody = 2**22 + 1  # above the largest number that a process may have
    assert resident_mb(nobody) is None
    assert core_seconds(nobody) is None


@pytest.fixture
def told(quick_network):
    """What three people report of a dashboard that was started for them."""
    said = []
    report = load.measure(
        sessions=3, uploads=14, explanations=2, seconds=90, pause=QUICK, say=said.append
    )
    assert said[0] == "3 people have come."
    return report


def test_people_do_everything_on_a_real_dashboard(told):
    assert told["errors"] == {}
    assert told["uploads"] == 14
    assert len(told["kinds"]) == 4
    reading = told["steps"]["reading"]
    assert {
        "open the page",
        "prediction",
        "whole page",
        "toggle an overlay",
        "change the operating point",
        "take the numbers away",
        "turn to another page",
        "come back to the picture",
        "reconnect",
    } <= set(reading)
    for step in reading.values():
        assert 0 < step["p50"] <= step["p95"] <= step["p99"] <= step["longest"]
    assert told["steps"]["explaining"]["explanation"]["n"] == 2
    memory = told["memory"]
    assert memory["marks_mb"]["everybody has come"] <= memory["largest_mb"]
    assert told["cores"]["server"] > 0
    phases = told["core_seconds"]
    assert list(phases) == ["reading", "explaining", "uploading", "leaving"]
    assert sum(phase["uploads"] for phase in phases.values()) == told["uploads"]
    limit = told["limit"]
    assert limit["errors"] == {}
    assert limit["judged"] + limit["told"] == limit["uploads"]
    assert (limit["told"] > 0) is (find_spec("dashboard.limits") is not None)
    printed = "\n".join(load_lines(told))
    assert "Errors: none" in printed
    assert "asked for at once: 2, finished in time: 2" in printed
    assert all(f"while {phase}" in printed for phase in told["steps"])


def test_what_is_not_known_is_printed_as_that():
    nothing = {
        **{"sessions": 1, "uploads": 0, "asked_uploads": 1, "asked_explanations": 0},
        **{"took_seconds": 3.0, "shared": load.SHARED, "machine": {"cores": 2, "load": 0.1}},
        **{"steps": {}, "places": [[2, 1], [None]], "errors": {"the server closed the socket": 2}},
        **{"cores": {"server": None, "client": 0.1, "others": None}, "memory": None},
        **{"core_seconds": {}, "limit": None},
    }
    printed = "\n".join(load_lines(nothing))
    assert "2 x the server closed the socket" in printed
    assert "memory is not known" in printed
    assert "waited: 2, of these told their place: 1 (the last had 2 before it)" in printed


def test_a_dashboard_that_is_ended_meanwhile_is_a_sentence(quick_network):
    with (
        serving([*DASHBOARD, *HEADLESS], "--server.port={}", HEALTH) as server,
        pytest.raises(PipelineError, match="stopped answering after"),
    ):
        load.measure(2, 1000, 0, 120, server.address, QUICK, say=lambda _: server.process.kill())


def test_an_address_at_which_nobody_answers_is_a_sentence():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(PipelineError, match="stopped answering after 0 uploads"):
        load.measure(1, 1, 0, 30, f"http://127.0.0.1:{port}")


def test_a_silent_server_costs_no_more_than_the_time_that_was_given():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        report = load.measure(1, 1, 0, 3, address)
    assert report["uploads"] == 0
    assert report["errors"] == {"the time was over before the last step": 1}
