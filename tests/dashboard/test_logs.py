"""What is logged: one JSON object a line, closed fields, and nothing that names anybody."""

import json
import logging
import subprocess
import sys
import textwrap

import pytest

from dashboard import logs
from pipeline.config import REPOSITORY

SECRET = "Zwiebel^Philomena"


def lines_of(script: str, **environment: str) -> list[str]:
    """Run a script in a process of its own; return what it says on standard error."""
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        check=True,
        cwd=REPOSITORY,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY), **environment},
    )
    assert ended.stdout == ""
    return ended.stderr.splitlines()


SCRIPT = f"""
    import logging, threading, warnings
    from dashboard import errors, logs
    from streamlit.logger import get_logger
    get_logger("streamlit.early")
    logs.set_up()
    logs.set_up()
    logs.tell("picture", outcome="judged", picture="a" * 64, person="b" * 64, milliseconds=12)
    get_logger("streamlit.early").warning("Session %s", "{SECRET}")
    late = get_logger("streamlit.late")
    logs.set_up()
    try:
        raise KeyError("{SECRET}")
    except KeyError:
        late.exception("Went wrong")
    try:
        with errors.numbered():
            raise ValueError("{SECRET}")
    except errors.Broken:
        pass
    def broken():
        raise OSError("{SECRET}")
    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()
    warnings.warn("{SECRET}")
"""


def test_every_line_is_json_and_none_has_what_was_put_into_it():
    lines = lines_of(SCRIPT, XRAY_LOG="json")
    assert [line for line in lines if SECRET in line] == []
    told = [json.loads(line) for line in lines]
    events = [entry["event"] for entry in told]
    other = "line of another package"
    assert events == ["picture", "Session %s", other, "error", "thread ended", other]
    assert all({"time", "level"} <= set(entry) for entry in told)
    picture, session, wrong, error, thread, _ = told
    assert (picture["picture"], picture["person"]) == ("a" * 12, "b" * 12)
    assert picture["milliseconds"] == 12
    assert (session["level"], session["logger"]) == ("warning", "streamlit.early")
    assert wrong["type"] == "KeyError"
    assert error["type"] == "ValueError"
    assert len(error["number"]) == 8
    assert thread["type"] == "OSError"
    assert thread["place"].startswith("<string>:")


def test_without_the_switch_lines_are_as_they_were():
    script = """
        from dashboard import errors, logs
        logs.set_up()
        logs.tell("picture", outcome="judged", milliseconds=12)
        try:
            with errors.numbered():
                raise ValueError("Zwiebel")
        except errors.Broken:
            pass
    """
    (line,) = lines_of(script)
    assert line.startswith("error ")
    assert ": ValueError at <string>:" in line


@pytest.mark.parametrize(
    "fields", [{"name": SECRET}, {"outcome": 3}, {"milliseconds": 1.5}, {"milliseconds": True}]
)
def test_a_field_that_is_not_foreseen_is_refused(fields):
    with pytest.raises(ValueError, match="Expected fields of") as refused:
        logs.tell("picture", **fields)
    assert SECRET not in str(refused.value)


def test_a_line_break_cannot_begin_a_new_line():
    words = 'two\nlines "quoted" %s'
    record = logging.LogRecord("other", logging.INFO, "", 0, words, ("value",), None)
    line = logs.JsonLines().format(record)
    assert "\n" not in line
    assert json.loads(line)["event"] == words


def test_what_has_no_value_is_left_out(caplog):
    with caplog.at_level(logging.INFO, "dashboard.events"):
        logs.tell("picture", outcome="judged", person=None)
    assert caplog.records[-1].told == {"outcome": "judged"}
