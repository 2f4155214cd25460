"""Figures of the process that are looked up when somebody asks for them."""

from __future__ import annotations

from streamlit import runtime
from streamlit.runtime.stats import ACTIVE_SESSIONS_FAMILY

from dashboard import jobs, metrics
from pipeline.config import Paths
from pipeline.errors import RunError
from pipeline.runs import default_run


def watch() -> None:
    """Tell Prometheus these figures, too."""
    metrics.watch(
        {
            "xray_queue_waiting": ("Heavy jobs that wait.", lambda: jobs.heavy().waiting),
            "xray_queue_running": ("Heavy jobs that run.", lambda: jobs.heavy().running),
            "xray_active_sessions": ("Open pages.", _sessions),
            "xray_uploaded_bytes": ("What Streamlit keeps of uploads.", _uploaded_bytes),
        },
        _run,
    )


def _sessions() -> float:
    found = runtime.get_instance().stats_mgr.get_stats([ACTIVE_SESSIONS_FAMILY])
    return sum(one.value for one in found.get(ACTIVE_SESSIONS_FAMILY, []))


def _uploaded_bytes() -> float:
    # Not by way of the server's own figures: with them come the sizes of all sessions' states,
    # which take seconds to find out.
    families = runtime.get_instance().uploaded_file_mgr.get_stats()
    return sum(one.byte_length for told in families.values() for one in told)


def _run() -> str:
    try:
        return default_run(Paths.from_environment().runs).document["model_sha256"][:12]
    except RunError:
        return ""
