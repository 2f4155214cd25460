"""A reader's mark on the picture: do the maps point to it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import state
from dashboard.sections.explaining import Explained
from dashboard.wording import viewer as wording
from pipeline.explain import Explanation
from pipeline.explain.counterfactual import area
from pipeline.explain.localisation import iou, pointing


def draw(altered: Mapping | None, found: Sequence[Explained]) -> None:
    """Say of every finished explanation whether it points to the reader's mark, if there is one.

    Parameters
    ----------
    altered : as the viewer tells it.
    """
    marks = [one for one in (altered or {}).get("rectangles", ()) if one["kind"] == "region"]
    if not marks:
        return
    finished = [one for one in found if one.job is None]
    with st.container(border=True, key=state.FINDING):
        st.markdown(f"**{wording.FINDING}**", help=wording.FINDING_HELP)
        for one in finished:
            st.markdown(_said(one.title, one.explanation, marks))
        if not finished:
            st.caption(wording.FINDING_FIRST)


def _said(title: str, explanation: Explanation, marks: Sequence[Mapping]) -> str:
    region = area(len(explanation.segments), marks)
    hit = pointing(explanation, region) if len(explanation.ranked("positive")) else None
    return wording.finding(title, explanation.target, hit, iou(explanation, region))
