"""Who is here: a reader of a study, its owner, or nobody yet. A code decides."""

from __future__ import annotations

import streamlit as st

from dashboard import errors, resources, state
from dashboard.plain import plain
from dashboard.wording import reading_room as wording
from pipeline.errors import StoreError
from pipeline.readings.store import Seat, Store, Study


def owner() -> tuple[Store, Study] | None:
    """Return the study that this session's code owns; ask for a code, and return None, if none."""
    found = _entered("The owner's code of the study")
    if found is None:
        return None
    store, seat = found
    if seat.reader is not None:
        st.info(wording.READER_HERE, icon=":material/lock:")
        _leave()
        return None
    study = store.study(seat.study_id)
    _head(study, "owner")
    return store, study


def owned(store: Store) -> Study | None:
    """Return the study that this session's code owns; None, and nothing drawn, if it owns none."""
    seat = _seat(store)
    if seat is None or seat.reader is not None:
        return None
    study = store.study(seat.study_id)
    _head(study, "owner")
    return study


def reader() -> tuple[Store, Study, str] | None:
    """Return the study and the pseudonym that this session reads under; ask for a code if none."""
    found = _entered("Your code")
    if found is None:
        return None
    store, seat = found
    study = store.study(seat.study_id)
    if seat.reader is None:
        _head(study, "owner")
        st.info(wording.OWNER_HERE, icon=":material/supervisor_account:")
        return None
    _head(study, seat.reader)
    return store, study, seat.reader


def _entered(label: str) -> tuple[Store, Seat] | None:
    store = resources.readings_store()
    if not store.studies():
        st.info(wording.NO_STUDY, icon=":material/clinical_notes:")
        if not resources.servable_runs():
            st.info(
                "A study needs a trained network: train one with `python -m pipeline train "
                "compact`, then reload this page.",
                icon=":material/model_training:",
            )
        return None
    seat = _seat(store)
    if seat is not None:
        return store, seat
    ask(label)
    return None


def _seat(store: Store) -> Seat | None:
    code = state.seat()
    if not code:
        return None
    try:
        return store.enter(code)
    except StoreError as error:
        state.take_seat("")
        errors.explain(error)
        return None


def ask(label: str) -> None:
    """Ask for a code."""
    with st.form(state.ENTER, border=False):
        st.text_input(
            label,
            key=state.SEAT_TYPED,
            max_chars=60,
            placeholder="XXXX-XXXX-XXXX-XXXX",
            autocomplete="off",
            help=wording.ENTER,
            width=360,
        )
        st.form_submit_button(
            "Enter",
            icon=":material/login:",
            on_click=lambda: state.take_seat(state.value(state.SEAT_TYPED, "").strip()),
        )
    st.caption(wording.ENTER)


def _head(study: Study, who: str) -> None:
    row = st.container(horizontal=True, vertical_alignment="center")
    row.markdown(f"**{plain(study.title)}** · {plain(who)}", width="stretch")
    with row:
        _leave()


def _leave() -> None:
    st.button(
        "Leave",
        key=state.LEAVE,
        icon=":material/logout:",
        type="tertiary",
        on_click=state.take_seat,
        args=("",),
    )
