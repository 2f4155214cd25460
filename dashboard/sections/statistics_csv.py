"""The numbers behind a part of the Agreement page, to take away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import state

# How spreadsheets tell a formula; "" of an empty text is none.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def offer(name: str, tables: Mapping[str, Sequence[Mapping]]) -> None:
    """Offer a table of `pipeline.observers.rows` as CSV, if there is anything in it."""
    if name not in tables:
        return
    st.download_button(
        "Download these figures (CSV)",
        csv(tables[name]),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"{state.SAVE_STATISTICS}_{name}",
        icon=":material/download:",
        on_click="ignore",
    )


def csv(rows: Sequence[Mapping]) -> str:
    """Return rows as CSV; a pseudonym that a spreadsheet would run as a formula gets a mark."""
    safe = [
        {
            column: f"'{value}" if isinstance(value, str) and value[:1] in _FORMULA else value
            for column, value in row.items()
        }
        for row in rows
    ]
    return pd.DataFrame(safe).to_csv(index=False)
