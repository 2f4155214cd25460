"""Runs side by side: every figure with its interval, and what seeds alone do to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import figures, state, wording
from dashboard.wording import performance as told
from pipeline.evaluation import LOWER_IS_BETTER
from pipeline.performance import table
from pipeline.runs import Run
from pipeline.spreadsheet import csv_text

TITLES = {name: wording.SHARE_NAMES.get(name, "Calibration error (ECE)") for name in table.COMPARED}


def draw(
    runs: Sequence[Run],
    reports: Mapping[str, Mapping],
    split: str,
    colours: Mapping[str, str],
    symbols: Mapping[str, str],
) -> None:
    """Draw the chosen `runs` by the `reports` of `split` at each run's own operating point."""
    rows = [row for run in runs for row in table.figure_rows(run, reports[run.name], split)]
    st.plotly_chart(
        figures.forest(reports, TITLES, LOWER_IS_BETTER, colours, symbols),
        key="forest",
        config={"displayModeBar": False},
        alt="Figures of the chosen runs with their 95 % intervals",
    )
    shown = [
        {
            "Run": run.name,
            **{
                TITLES[name]: told.number(reports[run.name]["figures"][name])
                for name in table.COMPARED
            },
            "Operating point": wording.operating_point(run.document["operating_point"]),
            "Threshold": reports[run.name]["threshold"],
            "n": reports[run.name]["n"],
            "Weights": "stored" if run.servable else "not stored",
        }
        for run in runs
    ]
    st.dataframe(
        pd.DataFrame(shown),
        key="figures",
        hide_index=True,
        column_config={
            "Run": st.column_config.TextColumn(pinned=True),
            "Threshold": st.column_config.NumberColumn(format="%.3f"),
        },
    )
    st.caption(f"{told.INTERVALS} Each run at its own operating point, chosen on validation.")
    for group in table.seed_groups(runs):
        names = [run.name for run in group]
        over = table.over_seeds([row for row in rows if row["run"] in names])
        st.markdown(told.seeds(names, over, TITLES))
    if table.seed_groups(runs):
        st.caption(
            "Mean and range over runs that differ only by the seed: what chance alone does in "
            "training. n is the number of runs named."
        )
    st.download_button(
        "Download these figures (CSV)",
        csv_text(rows, table.COLUMNS),
        file_name=f"performance-{split}.csv",
        mime="text/csv",
        key=state.SAVE_FIGURES,
        icon=":material/download:",
        on_click="ignore",
    )
    names = " ".join(run.name for run in runs)
    st.caption(f"From `metrics.json`; `python -m pipeline evaluate {names} --stored` remakes it.")
