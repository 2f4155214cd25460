"""Paired tests in plain words: which of the chosen runs differ, and which cannot be told apart."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from dashboard import state
from dashboard.sections.fold import draw_when_open
from dashboard.wording import performance as told
from pipeline.pairing import TESTS


def draw(compared: Mapping) -> None:
    """Draw what `pipeline.pairing.compare` found."""
    apart = [entry for entry in compared["pairs"] if told.differ(entry)]
    alike = [entry for entry in compared["pairs"] if not told.differ(entry)]
    for heading, entries, sentences in (
        ("They differ", apart, [entry["sentence"] for entry in apart]),
        ("They can't be told apart", alike, told.alike(alike, compared["n"])),
    ):
        if entries:
            st.markdown(f"**{heading}** ({len(entries)} of {told.pairs(compared)})")
            st.markdown("\n".join(f"- {sentence}" for sentence in sentences))
    draw_when_open(
        "The tests in figures",
        state.TESTS,
        lambda: st.dataframe(pd.DataFrame(_rows(compared)), key="tests", hide_index=True),
        icon=":material/functions:",
    )
    st.caption(told.paired_caption(compared))


def _rows(compared: Mapping) -> list[dict]:
    return [
        {
            "Run A": entry["a"],
            "Run B": entry["b"],
            "Figure": told.TEST_NAMES[test],
            "A − B": told.number(entry[test]["difference"]),
            "n": entry[test]["difference"]["n"],
            "p": entry[test]["p"],
            "p (Holm)": entry[test]["p_holm"],
            "Told apart": "yes" if entry[test]["told_apart"] else "no",
        }
        for entry in compared["pairs"]
        for test in TESTS
    ]
