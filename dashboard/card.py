"""A run's model card on a page: its sections one under the other, opened one at a time."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.plain import plain
from pipeline.card import Card, Chart, Facts, FigureTable, Quoted, Section, Text
from pipeline.card.page import number

# A drawing takes the colour of the text around it, which a picture on a page cannot know.
_INK = {"dark": "#d7dce2", "light": "#1d232a"}


def show(card: Card) -> None:
    """Draw the sections of a card; what the HTML file says, in the same words and figures."""
    for section in card.sections:
        with st.expander(section.heading):
            st.caption(section.asked_by)
            _blocks(section)
    with st.expander("Stored files"):
        st.caption(f"Every figure was computed from these files. Together: `{card.fingerprint}`.")
        st.dataframe(
            pd.DataFrame(
                {
                    "File": source.name,
                    "SHA-256": source.sha256,
                    "Bytes": source.size,
                    "Made by": source.command,
                }
                for source in card.sources
            ),
            hide_index=True,
        )


def _blocks(section: Section) -> None:
    charts = [block for block in section.blocks if isinstance(block, Chart)]
    for block in section.blocks:
        if isinstance(block, Text):
            st.markdown(block.markdown)
        elif isinstance(block, Quoted):
            st.markdown("\n".join(f"- {plain(one)}" for one in block.sentences))
        elif isinstance(block, Facts):
            _facts(block)
        elif isinstance(block, FigureTable):
            _figures(block)
        elif block is charts[0]:  # side by side, where there is room
            _charts(charts)


def _facts(facts: Facts) -> None:
    st.dataframe(
        pd.DataFrame(facts.rows, columns=["", facts.caption or " "]),
        hide_index=True,
        height="content",
    )


def _figures(table: FigureTable) -> None:
    st.markdown(f"**{table.caption}**")
    st.dataframe(
        pd.DataFrame(
            {
                "Figure": figure.name,
                "Value": number(figure.value),
                "Interval": "none"
                if figure.low is None
                else f"{number(figure.low)} to {number(figure.high)}",
                "n": figure.n,
            }
            for figure in table.figures
        ),
        hide_index=True,
        height="content",
    )
    st.caption(f"`{table.command}`")


def _charts(charts: list[Chart]) -> None:
    with st.container(horizontal=True):
        for chart in charts:
            with st.container(width=470):
                drawn = chart.svg.replace(
                    "currentColor", _INK.get(st.context.theme.type, "#7b8591")
                )
                st.image(drawn, width="stretch", alt=chart.caption)
                st.caption(chart.caption)
