"""The door: who is here, and whether a page is theirs to open. Not drawn where sign-in is off."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import identity, state
from dashboard.identity import Role, Visitor
from dashboard.wording import signing_in as told

_coming_back = st.components.v2.component(
    "coming_back",
    html="<span hidden></span>",
    js=Path(__file__).with_name("coming_back.js").read_text(encoding="utf-8"),
)


def admits(needed: Role) -> bool:
    """Say who is here; return whether they may open a page that takes this role, or tell why not.

    Raises
    ------
    PipelineError : if it cannot be told who may: nobody may, then.
    """
    here = identity.visitor()
    if not here.sign_in:
        return True
    signed_in = bool(here.name)
    button = f".st-key-{state.SIGN_IN} button"
    _coming_back(key=state.COMING_BACK, data={"signedIn": signed_in, "button": button})
    if here.may(needed):
        _line(here)
        return True
    if here.ended:
        sentence = told.ENDED
    elif here.must_sign_in:
        sentence = told.MUST
    else:
        sentence = (told.OTHER if signed_in else told.NEEDED)[needed.name.lower()]
    st.info(sentence, icon=":material/lock:")
    if signed_in:
        _line(here)
    else:
        _sign_in("primary")
    return False


def _line(here: Visitor) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if not here.name:
            st.caption(told.ENDED if here.ended else told.NOBODY, width="stretch")
            _sign_in("tertiary")
            return
        role = told.ROLES[here.role.name.lower()]
        st.caption(told.signed_in(here.name, role), width="stretch")
        st.button(
            "Sign out",
            key=state.SIGN_OUT,
            icon=":material/logout:",
            type="tertiary",
            on_click=identity.sign_out,
        )


def _sign_in(kind: str) -> None:
    st.button(
        "Sign in",
        key=state.SIGN_IN,
        icon=":material/login:",
        type=kind,
        on_click=identity.sign_in,
    )
