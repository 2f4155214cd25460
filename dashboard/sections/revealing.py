"""What a reader is shown of the model, and what they say to it."""

from __future__ import annotations

import streamlit as st

from dashboard import figures, state, wording
from dashboard.desk import Desk, draft_of
from dashboard.sections import questions
from dashboard.wording import reading_room as words
from pipeline.readings.reading import LONGEST_COMMENT

_PLAIN = {"displayModeBar": False, "staticPlot": True}


def model(desk: Desk) -> None:
    """Show what the pass shows of the model."""
    shown = desk.progress.shown
    st.markdown(f"#### {words.call(shown)}")
    if shown.arm in ("score", "overlay"):
        st.plotly_chart(
            figures.verdict_scale(shown.probability, shown.threshold),
            key=f"scale_{desk.name}",
            config=_PLAIN,
        )
        point = wording.operating_point(desk.study.design.operating_point)
        st.caption(words.probability(shown, point))


def reply(desk: Desk) -> None:
    """Ask whether the reader keeps the locked answer or changes it."""
    first, draft = desk.progress.first, desk.draft
    st.markdown(f"Your locked answer: {words.answer(first, desk.study.design)}.")
    row = st.container(horizontal=True)
    changes = draft.get("changes")
    for value, label, key, shortcut in (
        (False, words.keeping(first, desk.progress.shown), state.KEEP, "A"),
        (True, "I change it", state.CHANGE, "X"),
    ):
        if row.button(
            label,
            key=f"{key}_{desk.name}",
            type="primary" if changes is value else "secondary",
            icon=":material/check:" if changes is value else None,
            shortcut=shortcut,
        ):
            if value and not changes:
                draft.update(draft_of(first))
            draft["changes"] = value
            desk.keep()
            st.rerun()
    if changes:
        questions.ask(desk)


def regions(desk: Desk) -> None:
    """Ask what the reader thinks of each highlighted region."""
    if not desk.highlighted:
        if desk.progress.shown.explanation is not None:
            st.caption("Nothing in this picture is evidence for the model's call.")
        return
    st.markdown("**Are these regions plausible** for what the model says?")
    ratings = desk.draft.setdefault("ratings", {})
    for number, one in enumerate(desk.highlighted, 1):
        name = str(one["superpixel"])
        rated = ratings.setdefault(name, {})
        rated["judgement"] = st.segmented_control(
            words.highlighted(number, one["weight"]),
            list(words.JUDGEMENTS),
            default=rated.get("judgement"),
            format_func=words.JUDGEMENTS.get,
            key=f"{state.RATED}_{name}_{desk.name}",
        )
        if rated["judgement"]:
            rated["why"] = st.text_input(
                f"Why, region {number}",
                rated.get("why", ""),
                max_chars=LONGEST_COMMENT,
                placeholder="Why? (optional)",
                label_visibility="collapsed",
                key=f"{state.RATED_WHY}_{name}_{desk.name}",
            )


def comment(desk: Desk) -> None:
    """Ask for anything else that is to be said of the case."""
    desk.draft["comment"] = st.text_area(
        "Comment (optional; nothing that names a patient)",
        desk.draft.get("comment", ""),
        max_chars=LONGEST_COMMENT,
        height=68,
        key=f"{state.COMMENT}_{desk.name}",
    )


def done(desk: Desk) -> None:
    """Say what was stored."""
    progress, design = desk.progress, desk.study.design
    if progress.first is not None:
        st.markdown(f"Your answer: {words.answer(progress.first, design)}.")
    if progress.shown is not None:
        model(desk)
        if progress.first != progress.final:
            st.markdown(f"Then: {words.answer(progress.final, design)}.")
    st.success(words.LOCKED, icon=":material/lock:")
