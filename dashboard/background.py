"""Long work beside a page: begun when its result is asked for, with progress and a way to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard import errors, state
from dashboard.fair_queue import FairQueue
from dashboard.jobs import Job, Owner
from dashboard.wording import operations as wording

# While it waits there is less to see; ten pages that look often would take a core from the work.
_TICK_SECONDS, WAITING_TICK_SECONDS = 0.3, 1.5


def begin(name: str, key: Any, work: Callable, kind: str, queue: FairQueue | None = None) -> Job:
    """Begin this session's job of that name, as soon as it is its turn.

    Parameters
    ----------
    kind : how it is counted, a word of ``metrics.LABELS["kind"]``.
    """
    job = Job(key, work, kind, Owner(state.person(), state.presence()), queue)
    state.keep_job(name, job)
    return job


def result(
    name: str,
    key: Any,
    work: Callable,
    kind: str,
    doing: str,
    stop_key: str,
    on_stop: Callable[[], None] | None = None,
) -> Any | None:
    """Return the result of `work` for `key`; while it is being made, None and a bar in its place.

    Parameters
    ----------
    name : of the session's job; a job for another `key` is stopped and replaced.
    work : called with ``progress`` and ``should_stop`` in a thread.
    kind : how it is counted, a word of ``metrics.LABELS["kind"]``.
    doing : shown beside the bar.
    on_stop : called when the user stops it.
    """
    found = begun(name, key, work, kind)
    job = state.job(name)
    if job is not None and job.running:
        watch(job, doing, stop_key, on_stop)
    return found


def begun(name: str, key: Any, work: Callable, kind: str) -> Any | None:
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
        job = begin(name, key, work, kind)
    if job.running:
        return None
    if job.error is not None:
        # Kept: without it the next drawing of the page would begin the same work again.
        errors.explain(job.error)
        if job.refused:
            st.button(
                wording.TRY_AGAIN,
                key=f"{state.AGAIN}_{name}",
                icon=":material/refresh:",
                on_click=state.keep_job,
                args=(name, None),
            )
        return None
    state.keep_job(name, None)
    return state.remember((name, key), lambda: job.outcome)


def watch(job: Job, doing: str, stop_key: str, on_stop: Callable[[], None] | None = None) -> None:
    """Draw how far a job is, and draw the page anew when its turn has come or it has ended."""
    waiting = job.waiting

    @st.fragment(run_every=WAITING_TICK_SECONDS if waiting else _TICK_SECONDS)
    def drawn() -> None:
        if not job.running or job.waiting != waiting:
            st.rerun()
        bar(job, doing, stop_key, on_stop)

    drawn()


def bar(job: Job, doing: str, stop_key: str, on_stop: Callable[[], None] | None = None) -> None:
    """Draw how far a job is, once, and a way to stop it."""

    def stop() -> None:
        job.stop()
        if on_stop:
            on_stop()

    seconds = job.seconds_to_go()
    if job.waiting:
        text = wording.waiting(doing, job.before, job.seconds_to_wait)
    else:
        left = f", about {wording.duration(seconds)} to go" if seconds is not None else ""
        text = f"{doing}: {100 * job.fraction:.0f} %{left}"
    st.progress(min(1.0, job.fraction), text=text)
    st.button("Stop", key=stop_key, icon=":material/stop:", on_click=stop)
