"""A study being made: pictures read, judged and explained beside the page, then kept at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard import background, errors, limits, metrics, resources, state
from pipeline.config import Paths
from pipeline.readings.design import Design
from pipeline.readings.making import (
    Candidate,
    Made,
    cases_from_bytes,
    cases_from_items,
    cases_from_test,
    make,
)
from pipeline.readings.store import Store
from pipeline.runs import Run


def begin(
    store: Store,
    run: Run,
    design: Design,
    readers: Sequence[str],
    source: str,
    count: int,
    uploads: Sequence[bytes],
) -> None:
    """Begin making a study; `under_way` says when it is there.

    Raises
    ------
    LimitReached : if this person has made too many lately.
    """
    limits.take(limits.STUDIES, state.person())
    # Whatever is Streamlit's is asked here: the work itself runs in a thread.
    candidates = _candidates(source, count, design.seed, uploads)
    classifier = resources.classifier(run)

    def work(progress: Callable[[float], None], should_stop: Callable[[], bool]) -> Made:
        return make(store, classifier, design, readers, candidates(), progress, should_stop)

    background.begin(state.STUDY_MAKE, "study", work, metrics.STUDY)


def _candidates(
    source: str, count: int, seed: int, uploads: Sequence[bytes]
) -> Callable[[], list[Candidate]]:
    if source == "test":
        dataset = Paths.from_environment().dataset
        return lambda: cases_from_test(dataset, count, seed)
    if source == "upload":
        return lambda: cases_from_bytes(uploads)
    items = resources.sample_items()
    return lambda: cases_from_items(items)


def under_way() -> bool:
    """Draw a study that is being made; take its codes into the session once it is there."""
    job = state.job(state.STUDY_MAKE)
    if job is None:
        return False
    if job.running:
        background.watch(job, "Reading, judging and explaining the cases", state.STUDY_STOP)
        return True
    state.keep_job(state.STUDY_MAKE, None)
    if job.error is not None:
        errors.explain(job.error)
    elif not job.stopped:
        state.keep_made(job.outcome)
        state.take_seat(job.outcome.created.owner_code)
        st.rerun()
    return False
