"""What a session remembers. The only file that names session keys and URL parameters.

Widget keys are listed here too, so that a test can find a widget and no two collide.
Uploads live here and nowhere else: in the memory of their own session.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import streamlit as st

# Widgets of the reading page.
SOURCE, UPLOAD, SAMPLE = "source", "upload", "sample"
RUN, POINT = "run", "point"
MASK, HEAT, OPACITY, COUNT, SIGN, DIM = "mask", "heat", "opacity", "k", "sign", "dim"
SEGMENTS, SAMPLES, SEED = "segments", "samples", "seed"
STOP, VIEWER, FETCH, STOP_FETCH = "stop", "viewer", "fetch", "stop_fetch"
SAVE_PNG, SAVE_JSON = "save_png", "save_json"
# Widgets of the comparing page; the first eight are also the parameters of its link.
COMPARED, METRICS, SMOOTHING, X_AXIS, LOG_Y = "runs", "metrics", "smoothing", "x", "log"
FILTER_TEXT, FILTER_ARCHITECTURES, FILTER_TAGS = "text", "architectures", "tags"
REFRESH, BEST_TABLE, SETTINGS_TABLE, SAVE_CSV = "refresh", "best", "settings", "csv"
# Widgets of the About page.
CARD_RUN = "card_run"

_UPLOAD = "kept_upload"
_MEMORY = "memory"
_JOBS = "jobs"
_CHOICES = "choices"
# A decoded picture may have 40 MB.
_REMEMBERED = {"picture": 2, "shown": 2, "base": 2}


def upload() -> bytes | None:
    """Return the bytes of the session's upload; they outlive a visit to another page."""
    return st.session_state.get(_UPLOAD)


def keep_upload(data: bytes | None) -> None:
    """Keep an upload for this session, or forget it; never its name, which is often a patient's."""
    st.session_state[_UPLOAD] = data


def remember(key: tuple, make: Callable[[], Any]) -> Any:
    """Return what `make` gave for `key` before in this session, or make it now.

    For everything derived from a patient's picture: a shared cache would outlive the session.
    The first part of the key is the kind of thing; of each kind the oldest is forgotten first.
    """
    memory = st.session_state.setdefault(_MEMORY, {}).setdefault(key[0], OrderedDict())
    if key not in memory:
        memory[key] = make()
        if len(memory) > _REMEMBERED.get(key[0], 16):
            memory.popitem(last=False)
    memory.move_to_end(key)
    return memory[key]


def recall(key: tuple) -> Any | None:
    return st.session_state.get(_MEMORY, {}).get(key[0], {}).get(key)


def job(name: str) -> Any | None:
    """Return the session's background job of that name."""
    return st.session_state.get(_JOBS, {}).get(name)


def keep_job(name: str, value: Any | None) -> None:
    st.session_state.setdefault(_JOBS, {})[name] = value


def choose(key: str, value: Any) -> None:
    """Set a widget's value when the page is next drawn from its top.

    Not at once: what a callback inside a fragment sets is overwritten by what the browser still
    shows outside of it.
    """
    st.session_state.setdefault(_CHOICES, {})[key] = value


def apply_choices() -> None:
    """Carry out what `choose` was asked for; to be called before any widget is drawn."""
    for key, chosen in st.session_state.pop(_CHOICES, {}).items():
        st.session_state[key] = chosen


def value(key: str, default: Any) -> Any:
    """Return a widget's value, or `default` before it is first drawn."""
    return st.session_state.get(key, default)


def in_link(key: str) -> list[str]:
    """Return what the address of the page says for `key`, whether or not it can be used."""
    return st.query_params.get_all(key)
