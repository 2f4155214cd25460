"""For whoever runs the server: how it is, what it counts, what it logs. Nothing for its users.

``XRAY_OPERATIONS_PORT`` opens a port of its own for that, on this machine alone unless
``XRAY_OPERATIONS_ADDRESS`` says otherwise: what it tells is not for all who may see the pages.
"""

from __future__ import annotations

import logging
import os
import threading

from dashboard import delivery, limits, logs, metrics, sessions, state, uploads
from dashboard.operations import figures
from dashboard.operations.server import Server

__all__ = ["start"]

_lock = threading.Lock()
_started: list[Server | None] = []


def start() -> None:
    """Set up logging, uploads, delivery, sessions and the port; called at every rerun.

    Raises
    ------
    PipelineError : if the port is no number.
    """
    logs.set_up()
    uploads.guard()
    delivery.guard()
    sessions.watch(state.session_id())
    with _lock:
        if not _started:
            _started.append(_served())


def _served() -> Server | None:
    if not os.environ.get("XRAY_OPERATIONS_PORT"):
        return None
    port = limits.number("XRAY_OPERATIONS_PORT", 0)
    address = os.environ.get("XRAY_OPERATIONS_ADDRESS") or "127.0.0.1"
    figures.watch()
    try:
        return Server(address, port, metrics.registry)
    except (OSError, OverflowError):  # taken, not ours, or above 65535: the pages go on without it
        logs.tell("operations port cannot be opened", logging.ERROR)
        return None
