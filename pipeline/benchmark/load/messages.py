"""What Streamlit sends a browser, as far as somebody looks at it: protobufs in, a page out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from pipeline.benchmark.load import page

# An element's identity: this, a digest, and the key that the page gave its widget.
_ID_PREFIX = "$$ID-"


@dataclass
class Screen:
    """What a browser shows and knows.

    Attributes
    ----------
    session : the server's name for it; "" before the first page.
    runs, finished : how often the page was begun from its top; the last of them that was ended.
    fragments : how often a part of it was ended.
    widgets : element and fragment by the key of the widget.
    pages : the hash of each page by the end of its address.
    query : what the server gave the address.
    verdict, verdict_seen : the newest, and when it came.
    limited : what was said instead because somebody asked too often.
    complaints : errors that the page showed, and messages that cannot be understood.
    waits : how many were before the one who waits for an explanation, each time that changed; None
        where it is not told.
    answers : what the server said to requests, by their number.
    """

    session: str = ""
    page: str = ""
    query: str = ""
    runs: int = 0
    finished: int = 0
    fragments: int = 0
    widgets: dict[str, tuple[Any, str]] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    verdict: str = ""
    verdict_seen: float = 0.0
    limited: str = ""
    complaints: list[str] = field(default_factory=list)
    waits: list[int | None] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    ticking: dict[str, float] = field(default_factory=dict)
    _kept: dict[str, tuple[ForwardMsg, int]] = field(default_factory=dict)
    _alive: set[str] = field(default_factory=set)
    _oldest: int = 2
    _read: tuple[Any, dict] = (None, {})

    @property
    def kept_hashes(self) -> list[str]:
        """Messages that need not be sent again."""
        return list(self._kept)

    @property
    def widget_ids(self) -> set[str]:
        return {element.id for element, _ in self.widgets.values()}

    def viewer(self) -> dict:
        """Return what the viewer was told last; {} before it is there."""
        if page.VIEWER not in self.widgets:
            return {}
        component = self.widgets[page.VIEWER][0]
        if (
            self._read[0] is not component
        ):  # a few hundred kB, and somebody may ask at every message
            kind = component.WhichOneof("data")
            told = component.mixed.json if kind == "mixed" else component.json
            self._read = (component, json.loads(told))
        return self._read[1]

    def take(self, message: ForwardMsg) -> None:
        """Bring what is shown up to date."""
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            if message.ref_hash not in self._kept:
                self.complaints.append("a message refers to one that never came")
                return
            known = self._kept[message.ref_hash][0]
            self._kept[message.ref_hash] = (known, self.runs)
            self._element(known.delta)
        elif kind == "delta":
            if message.metadata.cacheable:
                self._kept[message.hash] = (message, self.runs)
            if message.delta.WhichOneof("type") == "new_element":
                self._element(message.delta)
        elif kind == "new_session":
            self._begun(message)
        elif kind == "script_finished":
            self._ended(message.script_finished)
        elif kind == "navigation":
            told = message.navigation.app_pages
            self.pages = {one.url_pathname: one.page_script_hash for one in told}
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            self.ticking[message.auto_rerun.fragment_id] = message.auto_rerun.interval
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self.ticking.pop(fragment, None)
        elif kind == "file_urls_response":
            self.answers[message.file_urls_response.response_id] = message.file_urls_response
        elif kind == "backend_operation_response":
            self.answers[message.backend_operation_response.request_id] = (
                message.backend_operation_response
            )

    def _begun(self, message: ForwardMsg) -> None:
        told = message.new_session
        self.session = told.initialize.session_id
        if message.metadata.run.fragment_ids:
            return
        self.runs += 1
        self.page = told.page_script_hash
        self.ticking.clear()
        self._alive = set()
        self._oldest = told.config.max_cached_message_age or self._oldest

    def _ended(self, how: int) -> None:
        if how == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY:
            self.fragments += 1
        elif how == ForwardMsg.FINISHED_SUCCESSFULLY:
            self.finished = self.runs
            self.widgets = {key: kept for key, kept in self.widgets.items() if key in self._alive}
            self._kept = {
                name: (message, used)
                for name, (message, used) in self._kept.items()
                if self.runs - used < self._oldest
            }
        elif how == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            self.complaints.append("the page cannot be compiled")

    def _element(self, delta) -> None:
        kind = delta.new_element.WhichOneof("type")
        if kind is None:
            return
        element = getattr(delta.new_element, kind)
        identity = getattr(element, "id", "")
        if identity.startswith(_ID_PREFIX):
            key = identity.split("-", 2)[2]
            self.widgets[key] = (element, delta.fragment_id)
            self._alive.add(key)
        if kind == "exception":
            self.complaints.append(f"exception: {element.type}")
        elif kind == "heading" and page.VERDICT.search(element.body):
            self._judged(element.body)
        elif kind == "alert":
            self._alerted(element)
        elif kind == "progress" and (waits := page.WAITING.search(element.text)):
            self._waits(0 if waits["next"] else waits["before"])

    def _alerted(self, alert) -> None:
        if alert.format == Alert.ERROR and page.LIMITED.search(alert.body):
            self.limited = alert.body
        elif alert.format == Alert.ERROR:
            self.complaints.append(alert.body)
        elif page.REFUSED.search(alert.body):
            self._judged(alert.body)

    def _waits(self, before: int | str | None) -> None:
        place = None if before is None else int(before)
        if self.waits[-1:] != [place]:
            self.waits.append(place)

    def _judged(self, words: str) -> None:
        self.verdict, self.verdict_seen = words, perf_counter()
