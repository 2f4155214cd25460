"""The numbers behind a part of the Agreement page, to take away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import state
from pipeline.spreadsheet import csv_text


def offer(name: str, tables: Mapping[str, Sequence[Mapping]]) -> None:
    """Offer a table of `pipeline.observers.rows` as CSV, if there is anything in it."""
    if name not in tables:
        return
    st.download_button(
        "Download these figures (CSV)",
        csv_text(tables[name]),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"{state.SAVE_STATISTICS}_{name}",
        icon=":material/download:",
        on_click="ignore",
    )
