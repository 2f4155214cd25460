"""What Streamlit keeps of uploads in this process: never more than there is room for.

Streamlit limits the size of one file, not how many a session sends; a program that speaks its
protocol could send files until the memory is full without a page ever asking for them. And its web
server writes what is larger than 1 MB to a temporary file while it comes in; here it does not.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from starlette.formparsers import MultiPartParser
from streamlit import config, runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from dashboard import limits, metrics
from dashboard.limits import LimitReached
from dashboard.wording import operations as wording

# Which refused files are remembered, so that a page can say why.
_REMEMBERED = 1000

_lock = threading.Lock()
_refused: OrderedDict[str, tuple[int, bool]] = OrderedDict()


def guard() -> None:
    """Have every upload of this process weighed, and none on disk. May be called again."""
    MultiPartParser.spool_max_size = (1 + config.get_option("server.maxUploadSize")) * 1024 * 1024
    try:
        manager = runtime.get_instance().uploaded_file_mgr
    except RuntimeError:  # no server
        return
    # Not where a page is tested, which has no uploads.
    if isinstance(manager, MemoryUploadedFileManager):
        with _lock:
            if not isinstance(manager.add_file, Scale):
                manager.add_file = Scale(manager)


class Scale:
    """Stands for the manager's ``add_file``: a file without room is kept without its bytes."""

    def __init__(self, manager: MemoryUploadedFileManager):
        self._manager = manager
        self._add: Callable[[str, UploadedFileRec], None] = manager.add_file

    def __call__(self, session_id: str, file: UploadedFileRec) -> None:
        """Keep a file of a session."""
        own = limits.number("XRAY_UPLOADED_MB_PER_SESSION", 1024)
        every = limits.number("XRAY_UPLOADED_MB", 4096)
        with _lock:
            if self._held(session_id) + len(file.data) > own * 1_000_000:
                full = (own, False)
            elif self._held() + len(file.data) > every * 1_000_000:
                full = (every, True)
            else:
                full = None
            if full:
                metrics.limited(metrics.UPLOADED_BYTES)
                _refused[file.file_id] = full
                if len(_refused) > _REMEMBERED:
                    _refused.popitem(last=False)
                file = file._replace(data=b"")
            self._add(session_id=session_id, file=file)

    def _held(self, session_id: str | None = None) -> int:
        """Return the bytes that a session has, or all have."""
        kept = self._manager.file_storage
        sessions = list(kept.values()) if session_id is None else [kept.get(session_id, {})]
        return sum(len(file.data) for files in sessions for file in list(files.values()))


def refused(file_id: str) -> LimitReached | None:
    """Return why a file came without its bytes; None if it did not."""
    full = _refused.get(file_id)
    return LimitReached(*wording.too_much_kept(*full)) if full else None
