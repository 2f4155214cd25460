"""What Streamlit loses on a busy server. A newer one that is built otherwise fails here."""

import time
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from streamlit import config, runtime
from streamlit.runtime import Runtime, app_session
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.session_manager import ActiveSessionInfo, SessionInfo
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from dashboard import delivery


@pytest.fixture(autouse=True)
def as_streamlit_has_it(monkeypatch):
    monkeypatch.setattr(AppSession, "register_file_watchers", delivery._watch)


@pytest.fixture
def manager() -> MediaFileManager:
    return MediaFileManager(MemoryMediaFileStorage("/media"))


def made(manager: MediaFileManager, content: bytes) -> str:
    """Make a file as a button does when it is pressed, and return its name."""
    button = manager.add_deferred(lambda: content, "text/csv", "1.2", "numbers.csv")
    address = manager.execute_deferred(button.rpartition("/")[2])
    return address.rpartition("/")[2]


def is_there(manager: MediaFileManager, name: str) -> bool:
    try:
        manager._storage.get_file(name)
    except MediaFileStorageError:
        return False
    return True


def others_draw_their_pages(manager: MediaFileManager) -> None:
    manager.clear_session_refs("dontcare")
    for _ in range(3):
        manager.remove_orphaned_files()


def test_without_it_a_file_goes_though_nobody_has_fetched_it(manager):
    name = made(manager, b"a;b")
    others_draw_their_pages(manager)
    assert not is_there(manager, name), "Streamlit has mended this: dashboard/delivery.py may go"


def test_a_file_that_was_made_can_be_fetched_for_a_while_and_then_goes(manager):
    manager._storage.delete_file = delivery.Postponed(manager, 0.5)
    name = made(manager, b"a;b")
    others_draw_their_pages(manager)
    assert is_there(manager, name)
    until = time.monotonic() + 20
    while is_there(manager, name):
        assert time.monotonic() < until, "it stays for ever"
        time.sleep(0.05)


def test_a_file_that_is_made_again_meanwhile_stays(manager):
    manager._storage.delete_file = delivery.Postponed(manager, 0.3)
    name = made(manager, b"a;b")
    others_draw_their_pages(manager)
    assert made(manager, b"a;b") == name
    time.sleep(1)
    assert is_there(manager, name)


def test_pictures_of_a_page_go_at_once(manager):
    manager._storage.delete_file = delivery.Postponed(manager, 60)
    name = manager.add(b"picture", "image/png", "1.3").rpartition("/")[2]
    others_draw_their_pages(manager)
    assert not is_there(manager, name)


class Socket:
    def __init__(self):
        self.received = []

    def write_forward_msg(self, msg):
        self.received.append(msg)


def server_of(session, socket, manager) -> Runtime:
    server = object.__new__(Runtime)
    active = {session.id: ActiveSessionInfo(socket, session)}
    server._session_mgr = SimpleNamespace(active=active, get_active_session_info=active.get)
    server._media_file_mgr = manager
    return server


@pytest.mark.parametrize("guarded", [True, False])
def test_messages_go_to_the_socket_that_has_replaced_another(monkeypatch, manager, guarded):
    session, old, new = SimpleNamespace(id="anna"), Socket(), Socket()
    server = server_of(session, old, manager)
    monkeypatch.setattr(runtime, "get_instance", lambda: server)
    if guarded:
        delivery.guard()
        once = server._send_message
        delivery.guard()
        assert server._send_message is once
        assert isinstance(manager._storage.delete_file, delivery.Postponed)
    listed = server._session_mgr.active["anna"]
    message = SimpleNamespace(WhichOneof=lambda _: "delta")
    server._send_message(listed, message)
    assert old.received == [message]
    server._session_mgr.active["anna"] = ActiveSessionInfo(new, session)
    server._send_message(listed, message)
    assert (new.received == [message]) is guarded
    del server._session_mgr.active["anna"]  # the reader is away
    server._send_message(listed, message)
    assert len(old.received) == (2 if guarded else 3)


class Reader(AppSession):
    """A session of which the server knows no more than it needs to bring it back."""

    def __init__(self):
        self.id, self._pages_manager, self._local_sources_watcher = "anna", None, None

    def matches_user_info(self, user_info):
        return True

    def __del__(self):
        pass


@pytest.mark.parametrize(
    ("kind", "guarded", "watched"), [("none", False, 1), ("none", True, 0), ("auto", True, 1)]
)
def test_who_comes_back_has_no_code_watched_unless_that_is_switched_on(
    monkeypatch, manager, kind, guarded, watched
):
    looking = []
    monkeypatch.setattr(
        app_session, "LocalSourcesWatcher", lambda pages: looking.append(1) or Mock()
    )
    monkeypatch.setattr(config, "get_option", {"server.fileWatcherType": kind}.get)
    if guarded:
        server = server_of(SimpleNamespace(id="anna"), Socket(), manager)
        monkeypatch.setattr(runtime, "get_instance", lambda: server)
        delivery.guard()
    storage = MemorySessionStorage()
    storage.save(SessionInfo(None, Reader()))
    sessions = WebsocketSessionManager(storage, None, None, None)
    assert sessions._resume_stored_session("anna", Socket(), {}) == "anna"
    assert len(looking) == watched, "Streamlit has mended this, or is built otherwise"


def test_without_a_server_nothing_is_touched(monkeypatch):
    def none():
        raise RuntimeError

    monkeypatch.setattr(runtime, "get_instance", none)
    delivery.guard()
