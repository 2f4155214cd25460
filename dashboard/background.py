"""Long work beside a page: begun when its result is asked for, with progress and a way to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard import errors, state
from dashboard.jobs import Job


def result(
    name: str,
    key: Any,
    work: Callable,
    doing: str,
    stop_key: str,
    on_stop: Callable[[], None] | None = None,
) -> Any | None:
    """Return the result of `work` for `key`; while it is being made, None and a bar in its place.

    Parameters
    ----------
    name : of the session's job; a job for another `key` is stopped and replaced.
    work : called with ``progress`` and ``should_stop`` in a thread.
    doing : shown beside the bar.
    on_stop : called when the user stops it.
    """
    found = begun(name, key, work)
    job = state.job(name)
    if job is not None and job.running:
        watch(job, doing, stop_key, on_stop)
    return found


def begun(name: str, key: Any, work: Callable) -> Any | None:
    """Return the result of `work` for `key` without drawing anything but what went wrong.

    While it is being made, None, and ``state.job(name)`` is the job.
    """
    done = state.recall((name, key))
    if done is not None:
        return done
    job = state.job(name)
    if job is None or job.key != key or job.stopped:
        if job is not None:
            job.stop()
        job = Job(key, work)
        state.keep_job(name, job)
    if job.running:
        return None
    if job.error is not None:
        # Kept: without it the next drawing of the page would begin the same work again.
        errors.explain(job.error)
        return None
    state.keep_job(name, None)
    return state.remember((name, key), lambda: job.outcome)


def watch(job: Job, doing: str, stop_key: str, on_stop: Callable[[], None] | None = None) -> None:
    """Draw how far a job is, and draw the page anew when it has ended."""

    @st.fragment(run_every=0.3)
    def drawn() -> None:
        if not job.running:
            st.rerun()
        bar(job, doing, stop_key, on_stop)

    drawn()


def bar(job: Job, doing: str, stop_key: str, on_stop: Callable[[], None] | None = None) -> None:
    """Draw how far a job is, once, and a way to stop it."""

    def stop() -> None:
        job.stop()
        if on_stop:
            on_stop()

    seconds = job.seconds_to_go
    if job.waiting:
        text = f"{doing}: waiting for another one to finish"
    else:
        left = f", about {seconds:.0f} s to go" if seconds is not None else ""
        text = f"{doing}: {100 * job.fraction:.0f} %{left}"
    st.progress(min(1.0, job.fraction), text=text)
    st.button("Stop", key=stop_key, icon=":material/stop:", on_click=stop)
