"""What the data set holds, and what is in it more than once."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from dashboard import figures, state
from dashboard.figures.palette import COLOURS
from dashboard.wording import data as told

_PLAIN = {"displayModeBar": False}


def draw_counts(audit: Mapping) -> None:
    chart, text = st.columns([3, 2], gap="large")
    chart.plotly_chart(
        figures.class_counts(audit["kinds"]),
        key="audit_counts",
        config=_PLAIN,
        alt="Share of normal, bacterial and viral pictures in each split",
    )
    text.markdown(told.counts(audit["files"]))
    rows = [
        {
            "Split": split,
            "Class": name,
            "Pictures": count,
            "Patients": audit["patients"][split][name],
        }
        for split, classes in audit["files"].items()
        for name, count in classes.items()
    ]
    text.dataframe(pd.DataFrame(rows), key=state.COUNTS_TABLE, hide_index=True)


def draw_siblings(audit: Mapping) -> None:
    chart, text = st.columns([3, 2], gap="large")
    chart.plotly_chart(
        figures.per_patient(audit["per_patient"]),
        key="audit_per_patient",
        config=_PLAIN,
        alt="How many patients have how many pictures",
    )
    text.markdown(told.SIBLINGS)
    text.markdown(told.crossing(audit))
    if "random_split" in audit:
        _draw_random_split(audit["random_split"])
    st.markdown(told.twins(audit["duplicates"]))
    if audit["identical"]:
        with st.expander("Which pictures are identical", icon=":material/content_copy:"):
            st.dataframe(
                pd.DataFrame(
                    {
                        "Splits": ", ".join(group["splits"]),
                        "Files": " = ".join(file.split("/")[-1] for file in group["files"]),
                        "n": len(group["files"]),
                    }
                    for group in audit["identical"]
                ),
                key=state.TWINS_TABLE,
                hide_index=True,
            )
    st.markdown(told.collisions(audit["collisions"]))


def _draw_random_split(split: Mapping) -> None:
    chart, text = st.columns([3, 2], gap="large")
    classes = {name.lower(): own for name, own in split["classes"].items()}
    chart.plotly_chart(
        figures.intervals(
            {f"mean and range over {split['seeds']} draws": {"all": split["sibling"], **classes}},
            [COLOURS[0]],
            "Share of the test pictures with a sibling in training",
            None,
        ),
        key="audit_random_split",
        config=_PLAIN,
        alt="What a random split leaks",
    )
    text.markdown(told.random_split(split))
