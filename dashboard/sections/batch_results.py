"""The results of a batch, by upload: what became of the pictures, and how good the calls are."""

from __future__ import annotations

import hashlib

import streamlit as st

from dashboard import errors, figures, state, wording
from dashboard.wording import batch as told
from pipeline.batch.results import LIMIT_MB, Results, opened


def draw() -> None:
    """Ask for results, and draw what they say."""
    sent = st.file_uploader(
        "Results of a batch", ["parquet"], key=state.BATCH_RESULTS, max_upload_size=LIMIT_MB
    )
    st.caption(told.WHAT)
    if sent is None:
        return
    content = sent.getvalue()
    with errors.shown(), st.spinner("Opening the results"):
        key = ("batch", hashlib.sha256(content).hexdigest())
        _draw(state.remember(key, lambda: opened(content)))


def _draw(results: Results) -> None:
    st.markdown(
        told.counts(
            results.counts,
            results.run.replace("`", ""),
            wording.operating_point(results.point),
            results.threshold,
        )
    )
    if not results.judged.any():
        return
    st.plotly_chart(
        figures.batch(results.histogram(), results.threshold),
        key="batch_probabilities",
        config={"displayModeBar": False},
        alt="How many pictures of the batch have which probability of pneumonia",
    )
    st.caption(told.SHOWN)
    st.markdown(told.NO_LABELS if results.report is None else told.labelled(results.report))
    sentence, command = told.as_cases(results.counts["judged"])
    st.markdown(sentence)
    st.code(command, language="bash", wrap_lines=True)
