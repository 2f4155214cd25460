"""What is further down a page, drawn only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import errors


@st.fragment
def draw_when_open(label: str, key: str, draw: Callable[[], None], icon: str | None = None) -> None:
    """Offer a part of the page, and draw it only while it is open: charts take time."""
    with errors.shown(), st.expander(label, key=key, icon=icon, on_change="rerun") as box:
        if box.open:
            draw()
