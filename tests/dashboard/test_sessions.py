"""Sessions whose page is closed are ended while Streamlit still knows them."""

import pytest

from dashboard import sessions
from dashboard.sessions import Sweep


class Server:
    """Knows which sessions are open, and remembers which were ended."""

    def __init__(self, *sessions: str):
        self.open, self.ended = set(sessions), []

    def is_active_session(self, session: str) -> bool:
        return session in self.open

    def clear_user_info_for_session(self, session: str) -> None:
        self.ended.append(session)


@pytest.fixture
def now() -> list[float]:
    return [0.0]


def test_a_closed_session_is_ended_once_and_an_open_one_never(now):
    server = Server("anna", "ben")
    sweep = Sweep(100.0, server, lambda: now[0])
    sweep.note("anna")
    sweep.note("ben")
    now[0] = 1000.0
    assert sweep.look() == 0
    server.open.remove("anna")
    now[0] += 99
    assert sweep.look() == 0
    assert server.ended == []
    now[0] += 1
    assert sweep.look() == 1
    now[0] += 1000
    assert sweep.look() == 0
    assert server.ended == ["anna"]


def test_a_session_that_comes_back_is_left_alone(now):
    server = Server("anna")
    sweep = Sweep(100.0, server, lambda: now[0])
    sweep.note("anna")
    server.open.clear()
    now[0] += 90
    sweep.look()
    server.open.add("anna")
    now[0] += 90
    assert sweep.look() == 0
    server.open.clear()
    now[0] += 90
    assert sweep.look() == 0
    assert server.ended == []


def test_where_a_page_is_tested_nothing_is_watched():
    sessions.watch("test session id")
    assert sessions._sweeps == []
