"""How far train and test lie apart: models, grey levels, mean pictures."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from dashboard import figures, resources, state
from dashboard.figures.palette import COLOURS, NORMAL_COLOUR, PNEUMONIA_COLOUR
from dashboard.wording import data as told

_PLAIN = {"displayModeBar": False}
_ROWS = {
    "whole": "whole picture",
    "lungs_only": "chest alone",
    "border_frame": "outer tenth",
    "brightness_and_contrast": "brightness, contrast",
    "control": "control",
}
_SIDES = {"inside_train": "inside train, unseen patients", "test": "official test"}
_FIGURES = {
    "auc": "AUC",
    "accuracy": "Accuracy",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
}
_LIMIT = 30  # grey levels, the full colour of a difference


def draw_models(audit: Mapping) -> None:
    """Draw separability and shift."""
    if classes := audit["separability"]:
        chart, text = st.columns([3, 2], gap="large")
        series = {
            f"{name.lower()} ({own['train']:,} train, {own['test']} test)": {
                title: own["parts"].get(row) or own.get(row) for row, title in _ROWS.items()
            }
            for name, own in classes.items()
        }
        colours = [PNEUMONIA_COLOUR if n == "PNEUMONIA" else NORMAL_COLOUR for n in classes]
        chart.plotly_chart(
            figures.intervals(series, colours, "Train told from test: AUC"),
            key="audit_separability",
            config=_PLAIN,
            alt="How well train is told from test within each class",
        )
        text.markdown(told.separability(classes))
        text.caption(told.SEPARABILITY)
    if sides := audit["shift"]:
        chart, text = st.columns([3, 2], gap="large")
        series = {
            f"{title} (n = {sides[side]['n']:,})": {
                name: sides[side][key] for key, name in _FIGURES.items()
            }
            for side, title in _SIDES.items()
        }
        chart.plotly_chart(
            figures.intervals(series, [COLOURS[2], COLOURS[3]], "Linear model at .5", None),
            key="audit_shift",
            config=_PLAIN,
            alt="A linear model inside train and on the official test",
        )
        text.markdown(told.shift(sides))


def draw_grey_levels(audit: Mapping) -> None:
    grey = audit["grey"]
    columns = st.columns(2, gap="large")
    for column, (key, title) in zip(
        columns,
        {"brightness": "Brightness", "contrast": "Contrast"}.items(),
        strict=True,
    ):
        column.plotly_chart(
            figures.brightness_boxes(grey, key, title),
            key=f"audit_{key}",
            config=_PLAIN,
            alt=f"{title} of the pictures per split and class",
        )
    st.caption(told.BRIGHTNESS)
    rows = [
        {
            "Split": split,
            "Class": name,
            "n": own["n"],
            "Patients": own["patients"],
            "Mean brightness": told.level(own["brightness"]),
            "Mean contrast": told.level(own["contrast"]),
        }
        for split, classes in grey.items()
        for name, own in classes.items()
    ]
    st.dataframe(pd.DataFrame(rows), key=state.GREY_TABLE, hide_index=True)
    shown = st.segmented_control(
        "Grey levels",
        list(figures.CURVES),
        default="histogram",
        required=True,
        key=state.GREY_CURVE,
        format_func={
            "histogram": "Histogram",
            "rows": "From top to bottom",
            "columns": "From left to right",
        }.get,
        bind="query-params",
        persist_state="session",
    )
    st.plotly_chart(
        figures.grey_curves(grey, shown),
        key="audit_grey",
        config=_PLAIN,
        alt="Grey levels per split and class",
    )
    st.caption(told.sizes(audit["sizes"]))


def draw_means() -> None:
    """Draw the mean pictures if the data set is here and they are asked for."""
    if not resources.dataset_is_here():
        st.info(told.NO_DATA, icon=":material/folder_open:")
        return
    if not st.toggle(
        "Draw the mean pictures",
        key=state.MEANS,
        help="Reads every picture of the data set: half a minute the first time.",
    ):
        return
    with st.spinner("Averaging every picture of the data set"):
        means = resources.mean_pictures()
    for name in ("NORMAL", "PNEUMONIA"):
        columns = st.columns(3)
        shown = {split: means.get(split, {}).get(name) for split in ("train", "test")}
        for column, (split, mean) in zip(columns, shown.items(), strict=False):
            if mean is None:
                continue
            column.markdown(f"{name.lower()}, {split}")
            column.plotly_chart(
                figures.mean_picture(mean.image),
                key=f"mean {split} {name}",
                config=_PLAIN,
                alt=f"Mean of {mean.n} {name.lower()} pictures of {split}",
            )
            column.caption(f"mean of {mean.n:,} pictures, {mean.patients:,} patients")
        if all(shown.values()):
            columns[2].markdown(f"{name.lower()}, test minus train")
            columns[2].plotly_chart(
                figures.mean_picture(shown["test"].image - shown["train"].image, _LIMIT),
                key=f"mean difference {name}",
                config=_PLAIN,
                alt=f"Where {name.lower()} test pictures are brighter or darker",
            )
            columns[2].caption(f"± {_LIMIT} grey levels")
    st.caption(told.MEANS)
