"""Drawings that more than one page, or one page in more than one state, uses."""

from __future__ import annotations

import base64
from collections.abc import Container, Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from dashboard import errors, resources, state, wording
from dashboard.jobs import Job
from dashboard.wording.mistakes import case as case_sentence
from pipeline.dataset import Item
from pipeline.errors import PipelineError
from pipeline.explain import overlay
from pipeline.explain.explanation import Explanation
from pipeline.images import LIMIT_MB, Picture, encode_jpeg, encode_png, read_picture, resize
from pipeline.runs import Run

# What a screen can show; a larger picture would only make every toggle slower.
SHOWN_PX = 1100

_HERE = Path(__file__).parent
_viewer = st.components.v2.component(
    "xray_viewer",
    html=(_HERE / "viewer.html").read_text(encoding="utf-8"),
    css=(_HERE / "viewer.css").read_text(encoding="utf-8"),
    js=(_HERE / "viewer.js").read_text(encoding="utf-8"),
)


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
        help="\n".join(f"- `{run.name}`: {run.title}" for run in runs),
    )
    return by_name[chosen]


def warn_of_missing(key: str, names: Container[str]) -> None:
    """Say which runs of the link are not on offer, lest another one be taken for them.

    To be called before the widget under `key` is drawn, which forgets them.
    """
    if missing := [name for name in state.in_link(key) if name and name not in names]:
        st.warning(
            f"The link names runs that cannot be shown here: {', '.join(missing)}. They are gone, "
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
        _offer_samples()
        data = None
    if data is None:
        return None, known
    try:
        digest = resources.sha256(data)
        return state.remember(("picture", digest), lambda: read_picture(data)), known
    except PipelineError as error:
        errors.explain(error)
        return None, known


def _uploaded() -> bytes | None:
    sent = st.file_uploader(
        f"A frontal chest X-ray as PNG or JPEG, up to {LIMIT_MB} MB",
        type=["png", "jpg", "jpeg"],
        key=state.UPLOAD,
        help=wording.PRIVACY,
    )
    if sent is not None:
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


def _offer_samples() -> None:
    """Fetch the samples beside the page, with progress and a way to stop."""
    job = state.job(state.FETCH)
    if job is not None and job.running:
        _watch(job, "Fetching the samples", state.STOP_FETCH)
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
        on_click=lambda: state.keep_job(state.FETCH, Job("samples", resources.fetch_samples)),
    )


def background(name: str, key, work, doing: str, stop_key: str, on_stop=None):
    """Return the result of `work` for `key`, or None while it is being made.

    Parameters
    ----------
    name : of the session's job; a job for another `key` is stopped and replaced.
    work : called with ``progress`` and ``should_stop`` in a thread.
    doing : shown beside the bar.
    on_stop : called when the user stops it.
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
        _watch(job, doing, stop_key, on_stop)
        return None
    state.keep_job(name, None)
    if job.error is not None:
        errors.explain(job.error)
        return None
    return state.remember((name, key), lambda: job.outcome)


def _watch(job: Job, doing: str, stop_key: str, on_stop=None) -> None:
    def stop() -> None:
        job.stop()
        if on_stop:
            on_stop()

    @st.fragment(run_every=0.3)
    def watch() -> None:
        if not job.running:
            st.rerun()
        seconds = job.seconds_to_go
        if job.waiting:
            text = f"{doing}: waiting for another one to finish"
        else:
            left = f", about {seconds:.0f} s to go" if seconds is not None else ""
            text = f"{doing}: {100 * job.fraction:.0f} %{left}"
        st.progress(min(1.0, job.fraction), text=text)
        st.button("Stop", key=stop_key, icon=":material/stop:", on_click=stop)

    watch()


def shown(picture: Picture) -> np.ndarray:
    """Return the picture (H, W) uint8 at the size in which pages show it."""
    return state.remember(("shown", picture.sha256), lambda: _shrink(picture.image))


def _shrink(image: np.ndarray) -> np.ndarray:
    factor = min(1.0, SHOWN_PX / max(image.shape))
    return resize(image, round(image.shape[0] * factor), round(image.shape[1] * factor))


def viewer(
    picture: Picture, layers: Sequence[np.ndarray], label: str, legend: dict | None = None
) -> None:
    """Show a picture with layers over it; zoom and position outlive every change of the layers.

    Parameters
    ----------
    layers : (H, W, 4) uint8 each, the size of `shown`.
    label : what is shown, for a screen reader.
    legend : title, gradient (CSS), low, middle and high of a colour bar.
    """
    image = shown(picture)
    base = state.remember(("base", picture.sha256), lambda: _url("jpeg", encode_jpeg(image)))
    _viewer(
        key=state.VIEWER,
        data={
            "picture": picture.sha256,
            "width": image.shape[1],
            "height": image.shape[0],
            "base": base,
            "layers": [_url("png", encode_png(layer)) for layer in layers],
            "label": label,
            "legend": legend,
        },
    )


def _url(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def png_as_seen(picture: Picture, layers: Sequence[np.ndarray]) -> bytes:
    """Return what the viewer shows, unzoomed, as a PNG."""
    return encode_png(overlay.compose(shown(picture), *layers))


def legend(explanation: Explanation) -> dict:
    """Return the colour bar of a heatmap, for `viewer`."""
    stops, limit = overlay.colour_stops(explanation)
    colours = ", ".join(f"rgb({red} {green} {blue})" for red, green, blue in stops)
    return {
        "title": "Weight of a superpixel: change of the probability when it is shown",
        "gradient": f"linear-gradient(to right, {colours})",
        "low": f"−{limit:.3f} against pneumonia",
        "middle": "0",
        "high": f"+{limit:.3f} for pneumonia",
    }
