"""What stands below the training curves: what each run was worth, and what its curve says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import errors, resources, state, tables
from dashboard.sections import annotating, configurations, remarks
from dashboard.sections.fold import draw_when_open
from dashboard.wording import judging as told
from pipeline.comparison import NOT_RECORDED, differing_settings
from pipeline.errors import RunError
from pipeline.recorded import VALIDATED_ON_TEST
from pipeline.runs import Run

WARNING = ":material/warning:"
# Of more runs the settings stand one run a row: a table of forty columns nobody reads.
_MOST_COLUMNS = 8
_MOST_ROWS = 12

_FORMATS = {
    "parameters": "localized",
    **dict.fromkeys(("best_epoch", "epochs_wasted", "stop_epoch", "test_n", "epochs"), "%d"),
    **dict.fromkeys(("seconds", "seconds_per_epoch"), "%.0f"),
}
_WORDS = ("run", "test_interval", "drop_interval", "monitor", "architecture", "status")


def judging(
    chosen: Sequence[Run], histories: Mapping[str, pd.DataFrame], every: Sequence[Run]
) -> None:
    """Draw what is known of the chosen runs besides their curves.

    Parameters
    ----------
    histories : ``run.history()`` of each chosen run, by name.
    every : all stored runs, whose configurations can be set against each other.
    """
    if not chosen:
        st.info("No run is chosen. Choose one or more above.", icon=":material/info:")
        return
    rows = []
    for run in chosen:
        try:
            rows.append(resources.summary(run))
        except RunError as error:
            errors.explain(error)
    if empty := [run.name for run in chosen if histories[run.name].empty]:
        st.caption(f"No epoch of {told.listed(empty)} was recorded, so there is no curve of it.")
    if doubtful := [run.name for run in chosen if VALIDATED_ON_TEST in run.tags]:
        st.caption(
            f"{WARNING} {VALIDATED_ON_TEST.capitalize()}: {told.listed(doubtful)}; see below."
        )
    _table(rows)
    remarks.draw(rows)
    if len(chosen) > 1:
        _settings(chosen)
    st.subheader("Is one configuration better than another?")
    configurations.verdict(chosen, every)
    draw_when_open(
        "Settings against results",
        state.PARALLEL,
        lambda: configurations.parallel(chosen, rows),
    )
    remarks.under_way(chosen, histories)
    remarks.known(chosen)
    draw_when_open("Notes and tags", state.NOTES, lambda: annotating.draw(chosen))


def _table(rows: Sequence[Mapping]) -> None:
    heading, switch = st.columns([3, 1], vertical_alignment="bottom")
    heading.subheader("At the best epoch")
    every_figure = switch.toggle(
        "All figures",
        key=state.ALL_FIGURES,
        persist_state="session",
        help="Also last value, patience, gaps, test accuracy and n, seconds per epoch.",
    )
    st.dataframe(
        tables.best_figures(rows),
        key=state.BEST_TABLE,
        hide_index=True,
        column_order=tuple(told.FIGURES) if every_figure else told.FIRST,
        placeholder="-",
        column_config={name: _column(name) for name in told.FIGURES},
    )
    st.caption(told.BEST)
    if untested := [row["run"] for row in rows if row["test_n"] is None]:
        st.caption(
            f"No test figures: {told.listed(untested)}. A recorded run has no weights left to "
            "judge; an unfinished one is judged at its end; of an imported one only the curves "
            "are here."
        )


def _column(name: str):
    title, meaning = told.FIGURES[name]
    if name in _WORDS:
        return st.column_config.TextColumn(title, help=meaning, pinned=name == "run")
    return st.column_config.NumberColumn(title, help=meaning, format=_FORMATS.get(name, "%.3f"))


def _settings(chosen: Sequence[Run]) -> None:
    st.subheader("Settings that differ")
    many = len(chosen) > _MOST_COLUMNS
    different = differing_settings(chosen, by_run=many)
    if different.empty:
        st.caption("The chosen runs have the same settings.")
        return
    # A short table shows every line of itself; a long one scrolls.
    height = "content" if len(different) <= _MOST_ROWS else "auto"
    st.dataframe(different, key=state.SETTINGS_TABLE, height=height)
    st.caption(f"*{NOT_RECORDED}*: the run does not tell this setting; nothing was guessed.")
