"""What happened, for whoever runs the server: one JSON object a line if ``XRAY_LOG=json``.

Never a name, a file name, a pixel, or the message of an exception, which may quote any of them.
Otherwise lines stay as they are, and only errors are told.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
import traceback
from types import TracebackType

# What `tell` may say besides the event, and of what type.
FIELDS = {
    "outcome": str,
    "kind": str,
    "limit": str,
    "milliseconds": int,
    "waited_milliseconds": int,
    "person": str,
    "picture": str,
    "number": str,
    "type": str,
    "place": str,
}
# Enough to find what belongs together, too little to find anybody by.
_PREFIX = 12

_log = logging.getLogger("dashboard")
_events = logging.getLogger("dashboard.events")


def tell(event: str, level: int = logging.INFO, **fields: str | int | None) -> None:
    """Log an event; fields without a value are left out.

    Raises
    ------
    ValueError : for a field that is not in `FIELDS`, or of another type.
    """
    told = {}
    for name, value in fields.items():
        if value is None:
            continue
        if type(value) is not FIELDS.get(name):
            raise ValueError(
                f"Expected fields of {FIELDS}. Received: {name} of type {type(value).__name__}"
            )
        told[name] = value[:_PREFIX] if name in ("person", "picture") else value
    _events.log(level, event, extra={"told": told})


def error(number: str, found: BaseException) -> None:
    """Log what went wrong under a number that the user sees: its type and place."""
    kind, place = type(found).__name__, _place(found.__traceback__)
    _log.error(
        "error %s: %s at %s",
        number,
        kind,
        place,
        extra={"event": "error", "told": {"number": number, "type": kind, "place": place}},
    )


def _place(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"


class JsonLines(logging.Formatter):
    """One JSON object a line.

    Of other packages' lines the words are kept that stand in their code, not what was put into
    them. Where that cannot be told apart, only the place in their code is said.
    """

    def format(self, record: logging.LogRecord) -> str:
        told = getattr(record, "told", None)
        entry = {
            "time": f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
        }
        if told is not None:
            entry["event"] = getattr(record, "event", str(record.msg))
        else:
            entry["event"] = str(record.msg) if record.args else "line of another package"
            entry |= {"logger": record.name, "place": f"{record.pathname}:{record.lineno}"}
            if record.exc_info and record.exc_info[0]:
                entry |= {
                    "type": record.exc_info[0].__name__,
                    "place": _place(record.exc_info[2]),
                }
        return json.dumps(entry | (told or {}))

    converter = time.gmtime


def set_up() -> None:
    """Have this process log as ``XRAY_LOG`` says; may be called again and again.

    Loggers that Streamlit makes later, each with a handler of its own, are found by the next call.
    """
    if os.environ.get("XRAY_LOG") != "json":
        return
    for logger in [logging.root, *map(logging.getLogger, list(logging.root.manager.loggerDict))]:
        for handler in logger.handlers:
            if not isinstance(handler.formatter, JsonLines):
                handler.setFormatter(JsonLines())
    if not _log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        _log.addHandler(handler)
        _log.propagate = False
        _log.setLevel(logging.INFO)
        logging.captureWarnings(True)
        logging.getLogger("py.warnings").addHandler(handler)
        threading.excepthook = _of_thread


def _of_thread(args: threading.ExceptHookArgs) -> None:
    """Log what ended a thread, without its message."""
    kind = args.exc_type.__name__
    place = _place(args.exc_traceback)
    tell("thread ended", logging.ERROR, type=kind, place=place)
