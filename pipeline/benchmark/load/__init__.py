"""Many people at once: sessions at the level of the websocket against a real dashboard.

No browser: what is measured is the server. The people are a process of their own, at a low
priority, on the same machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from threading import Timer

from pipeline.benchmark import machine
from pipeline.benchmark.load.plan import Plan
from pipeline.benchmark.server import dashboard
from pipeline.config import REPOSITORY
from pipeline.errors import PipelineError

# For which the server keeps the session of a lost socket; two minutes would be Streamlit's choice,
# and most of a measurement.
_KEPT_SECONDS = 20
# One session uploads more here than one person may.
_PER_MINUTE = "XRAY_UPLOADS_PER_MINUTE"
_LIFTED = {_PER_MINUTE: "1000000"}
_LIMIT, _OVER_IT, _LIMIT_SECONDS = 3, 6, 60
# For which the client may start, and tell of its end, on a machine that has other work.
_GRACE_SECONDS = 120

SHARED = "client and server shared the machine"


def measure(
    sessions: int = 20,
    uploads: int = 1000,
    explanations: int = 10,
    seconds: float = 360.0,
    address: str | None = None,
    pause: tuple[float, float] = (2.0, 10.0),
    say: Callable[[str], None] = lambda _: None,
) -> dict:
    """Let people read, ask for explanations at the same moment, and upload without a pause.

    Parameters
    ----------
    sessions : people at once, for the whole time.
    uploads : of all of them together, as far as there is time.
    explanations : of them ask for one at the same moment.
    seconds : after which everything ends.
    address : of a dashboard that runs already, on this machine; one is started by default.
    pause : shortest and longest seconds between two things that a person does while reading.
    say : receives a sentence now and then.

    Returns
    -------
    See `pipeline.benchmark.load.tally.Tally.report`, with what was asked for and the machine. Of a
    dashboard that was not started here, neither memory nor cores are known, and its limits count.

    Raises
    ------
    PipelineError : if the address is not this machine's, or the dashboard stops answering.
    """
    before = machine()  # its load is that of others, not ours
    plan = Plan(address or "http://127.0.0.1", sessions, uploads, explanations, seconds, pause)
    if address:
        found, limit = _carried_out(plan, say), None
    else:
        kept = f"--server.disconnectedSessionTTL={_KEPT_SECONDS}"
        with dashboard(kept, **_LIFTED) as server:
            found = _carried_out(
                replace(
                    plan,
                    address=server.address,
                    process=server.process.pid,
                    kept_seconds=_KEPT_SECONDS,
                ),
                say,
            )
        limit = at_the_limit(say)
    return {
        "benchmark": "load",
        "sessions": sessions,
        "asked_uploads": uploads,
        "asked_explanations": explanations,
        "seconds": seconds,
        "pause_seconds": list(pause),
        "started_here": address is None,
        "shared": SHARED,
        **found,
        "limit": limit,
        "machine": before,
    }


def at_the_limit(say: Callable[[str], None] = lambda _: None) -> dict:
    """Let one person upload more than one may, on a server of its own.

    Returns
    -------
    ``{"per_minute", "uploads", "judged", "told", "errors"}``: `told` were answered by the limit's
    sentence.
    """
    say(f"One person uploads {_OVER_IT} pictures where {_LIMIT} a minute are allowed.")
    limited = {_PER_MINUTE: str(_LIMIT)}
    with dashboard(**limited) as server:
        plan = Plan(server.address, 1, _OVER_IT, 0, _LIMIT_SECONDS, (0.0, 0.0))
        found = _carried_out(plan, say)
    return {
        "per_minute": _LIMIT,
        "uploads": _OVER_IT,
        "judged": found["uploads"],
        "told": found["limited"],
        "errors": found["errors"],
    }


def _carried_out(plan: Plan, say: Callable[[str], None]) -> dict:
    """Let the client's process do it and return what it reports."""
    with subprocess.Popen(
        [sys.executable, "-m", "pipeline.benchmark.load.client", plan.to_json()],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    ) as client:
        latest = Timer(plan.seconds + _GRACE_SECONDS, client.kill)
        latest.start()
        told: dict = {}
        try:
            for line in client.stdout:
                told = json.loads(line)
                if "say" in told:
                    say(told["say"])
        finally:
            latest.cancel()
            client.kill()
    if "gone" in told:
        raise PipelineError(
            f"The dashboard stopped answering after {told['uploads']} uploads ({told['gone']}).",
            "Look for the reason in its log, start it again, or try fewer sessions.",
        )
    if "report" not in told:
        raise PipelineError(
            "The process that plays the people ended without a report.",
            "Try again; if it happens again, try fewer sessions.",
        )
    return told["report"]
