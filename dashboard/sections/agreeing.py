"""Who agrees with whom: readers with each other and themselves, with the model, with the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import figures, state
from dashboard.sections import statistics_csv
from dashboard.sections.fold import draw_when_open
from dashboard.wording import observers as told
from pipeline.observers.agreement import Agreement, Pair, Repeat

_FIRST_COLUMN = {"First": st.column_config.TextColumn(pinned=True)}


def draw(one: Agreement, tables: Mapping[str, Sequence[Mapping]]) -> None:
    """Draw how far everybody agrees at one moment."""
    if one.group.readers > 1:
        st.markdown(told.group(one.group))
    else:
        st.info(told.ONE_READER, icon=":material/person:")
    chart, text = st.columns([3, 2], gap="large")
    place = {rater: position for position, rater in enumerate(one.raters)}
    chart.plotly_chart(
        figures.rater_matrix(
            [told.rater(rater) for rater in one.raters],
            {(place[pair.first], place[pair.second]): pair.kappa for pair in one.pairs},
        ),
        key="rater_matrix",
        config={"displayModeBar": False},
        alt="Cohen's kappa of every two of readers, model and truth",
    )
    text.markdown(told.KAPPA)
    if one.moment.aided:
        text.markdown(told.TOGETHER)
    for pair in one.pairs:
        if pair.paradox:
            text.warning(told.paradox(pair), icon=":material/balance:")
    draw_when_open(
        "Every two of them, in figures",
        state.PAIRS_OF_RATERS,
        lambda: st.dataframe(
            pd.DataFrame(_row(pair) for pair in one.pairs),
            hide_index=True,
            column_config=_FIRST_COLUMN,
        ),
        icon=":material/table_rows:",
    )
    st.caption(told.INTERVALS)
    statistics_csv.offer("agreement", tables)


def with_oneself(
    repeats: Sequence[Repeat], passes: int, tables: Mapping[str, Sequence[Mapping]]
) -> None:
    """Draw how far readers agree with themselves."""
    st.markdown(told.WITH_ONESELF)
    st.dataframe(
        pd.DataFrame(
            {
                "Reader": one.reader,
                "Answers": told.repeat(one, passes),
                "Kappa": told.number(one.pair.kappa),
                "Gwet's AC1": told.number(one.pair.ac1),
                "Equal calls": told.percent(one.pair.equal),
                "Confidence (weighted kappa)": told.number(one.pair.confidence),
                "n": one.pair.n,
            }
            for one in repeats
        ),
        hide_index=True,
    )
    statistics_csv.offer("repeats", tables)


def _row(pair: Pair) -> dict:
    return {
        "First": told.rater(pair.first),
        "Second": told.rater(pair.second),
        "Kappa": told.number(pair.kappa),
        "Gwet's AC1": told.number(pair.ac1),
        "Equal calls": told.percent(pair.equal),
        "Equal by chance": None if pair.chance is None else f"{100 * pair.chance:.0f} %",
        "Confidence (weighted kappa)": _if_asked(pair.confidence),
        "Picture quality (weighted kappa)": _if_asked(pair.quality),
        "n": pair.n,
    }


def _if_asked(figure: Mapping) -> str | None:
    return told.number(figure) if figure["n"] else None
