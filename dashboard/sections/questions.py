"""A study's questions, as a reader answers them: with the mouse, a finger or the keyboard."""

from __future__ import annotations

import streamlit as st

from dashboard import state
from dashboard.desk import Desk
from dashboard.plain import plain
from dashboard.wording import reading_room as wording
from pipeline.readings.reading import QUALITIES

_MIDDLE = 50


def ask(desk: Desk) -> None:
    """Draw the questions; what is chosen is in the desk's draft."""
    _call(desk)
    if desk.study.design.scale == 5:
        _five_points(desk)
    else:
        _hundred_points(desk)
    _others(desk)


def _call(desk: Desk) -> None:
    st.markdown("**Your call**")
    row = st.container(horizontal=True)
    for pneumonia, key in ((True, "Y"), (False, "N")):
        chosen = desk.draft.get("pneumonia") is pneumonia
        if row.button(
            wording.CALLS[pneumonia],
            key=f"{state.CALL}_{key}_{desk.name}",
            type="primary" if chosen else "secondary",
            icon=":material/check:" if chosen else None,
            shortcut=key,
        ):
            _choose(desk, "pneumonia", pneumonia)


def _five_points(desk: Desk) -> None:
    st.markdown("**How sure are you of it?**")
    row = st.container(horizontal=True)
    for points, word in wording.SURE.items():
        chosen = desk.draft.get("confidence") == points
        if row.button(
            word,
            key=f"{state.CONFIDENCE}_{points}_{desk.name}",
            type="primary" if chosen else "secondary",
            shortcut=str(points),
        ):
            _choose(desk, "confidence", points)


def _choose(desk: Desk, question: str, chosen: bool | int) -> None:
    desk.draft[question] = chosen
    desk.keep()
    st.rerun()  # the buttons above were drawn with what was chosen before


def _hundred_points(desk: Desk) -> None:
    key = f"{state.CONFIDENCE}_{desk.name}"

    def moved() -> None:
        desk.draft["confidence"] = state.value(key, _MIDDLE)

    st.slider(
        "**How sure are you of it?** 1 is a guess, 100 certain",
        1,
        100,
        desk.draft.get("confidence") or _MIDDLE,
        key=key,
        on_change=moved,
    )
    if desk.draft.get("confidence") is None:
        st.caption("Not answered yet: move it.")


def _others(desk: Desk) -> None:
    design, draft = desk.study.design, desk.draft
    if design.findings:
        draft["findings"] = st.pills(
            "**Findings** you see",
            design.findings,
            format_func=plain,
            selection_mode="multi",
            default=[one for one in draft.get("findings", ()) if one in design.findings],
            key=f"{state.FINDINGS}_{desk.name}",
        )
    if design.quality:
        draft["quality"] = st.segmented_control(
            "**How good is the picture** for this question?",
            QUALITIES,
            default=draft.get("quality"),
            key=f"{state.QUALITY}_{desk.name}",
        )
    if design.regions:
        marked = len(draft.get("regions", ()))
        st.caption(
            f":material/crop_free: {marked} marked on the picture."
            if marked
            else f":material/crop_free: {wording.MARK_HINT}"
        )
