"""What the reveal changed: calls, reliance, and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import figures
from dashboard.sections import statistics_csv
from dashboard.wording import gains
from dashboard.wording import observers as told
from pipeline.observers import Findings
from pipeline.observers.pace import PER
from pipeline.observers.reliance import OfPass


def draw(one: OfPass, passes: int) -> None:
    """Draw how readers relied on the model in one pass."""
    if passes > 1:
        st.markdown(f"**{told.moment(one.moment, passes).capitalize()}**")
    if not one.first:
        st.caption(told.AI_SHOWN_FIRST)
    if sum(one.all.flow.values()):
        st.markdown(gains.switches(one.all.flow))
        st.dataframe(pd.DataFrame(_outcomes(one)), hide_index=True)
    names = gains.RATES if one.first else gains.RATES_AI_FIRST
    st.markdown("\n".join(f"- {gains.rate(*names[name], one.all.rates[name])}" for name in names))
    if len(one.readers) > 1:
        with st.expander("Every reader, in figures", icon=":material/table_rows:"):
            st.dataframe(
                pd.DataFrame(_each(one, names)),
                hide_index=True,
                column_config={"Reader": st.column_config.TextColumn(pinned=True)},
                key=f"reliance_{one.moment.pass_number}",
            )


def _each(one: OfPass, names: Mapping[str, tuple[str, str]]) -> list[dict]:
    return [
        {
            "Reader": person.reader,
            "Figure": names[name][0],
            "Share": told.percent(person.rates[name]),
            "n": person.rates[name]["n"],
        }
        for person in one.readers
        for name in names
    ]


def _outcomes(one: OfPass) -> list[dict]:
    flow = one.all.flow
    return [
        {
            "Before the reveal": gains.OUTCOMES[first, model],
            "Answers": flow[first, model, True] + flow[first, model, False],
            "Right after it": flow[first, model, True],
            "Wrong after it": flow[first, model, False],
        }
        for first, model in gains.OUTCOMES
    ]


def time(found: Findings, passes: int, tables: Mapping[str, Sequence[Mapping]]) -> None:
    """Draw how long readers take, and whether that changes as they go."""
    moments = sorted(
        {one.moment for one in found.paces},
        key=lambda moment: (moment.pass_number, moment.aided),
    )
    by_place = {(one.reader, one.moment): one for one in found.paces}
    chart, text = st.columns([3, 2], gap="large")
    chart.plotly_chart(
        figures.pace(
            found.readers,
            [
                (
                    told.moment(moment, passes),
                    [_pace(by_place.get((reader, moment))) for reader in found.readers],
                )
                for moment in moments
            ],
        ),
        key="pace",
        config={"displayModeBar": False},
        alt="Median seconds a case of every reader with quartiles",
    )
    text.markdown(told.PACE)
    text.dataframe(
        pd.DataFrame(
            {
                "Reader": one.reader,
                "Answers": told.moment(one.moment, passes),
                "Median": f"{one.median:.0f} s ({one.lower:.0f} to {one.upper:.0f})",
                f"Trend, s per {PER} cases": _trend(one.trend),
                "n": len(one.seconds),
            }
            for one in found.paces
        ),
        hide_index=True,
    )
    with text:
        statistics_csv.offer("time", tables)


def _pace(one) -> dict | None:
    if one is None:
        return None
    return {"median": one.median, "lower": one.lower, "upper": one.upper, "n": len(one.seconds)}


def _trend(figure: Mapping) -> str:
    if figure["value"] is None:
        return f"none ({figure['why']})"
    return f"{figure['value']:+.1f} ({figure['low']:+.1f} to {figure['high']:+.1f})"
