"""What is made for a reader reaches them on a busy server, too: three gaps of Streamlit's, closed.

A file that a button makes is deleted after two drawings of anybody's page, though its address has
just been sent: with twenty quick readers a quarter of the downloads was answered by 404. Messages
to a reader whose socket has just been replaced went to the old one: of their reconnections one in
twelve left a half-drawn page. And whoever reconnects has the code watched for changes, even where
that is switched off; looking where all of it lies holds up everybody's pages for 0.1 s and more,
and when a ward's network comes back, all reconnect at once. All three were found by
``python -m pipeline benchmark load``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from streamlit import config
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileKind
from streamlit.runtime.session_manager import ActiveSessionInfo

from dashboard import hosting

# For a browser to fetch what was made for it.
KEPT_SECONDS = 60.0

_lock = threading.Lock()


def guard() -> None:
    """Close the gaps in this process. May be called again."""
    server = hosting.server()
    if server is None:
        return
    with _lock:
        if not isinstance(server._send_message, Redirected):
            server._send_message = Redirected(server)
        storage = server.media_file_mgr._storage
        if not isinstance(storage.delete_file, Postponed):
            storage.delete_file = Postponed(server.media_file_mgr)
        AppSession.register_file_watchers = watch_if_asked_to


_watch = AppSession.register_file_watchers


def watch_if_asked_to(session: AppSession) -> None:
    """Stand for a session's ``register_file_watchers``."""
    if config.get_option("server.fileWatcherType") != "none":
        _watch(session)


class Redirected:
    """Stands for the server's ``_send_message``: to the socket that a session has now.

    The server goes through a list of sessions and their sockets and lets others work in between;
    the list may be older than a socket.
    """

    def __init__(self, server: Runtime):
        self._sessions = server._session_mgr
        self._send: Callable[[ActiveSessionInfo, ForwardMsg], None] = server._send_message

    def __call__(self, session_info: ActiveSessionInfo, msg: ForwardMsg) -> None:
        now = self._sessions.get_active_session_info(session_info.session.id)
        self._send(now or session_info, msg)


class Postponed:
    """Stands for the storage's ``delete_file``: a download stays until it can have been fetched.

    Pictures of a page go at once.
    """

    def __init__(self, manager: MediaFileManager, seconds: float = KEPT_SECONDS):
        self._manager, self._seconds = manager, seconds
        self._delete: Callable[[str], None] = manager._storage.delete_file

    def __call__(self, file_id: str) -> None:
        # Whoever deletes holds the manager's lock.
        known = self._manager._file_metadata.get(file_id)
        if known is None or known.kind is not MediaFileKind.DOWNLOADABLE:
            self._delete(file_id)
            return
        later = threading.Timer(self._seconds, self._delete_unless_made_again, [file_id])
        later.daemon = True
        later.start()

    def _delete_unless_made_again(self, file_id: str) -> None:
        with self._manager._lock:
            if file_id not in self._manager._file_metadata:
                self._delete(file_id)
