"""What can be told without a lung: by simple models, and by the stored networks."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard import errors, figures, resources
from dashboard.figures.palette import COLOURS, NORMAL_COLOUR, PNEUMONIA_COLOUR
from dashboard.wording import data as told
from pipeline.errors import RunError
from pipeline.runs import Run

_PLAIN = {"displayModeBar": False}


def draw_models(parts: Mapping[str, Mapping]) -> None:
    chart, text = st.columns([3, 2], gap="large")
    series = {
        title: {told.PART_NAMES[name]: own[key] for name, own in parts.items()}
        for key, title in (
            ("auc", "linear model, official test"),
            ("auc_trees", "boosted trees, official test"),
            ("inside_train", "linear model, unseen patients of train"),
        )
    }
    chart.plotly_chart(
        figures.intervals(series, [COLOURS[1], COLOURS[2], COLOURS[3]], "AUC"),
        key="audit_shortcut_models",
        config=_PLAIN,
        alt="What simple models tell from one part of each picture",
    )
    text.markdown(told.models(parts))
    text.caption(told.MODELS)
    text.caption(told.BOX)


def draw_run(run: Run) -> None:
    """Draw what a run does when parts are hidden."""
    command = f"python -m pipeline shortcuts {run.name} --write"
    try:
        document = resources.run_shortcuts(run)
    except RunError as error:
        errors.explain(error)
        return
    if document is None:
        st.info(
            f"{run.name} has not been looked into yet. Do it with `{command}` (a minute, with "
            "the data set).",
            icon=":material/visibility_off:",
        )
        return
    chart, text = st.columns([3, 2], gap="large")
    data = document["data"]
    series = {
        title: {told.PART_NAMES[name]: part[key] for name, part in document["parts"].items()}
        for key, title in (
            ("auc", f"AUC (n = {data['pictures']}, {data['patients']} patients)"),
            ("sensitivity", f"sensitivity (n = {data['PNEUMONIA']})"),
            ("specificity", f"specificity (n = {data['NORMAL']})"),
        )
    }
    chart.plotly_chart(
        figures.intervals(
            series, [COLOURS[2], PNEUMONIA_COLOUR, NORMAL_COLOUR], "On the official test set"
        ),
        key="run_shortcuts",
        config=_PLAIN,
        alt=f"What {run.name} tells from parts of each picture",
    )
    text.markdown(told.run_parts(document))
    text.caption(told.RUN_PARTS)
    st.caption(
        f"Network `{document['model_sha256'][:12]}`, sensitivity and specificity at its threshold "
        f"{document['threshold']:.3f}. Regenerate: `{command}`."
    )
