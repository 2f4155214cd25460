"""The reading room: for readers of a study, who judge one case after the other.

They read blind, lock their answer, see the model, and say what they make of it. They decide
nothing about a child: the study counts how readers and model agree.
"""

import streamlit as st

from dashboard import errors, state, viewer
from dashboard.desk import ASSISTED, DONE, READING, Desk
from dashboard.sections import questions, revealing, study_access, worklist
from dashboard.viewer import Layer
from dashboard.wording import reading_room as wording
from pipeline.errors import StoreError

st.title("Reading room")

found = study_access.reader()
if found is None:
    st.stop()
store, study, reader = found
items = worklist.due(store.worklist(study.id, reader))
if not items:
    st.stop()
item = worklist.chosen(items)
desk: Desk | None = state.desk()
if desk is None or not desk.holds(study, reader, item):
    desk = Desk(store, study, reader, item)
    state.keep_desk(desk)
design = study.design

seen, said = st.columns([3, 2], gap="large")
with said:
    worklist.place(items, item)
with seen:
    explanation = desk.explanation
    told = viewer.show(
        desk.picture,
        [Layer("first", "The model", explanation)] if explanation else [],
        label=f"Chest X-ray, case {item.position}",
        tools=("regions",) if design.regions else (),
        scene=desk.scene,
        marks=desk.marks,
        locked=desk.locked,
        numbered=True,
        asked="mask" if explanation else "",
        key=state.READING_VIEWER,
    )
    for note in desk.picture.notes:
        st.caption(f":material/info: {note}")
desk.mark(told.altered["rectangles"] if told.altered else None)

with said:
    if desk.step == READING:
        st.caption(wording.instruction(desk.one))
        questions.ask(desk)
        missing = wording.missing(design, desk.draft)
        if not desk.one.reveals:
            revealing.comment(desk)
    elif desk.step == ASSISTED:
        st.caption(wording.instruction(desk.one))
        revealing.model(desk)
        questions.ask(desk)
        missing = wording.missing(design, desk.draft)
        revealing.regions(desk)
        revealing.comment(desk)
    elif desk.step == DONE:
        revealing.done(desk)
    else:
        revealing.model(desk)
        revealing.reply(desk)
        missing = wording.unanswered(design, desk.draft)
        revealing.regions(desk)
        revealing.comment(desk)

    desk.keep()
    if desk.step != DONE:
        shows = desk.step == READING and desk.one.reveals
        if missing:
            st.caption(f":material/pending: {missing}")
        if st.button(
            "Lock my answer and see the model" if shows else "Store and go on",
            key=f"{state.LOCK}_{desk.name}",
            type="primary",
            icon=":material/lock:",
            shortcut="Enter",
            disabled=bool(missing),
        ):
            try:
                desk.lock() if desk.step == READING else desk.finish()
            except StoreError as error:
                state.keep_desk(None)  # another window was quicker: what is stored counts
                errors.explain(error)
                st.stop()
            if desk.step == DONE:
                state.open_case(None)
            st.rerun()
    st.caption(f":material/keyboard: {wording.KEYS}")
