"""Tags and a note on a run, written by whoever looks at it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import errors, identity, resources, state
from dashboard.wording import judging as told
from dashboard.wording import signing_in
from pipeline import annotations
from pipeline.errors import RunError
from pipeline.runs import Run
from pipeline.storage import mirrored


def draw(chosen: Sequence[Run]) -> None:
    """Let tags and note of one of the chosen runs be changed by whoever may, and read by others."""
    by_name = {run.name: run for run in chosen}
    run = by_name[st.selectbox("Run", list(by_name), key=state.NOTED)]
    try:
        own = annotations.read(run)
    except RunError as error:
        errors.explain(error)
        return
    if not identity.visitor().may(identity.Role.OWNER):
        st.text(own.note or "No note.")
        st.caption(", ".join(own.tags) or "No tags.")
        st.caption(f":material/lock: {signing_in.CHANGES}")
        return
    place = mirrored(run.folder)
    if place:
        st.info(
            f"The runs are read from {place}, and nothing is written there. Write notes where they "
            "are kept: `python -m pipeline runs note RUN`. They appear here by themselves.",
            icon=":material/info:",
        )
    # The version is part of the keys: what somebody else wrote meanwhile is shown at once.
    version = f"{run.name} {resources.stamp(run.folder / annotations.FILE)}"
    with st.form(f"{state.NOTES} {version}", border=False):
        tags = st.multiselect(
            "Tags",
            own.tags,
            default=own.tags,
            key=f"{state.NOTE_TAGS} {version}",
            accept_new_options=True,
            max_selections=annotations.MOST_TAGS,
            placeholder="Type a tag and press Enter",
            disabled=bool(place),
        )
        note = st.text_area(
            "Note",
            own.note,
            key=f"{state.NOTE_TEXT} {version}",
            max_chars=annotations.LONGEST_NOTE,
            placeholder="What should others know about this run?",
            disabled=bool(place),
        )
        saved = st.form_submit_button(
            "Save", key=state.NOTE_SAVE, icon=":material/save:", disabled=bool(place)
        )
    st.caption(told.NOTED)
    if not saved:
        return
    try:
        annotations.write(run, annotations.Annotations(tuple(tags), note))
    except RunError as error:  # what was typed stays in its boxes
        errors.explain(error)
    else:
        st.rerun()
