"""What a session remembers, and what it lets go."""

import pytest
import streamlit as st

from dashboard import state


@pytest.fixture(autouse=True)
def session(monkeypatch):
    monkeypatch.setattr(st, "session_state", {})


def test_a_thing_is_made_once():
    made = []
    for _ in range(3):
        assert state.remember(("verdict", 1), lambda: made.append(1) or "kept") == "kept"
    assert made == [1]
    assert state.recall(("verdict", 1)) == "kept"


def test_large_things_are_forgotten_soon_and_small_ones_stay():
    for number in range(5):
        state.remember(("picture", number), lambda: "pixels")
        state.remember(("lime", number), lambda: "weights")
    assert [state.recall(("picture", number)) for number in range(5)] == [None] * 3 + ["pixels"] * 2
    assert all(state.recall(("lime", number)) for number in range(5))


def test_a_choice_waits_for_the_next_drawing():
    st.session_state[state.BESIDE] = "run"
    state.choose(state.BESIDE, "nothing")
    assert st.session_state[state.BESIDE] == "run"
    state.apply_choices()
    assert st.session_state[state.BESIDE] == "nothing"
    st.session_state[state.BESIDE] = "run"
    state.apply_choices()
    assert st.session_state[state.BESIDE] == "run"


def test_a_picture_is_explained_when_it_is_asked_for_and_until_it_is_stopped():
    assert state.asked("one") == ""
    state.ask("one", "heat")
    assert (state.asked("one"), state.asked("other")) == ("heat", "")
    before = state.stops()
    state.stop_explaining("one")
    assert (state.asked("one"), state.stops()) == ("", before + 1)
