"""What a study is to be: every choice that its owner makes before it begins."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import errors, resources, state
from dashboard.uploads import refused
from dashboard.wording import operating_point, studies
from dashboard.wording import reading_room as words
from dashboard.wording import viewer as viewer_words
from pipeline.explain import EXPLAINERS
from pipeline.readings.design import (
    ARMS,
    LONGEST_TITLE,
    LONGEST_WASHOUT_DAYS,
    ORDERS,
    SCALES,
    Design,
    Pass,
)
from pipeline.runs import Run

_DEFAULT_READERS = "reader-1\nreader-2"
_AGAIN = {
    "once": "once",
    "repeats": "some twice",
    "arms": "all twice, the model shown in another way",
}


def title() -> str:
    """Ask what the study is called."""
    return st.text_input(
        "Title",
        key=state.STUDY_TITLE,
        max_chars=LONGEST_TITLE,
        placeholder="What readers will see, for example: Pneumonia, spring 2026",
    ).strip()


def readers() -> list[str]:
    """Ask who reads; a pseudonym each."""
    text = st.text_area(
        "Readers", _DEFAULT_READERS, key=state.STUDY_READERS, height=100, help=studies.READERS
    )
    return [line.strip() for line in text.splitlines() if line.strip()]


def design(name: str, runs: Sequence[Run], count: int) -> Design | None:
    """Ask for everything else; None while the title is missing.

    Parameters
    ----------
    runs : that can judge, the default one first.
    count : how many cases there are to be, as far as that is known.
    """
    first = _first_pass()
    passes, washout = _passes(first, count)
    left, right = st.columns(2)
    with left:
        scale = st.segmented_control(
            "How sure: points of the scale",
            SCALES,
            default=5,
            required=True,
            key=state.STUDY_SCALE,
            help=studies.SCALE_HELP,
        )
        findings = st.multiselect(
            "Findings that readers tick",
            studies.FINDINGS,
            list(studies.FINDINGS[:3]),
            key=state.STUDY_FINDINGS,
            accept_new_options=True,
            help="Type to add one of your own; leave empty to ask for none.",
        )
    with right:
        regions = st.toggle("Readers mark where they see it", True, key=state.STUDY_REGIONS)
        quality = st.toggle("Readers judge the picture's quality", False, key=state.STUDY_QUALITY)
    with st.expander("Model, explanation and seed", icon=":material/tune:"):
        run = _run(runs)
        point = st.selectbox(
            "Operating point",
            list(run.operating_points),
            index=list(run.operating_points).index(run.document["operating_point"]),
            format_func=operating_point,
            key=state.STUDY_POINT,
        )
        method = st.selectbox(
            "Regions highlighted by",
            [one for one in viewer_words.METHODS if one in EXPLAINERS],
            format_func=viewer_words.METHODS.get,
            key=state.STUDY_METHOD,
        )
        seed = st.number_input(
            "Seed",
            0,
            9999,
            0,
            key=state.STUDY_SEED,
            help="Decides which cases are drawn, and in which order each reader has them.",
        )
    if not name:
        return None
    return Design(
        title=name,
        run=run.name,
        run_sha256=run.document["model_sha256"],
        operating_point=point,
        threshold=run.operating_points[point]["threshold"],
        passes=passes,
        washout_days=washout,
        seed=int(seed),
        scale=scale,
        findings=tuple(findings),
        regions=regions,
        quality=quality,
        method=method,
    )


def _first_pass() -> Pass:
    left, right = st.columns(2)
    arm = left.selectbox(
        "Of the model, readers see",
        ARMS,
        index=ARMS.index("overlay"),
        format_func=words.ARMS.get,
        key=state.STUDY_ARM,
        help=studies.ARM_HELP,
    )
    order = right.selectbox(
        "They see it",
        ORDERS,
        format_func=words.ORDERS.get,
        key=state.STUDY_ORDER,
        disabled=arm == "none",
        help=studies.ORDER_HELP,
    )
    return Pass(arm, order)


def _passes(first: Pass, count: int) -> tuple[tuple[Pass, ...], float]:
    again = st.segmented_control(
        "Every reader reads the cases",
        list(_AGAIN),
        default="once",
        required=True,
        wrap=True,
        format_func=_AGAIN.get,
        key=state.STUDY_AGAIN,
        help=studies.DIFFERENT_HELP,
    )
    if again == "once":
        return (first,), 0.0
    left, right = st.columns(2)
    if again == "repeats":
        repeats = left.number_input(
            "Cases read again",
            1,
            max(1, count),
            min(10, max(1, count)),
            key=state.STUDY_REPEATS,
            help=studies.REPEATS_HELP,
        )
        second = Pass(first.arm, first.order, int(repeats))
    else:
        arm = left.selectbox(
            "The second time, they see",
            [one for one in ARMS if one != first.arm],
            format_func=words.ARMS.get,
            key=state.STUDY_OTHER_ARM,
        )
        second = Pass(arm, first.order)
    washout = right.number_input(
        "Washout, days",
        0.0,
        float(LONGEST_WASHOUT_DAYS),
        14.0,
        1.0,
        format="%g",
        key=state.STUDY_WASHOUT,
        help=studies.WASHOUT_HELP,
    )
    return (first, second), float(washout)


def _run(runs: Sequence[Run]) -> Run:
    by_name = {run.name: run for run in runs}
    return by_name[st.selectbox("Model", list(by_name), key=state.STUDY_RUN)]


def source() -> tuple[str, int]:
    """Ask where the cases come from, and how many there are to be.

    Returns
    -------
    A key of `dashboard.wording.studies.SOURCES`, and the number of cases; 0 where it depends on
    what is uploaded.
    """
    offered = [
        name
        for name, there in (
            ("test", resources.has_test_set()),
            ("samples", bool(resources.sample_items())),
            ("upload", True),
        )
        if there
    ]
    chosen = st.segmented_control(
        "Cases",
        offered,
        default=offered[0],
        required=True,
        wrap=True,
        format_func=studies.SOURCES.get,
        key=state.STUDY_CASES,
        help="\n".join(
            f"- **{studies.SOURCES[one]}**: {studies.SOURCE_HELP[one]}" for one in offered
        ),
    )
    if chosen == "samples":
        return chosen, len(resources.sample_items())
    if chosen == "test":
        return chosen, int(
            st.number_input("How many", 2, 400, 20, 2, key=state.STUDY_COUNT, width=160)
        )
    return chosen, 0


def uploads() -> list[bytes]:
    """Take pictures; their names, which are often patients', are not even looked at."""
    files = st.file_uploader(
        "Pictures",
        ["png", "jpg", "jpeg", "dcm", "dicom"],
        accept_multiple_files=True,
        key=state.STUDY_FILES,
        label_visibility="collapsed",
    )
    st.caption(f":material/shield_person: {studies.KEPT}")
    for error in filter(None, (refused(file.file_id) for file in files)):
        errors.explain(error)
    return [file.getvalue() for file in files if not refused(file.file_id)]
