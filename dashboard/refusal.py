"""A picture that the gate refuses: say why, and let a reason open it all the same."""

from __future__ import annotations

import streamlit as st

from dashboard import state
from dashboard.wording import refusal as wording
from pipeline.classifier import Verdict

_LONGEST = 200


def ask(verdict: Verdict) -> str | None:
    """Show why the picture is refused; return why it is judged anyway, None while it is not.

    The reason stays in the session: nothing of it reaches disk or log.
    """
    reason = state.override(verdict.sha256)
    if reason is None:
        st.warning(wording.refused(verdict.gate.reasons), icon=":material/block:")
        _form(verdict.sha256)
        return None
    st.warning(wording.overridden(verdict.gate.reasons), icon=":material/block:")
    st.caption("Reason given:")
    st.text(reason)  # as it was typed: no markdown in it
    st.button(
        wording.TAKE_BACK,
        key=state.TAKE_BACK,
        icon=":material/undo:",
        on_click=state.keep_override,
        args=(verdict.sha256, None),
    )
    return reason


def _form(sha256: str) -> None:
    # A name of its own for every picture: what was typed for one is no reason for the next.
    field = f"{state.OVERRIDE_REASON}_{sha256[:12]}"

    def keep() -> None:
        if reason := state.value(field, "").strip():
            state.keep_override(sha256, reason)

    with st.form(f"{state.OVERRIDE}_form_{sha256[:12]}", border=False):
        st.text_input(
            wording.WHY,
            key=field,
            max_chars=_LONGEST,
            placeholder=wording.EXAMPLE,
            help=wording.WHY_HELP,
        )
        asked = st.form_submit_button(
            wording.ANYWAY,
            key=f"{state.OVERRIDE}_{sha256[:12]}",
            icon=":material/lock_open:",
            on_click=keep,
        )
    if asked:
        st.error(wording.NO_REASON, icon=":material/edit:")
