"""Drawings that more than one page, or one page in more than one state, uses."""

from __future__ import annotations

from collections.abc import Container, Sequence

import streamlit as st

from dashboard import (
    background,
    errors,
    jobs,
    limits,
    metrics,
    resources,
    serving,
    state,
    uploads,
    wording,
)
from dashboard.limits import LimitReached
from dashboard.plain import plain
from dashboard.wording.mistakes import case as case_sentence
from pipeline.dataset import Item
from pipeline.errors import PipelineError
from pipeline.images import LIMIT_DICOM_MB, LIMIT_MB, Picture
from pipeline.runs import Run


def notice() -> None:
    """Say on every page what this is not."""
    st.caption(f":material/science: {wording.NOTICE}")


def run_picker(runs: Sequence[Run], key: str, label: str = "Model") -> Run:
    """Let the user choose one of `runs`; the first is the default. The choice is in the URL."""
    by_name = {run.name: run for run in runs}
    warn_of_missing(key, by_name)
    # Names, not titles, because a bound widget writes what it shows into the link.
    chosen = st.selectbox(
        label,
        list(by_name),
        key=key,
        bind="query-params",
        help="\n".join(f"- `{run.name}`: {plain(run.title)}" for run in runs),
    )
    return by_name[chosen]


def warn_of_missing(key: str, names: Container[str]) -> None:
    """Say which runs of the link are not on offer, lest another one be taken for them.

    To be called before the widget under `key` is drawn, which forgets them.
    """
    if missing := [name for name in state.in_link(key) if name and name not in names]:
        say_missing(missing)


def say_missing(names: Sequence[str]) -> None:
    """Say that a link names runs which are not on offer."""
    st.warning(
        f"The link names runs that cannot be shown here: {plain(', '.join(names))}. They are gone, "
        "or were stored without what this page needs.",
        icon=":material/warning:",
    )


def picture_source() -> tuple[Picture | None, str]:
    """Let the user choose a sample or upload a file.

    Returns
    -------
    The picture, None if there is none to show, and what is known of it: a sentence or "". A file
    that cannot be read is explained in place.
    """
    samples = resources.sample_items()
    case = state.case()
    source = st.segmented_control(
        "Picture",
        ["Sample", "Upload", *([state.CASE] if case else [])],
        default="Sample",
        required=True,
        key=state.SOURCE,
        persist_state="session",
        label_visibility="collapsed",
    )
    known = ""
    if source == "Upload":
        data = _uploaded()
    elif source == state.CASE:
        data, known = case[0], case_sentence(*case[1:])
        st.page_link("views/mistakes.py", label="Back to the errors", icon=":material/arrow_back:")
    elif samples:
        item = _chosen(samples)
        data, known = resources.sample(item.path), wording.label(item.label, item.name)
    else:
        offer_samples()
        data = None
    if data is None:
        return None, known
    try:
        digest = resources.sha256(data)
        return state.remember(("picture", digest), lambda: serving.read(data, digest)), known
    except PipelineError as error:
        errors.explain(error)
        return None, known


def _uploaded() -> bytes | None:
    sent = st.file_uploader(
        f"A frontal chest X-ray: PNG or JPEG (up to {LIMIT_MB} MB), DICOM ({LIMIT_DICOM_MB} MB)",
        type=["png", "jpg", "jpeg", "dcm", "dicom"],
        key=state.UPLOAD,
        help=wording.PRIVACY,
    )
    if sent is not None:
        if error := uploads.refused(sent.file_id):
            errors.explain(error)
            return None
        if not state.counted(sent.file_id):
            try:
                limits.take(limits.UPLOADS, state.person())
            except LimitReached as error:
                errors.explain(error)
                return None
            state.count(sent.file_id)
        state.keep_upload(sent.getvalue())
    kept = state.upload()
    if kept is None:
        st.info("Drop a picture above, or switch to *Sample*.", icon=":material/upload_file:")
        return None
    if sent is None:  # back from another page: the browser's box is empty, the picture is not
        st.button(
            "Forget the uploaded picture",
            icon=":material/delete:",
            on_click=state.keep_upload,
            args=(None,),
        )
    return kept


def _chosen(samples: Sequence[Item]) -> Item:
    number = st.selectbox(
        "Sample",
        range(len(samples)),
        format_func=lambda position: f"Sample {position + 1} of {len(samples)}",
        key=state.SAMPLE,
        persist_state="session",
        label_visibility="collapsed",
        help=wording.SAMPLES,
    )
    return samples[number]


def offer_samples() -> None:
    """Fetch the samples beside the page, with progress and a way to stop."""
    job = state.job(state.FETCH)
    if job is not None and job.running:
        background.watch(job, "Fetching the samples", state.STOP_FETCH)
        return
    if job is not None and job.error is not None:
        errors.explain(job.error)
    st.info(
        "No sample X-rays are here yet. Fetch sixteen full-resolution ones (a download of "
        "83 MB, CC BY 4.0), or switch to *Upload*.",
        icon=":material/download:",
    )
    st.button(
        "Fetch the sample X-rays",
        key=state.FETCH,
        type="primary",
        on_click=lambda: background.begin(
            state.FETCH, "samples", resources.fetch_samples, metrics.SAMPLES, jobs.fetching()
        ),
    )
