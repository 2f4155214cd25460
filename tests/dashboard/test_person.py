"""Who somebody is to the limits and the log: a hash of the signed-in user, else of the session."""

import pytest
import streamlit as st

from dashboard import state


@pytest.fixture
def signed_in(monkeypatch):
    """Somebody signs in: ``signed_in(sub=..., ...)``."""

    def sign_in(**claims) -> str:
        monkeypatch.setattr(st, "user", claims)
        return state.person()

    return sign_in


def test_a_signed_in_user_is_the_same_person_in_every_session(signed_in, monkeypatch):
    first = signed_in(is_logged_in=True, iss="https://idp", sub="4711", name="Philomena")
    monkeypatch.setattr(state, "session_id", lambda: "another session")
    assert signed_in(is_logged_in=True, iss="https://idp", sub="4711", name="P.") == first
    assert len(first) == 64
    assert "4711" not in first


def test_the_same_name_elsewhere_is_somebody_else(signed_in):
    here = signed_in(is_logged_in=True, iss="https://idp", sub="4711")
    assert signed_in(is_logged_in=True, iss="https://other", sub="4711") != here
    assert signed_in(is_logged_in=True, iss="https://idp", sub="4712") != here


@pytest.mark.parametrize(
    "claims", [{}, {"is_logged_in": False, "sub": "4711"}, {"is_logged_in": True}]
)
def test_whoever_has_not_signed_in_is_a_session(signed_in, monkeypatch, claims):
    monkeypatch.setattr(state, "session_id", lambda: "one")
    one = signed_in(**claims)
    monkeypatch.setattr(state, "session_id", lambda: "two")
    assert signed_in(**claims) != one
    assert "one" not in one


def test_without_a_server_somebody_is_always_there():
    assert state.presence()()
