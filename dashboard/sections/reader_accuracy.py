"""How often each reader is right, before and after the model was shown, and beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import figures
from dashboard.sections import statistics_csv
from dashboard.wording import observers as told
from pipeline.observers import Findings
from pipeline.observers.accuracy import Accuracy, AtMoment, Change

ALL, MODEL = "all readers", "the model"
_READER = {"Reader": st.column_config.TextColumn(pinned=True)}


def draw(found: Findings, passes: int, tables: Mapping[str, Sequence[Mapping]]) -> None:
    """Draw sensitivity and specificity of every reader at every moment."""
    moments = found.accuracies
    st.markdown(told.pooled(moments, passes))
    names = [*found.readers, *([ALL] if len(found.readers) > 1 else []), MODEL]
    panels = {
        title: [
            (
                told.moment(one.moment, passes),
                [_of(one, name, figure, place) for name in names],
            )
            for place, one in enumerate(moments)
        ]
        for figure, title in (
            ("sensitivity", "Sensitivity: pneumonias found"),
            ("specificity", "Specificity: normals cleared"),
        )
    }
    within = len({one.moment.pass_number for one in moments}) == 1
    st.plotly_chart(
        figures.dumbbells(names, panels, arrows=within),
        key="reader_accuracy",
        config={"displayModeBar": False},
        alt="Sensitivity and specificity of every reader before and after the model was shown",
    )
    st.caption(f"{told.OF_CALLS} {told.INTERVALS}")
    with st.expander("Every reader, in figures", icon=":material/table_rows:"):
        st.dataframe(
            pd.DataFrame(
                {
                    "Reader": name,
                    "Answers": told.moment(one.moment, passes),
                    "Sensitivity": told.percent(each.sensitivity),
                    "of": each.sensitivity["n"],
                    "Specificity": told.percent(each.specificity),
                    "of ": each.specificity["n"],
                    "AUC": told.number(each.auc),
                }
                for name in names
                for one in moments
                if (each := _who(one, name)) is not None
            ),
            hide_index=True,
            column_config=_READER,
        )
    statistics_csv.offer("accuracy", tables)
    changed = [change for one in found.revealed for change in one.changes if change.before["n"]]
    if changed:
        with st.expander("Every reader's change, tested", icon=":material/functions:"):
            _changes(changed)
            statistics_csv.offer("changes", tables)


def _changes(changed: Sequence[Change]) -> None:
    st.dataframe(
        pd.DataFrame(
            {
                "Reader": one.reader,
                "Figure": one.figure,
                "Before": told.percent(one.before),
                "After": told.percent(one.after),
                "Change in points": told.points(one.difference),
                "n": one.before["n"],
                "p (McNemar)": one.p,
            }
            for one in changed
        ),
        hide_index=True,
        column_config={
            **_READER,
            "p (McNemar)": st.column_config.NumberColumn(format="%.3f"),
        },
    )


def roc(
    found: Findings, shown: AtMoment, passes: int, tables: Mapping[str, Sequence[Mapping]]
) -> None:
    """Draw the readers beside the model on the ROC plane; the curves are of one moment."""
    if shown.model_curve is None:
        st.info(
            "A ROC curve needs cases of both classes; the truth of these is of one class only.",
            icon=":material/info:",
        )
        return
    chart, text = st.columns([3, 2], gap="large")
    chart.plotly_chart(
        figures.readers_roc(
            shown.model_curve,
            _point(shown.model),
            shown.curves,
            [
                (
                    told.moment(one.moment, passes),
                    {each.reader: _point(each) for each in one.readers if _has_point(each)},
                )
                for one in found.accuracies
            ],
        ),
        key="readers_roc",
        config={"displayModeBar": False},
        alt="ROC curve of the model with the readers' curves and calls",
    )
    text.markdown(told.ROC)
    rows = [(MODEL, shown.model), *((each.reader, each) for each in shown.readers)]
    text.dataframe(
        pd.DataFrame(
            {
                f"AUC, {told.moment(shown.moment, passes)}": name,
                "": told.number(each.auc),
                "cases": each.cases,
            }
            for name, each in rows
        ),
        hide_index=True,
    )
    with text:
        statistics_csv.offer("roc", tables)


def _who(one: AtMoment, name: str) -> Accuracy | None:
    if name in (ALL, MODEL):
        return one.pooled if name == ALL else one.model
    return next((each for each in one.readers if each.reader == name), None)


def _of(one: AtMoment, name: str, figure: str, place: int) -> dict:
    found = _who(one, name)
    if found is None or (place and name == MODEL):  # it says the same every time
        return {"value": None, "low": None, "high": None, "n": 0, "why": "no answer"}
    return getattr(found, figure)


def _has_point(each: Accuracy) -> bool:
    return each.sensitivity["value"] is not None and each.specificity["value"] is not None


def _point(each: Accuracy) -> tuple[float, float]:
    return 1 - each.specificity["value"], each.sensitivity["value"]
