"""Do explanations point to where readers see the disease? Computed only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard import background, metrics, resources, state
from dashboard.wording import observers as told
from dashboard.wording.viewer import METHODS
from pipeline.config import PNEUMONIA
from pipeline.explain import EXPLAINERS, LOOKS_INSIDE, Explanation
from pipeline.explain.feature_maps import FeatureMaps
from pipeline.images import Picture
from pipeline.observers import Findings
from pipeline.observers.regions import Localisation, Marked, localise
from pipeline.readings.design import Design
from pipeline.runs import Run
from pipeline.spreadsheet import csv_text

if TYPE_CHECKING:
    from pipeline.readings.store import Study

_JOB = "locating"


def draw(study: Study, found: Findings, picture_of: Callable[[int], Picture]) -> None:
    """Offer the comparison of marked regions with every method, and draw it."""
    st.markdown(told.REGIONS)
    if not found.marks:
        st.info(told.NO_REGIONS, icon=":material/ink_highlighter:")
        return
    cases = {mark.case for mark in found.marks}
    st.markdown(told.marks(found))
    run = _run(study.design)
    if run is None:
        return
    methods = st.multiselect(
        "Methods",
        list(EXPLAINERS),
        default=list(EXPLAINERS),
        format_func=lambda name: METHODS.get(name, name),
        key=state.LOCATED_METHODS,
        persist_state="session",
    )
    key = (study.id, run.document["model_sha256"], tuple(methods), tuple(found.marks))
    if state.recall((_JOB, key)) is None and not _under_way(key):
        st.button(
            "Compare the methods with the marked regions",
            icon=":material/my_location:",
            key=state.LOCATE,
            disabled=not methods,
            on_click=lambda: state.keep_job(f"{_JOB} asked", key),
        )
        if state.job(f"{_JOB} asked") != key:
            return
    results = background.result(
        _JOB,
        key,
        _work(run, study.design, methods, found.marks, picture_of),
        metrics.REGIONS,
        told.waiting(methods, len(cases)),
        state.STOP_LOCATING,
        on_stop=lambda: state.keep_job(f"{_JOB} asked", None),
    )
    if results is not None:
        _table(results)


def _under_way(key: tuple) -> bool:
    job = state.job(_JOB)
    return job is not None and job.key == key and job.running


def _run(design: Design) -> Run | None:
    """Return the run that the study shows, if it is still the same network."""
    run = next((one for one in resources.servable_runs() if one.name == design.run), None)
    if run is not None and run.document["model_sha256"] == design.run_sha256:
        return run
    what = "is not here any more" if run is None else "has other weights now than the readers saw"
    st.info(
        f"Run `{design.run}` {what}, so its explanations cannot be made again. Put back the run "
        "folder that the study was made with.",
        icon=":material/model_training:",
    )
    return None


def _work(
    run: Run,
    design: Design,
    methods: Sequence[str],
    marks: Sequence[Marked],
    picture_of: Callable[[int], Picture],
):
    # Whatever is Streamlit's is asked here: the work itself runs in a thread.
    classifier = resources.classifier(run)

    def explain(method: str, case: int) -> Explanation:
        asked = FeatureMaps(run) if method in LOOKS_INSIDE else classifier.probabilities
        return EXPLAINERS[method](
            asked,
            classifier.prepare(picture_of(case).image),
            run=run.name,
            target=PNEUMONIA,
            segments=design.segments,
            fill=design.fill,
            seed=design.explanation_seed,
        )

    def work(progress, should_stop) -> list[Localisation]:
        return localise(marks, methods, explain, progress, should_stop)

    return work


def _table(results: Sequence[Localisation]) -> None:
    rows = [
        {
            "Method": METHODS.get(one.method, one.method),
            "Pointing game": told.percent(one.pointing),
            "By chance": f"{100 * one.by_chance:.0f} %",
            "IoU": told.number(one.iou),
            "Regions": one.pointing["n"],
        }
        for one in results
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    st.caption(
        "By chance: how often a point thrown at random would hit, the share of the picture that "
        f"regions cover. {told.INTERVALS}"
    )
    st.download_button(
        "Download these figures (CSV)",
        csv_text(
            {
                "method": one.method,
                **{f"pointing_{name}": value for name, value in one.pointing.items()},
                **{f"iou_{name}": value for name, value in one.iou.items()},
                "pointing_by_chance": one.by_chance,
            }
            for one in results
        ),
        file_name="regions.csv",
        mime="text/csv",
        key=f"{state.SAVE_STATISTICS}_regions",
        icon=":material/download:",
        on_click="ignore",
    )
