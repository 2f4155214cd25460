"""Sessions whose page is closed give back what they hold: pictures, uploads, everything.

Streamlit keeps a closed session for a while (``server.disconnectedSessionTTL``, two minutes), so
that a network that breaks off loses nothing. But it lets go of what is too old only when another
session closes: after a busy hour the pictures of up to 128 people would stay in memory all night.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from streamlit import config
from streamlit.runtime import Runtime

from dashboard import hosting

# Of the time that Streamlit keeps a session: it can be closed only as long as it is kept.
_SHARE = 0.9
_LOOKS = 25


class Sweep:
    """The sessions of this process that were seen, and when last. May be shared by threads.

    Parameters
    ----------
    seconds : how long a session's page must be closed before the session is ended.
    server : which knows the sessions.
    clock : seconds that only grow.
    """

    def __init__(
        self, seconds: float, server: Runtime, clock: Callable[[], float] = time.monotonic
    ):
        self._seconds, self._server, self._clock = seconds, server, clock
        self._seen: dict[str, float] = {}
        self._lock = threading.Lock()

    def note(self, session: str) -> None:
        """Watch over a session from now on."""
        with self._lock:
            self._seen[session] = self._clock()

    def look(self) -> int:
        """End the sessions that have been closed for long enough; return how many."""
        now = self._clock()
        with self._lock:
            for session in self._seen:
                if self._server.is_active_session(session):
                    self._seen[session] = now
            ended = [one for one, last in self._seen.items() if now - last >= self._seconds]
            for session in ended:
                del self._seen[session]
        for session in ended:
            self._server.clear_user_info_for_session(session)  # which also closes it for good
        return len(ended)


_lock = threading.Lock()
_sweeps: list[Sweep] = []


def watch(session: str) -> None:
    """Have a session ended some time after its page is closed; called at every rerun."""
    server = hosting.server()
    if server is None:
        return
    with _lock:
        if not _sweeps:
            kept = config.get_option("server.disconnectedSessionTTL")
            _sweeps.append(Sweep(_SHARE * kept, server))
            threading.Thread(
                target=_go_on, args=(_sweeps[0], kept / _LOOKS), name="sweep", daemon=True
            ).start()
    _sweeps[0].note(session)


def _go_on(sweep: Sweep, pause: float) -> None:
    while True:
        time.sleep(max(0.2, pause))
        sweep.look()  # what they held is given back by `dashboard.memory`
