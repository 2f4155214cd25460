"""One run at a threshold that moves: the only part of its page that is drawn again then."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import pandas as pd
import streamlit as st

from dashboard import errors, figures, resources, state, wording
from dashboard.sections import curve, pictogram
from dashboard.wording import performance as told
from pipeline import evaluation
from pipeline.performance import operating, prevalence
from pipeline.runs import Run


@st.fragment
def draw(run: Run, predictions: pd.DataFrame, split: str, colour: str) -> None:
    """Draw the section; `predictions` are the run's, of every split."""
    with errors.shown():  # a fragment runs outside of the page's own frame
        _draw(run, predictions, split, colour)


def _draw(run: Run, predictions: pd.DataFrame, split: str, colour: str) -> None:
    own = predictions[predictions["split"] == split]
    score, label = own["probability"].to_numpy(), own["label"].to_numpy()
    rates = operating.rates(score, label)
    threshold = _threshold(run)
    now = operating.at_threshold(score, label, threshold)
    left, right = st.columns(2)
    share_ill = left.slider(
        "Prevalence: how many of 100 children have pneumonia",
        0.5,
        99.5,
        round(200 * float(label.mean())) / 2,
        0.5,
        key=state.PREVALENCE,
        format="%.1f",
        bind="query-params",
        persist_state="session",
        help=f"Among the pictures of this split it is {100 * label.mean():.1f} %; in a ward or a "
        "screening it is far less, and then a call of pneumonia is wrong more often.",
    )
    miss = right.number_input(
        "A missed pneumonia is as bad as this many false alarms",
        0.1,
        1000.0,
        5.0,
        1.0,
        key=state.MISS,
        format="%.1f",
        bind="query-params",
        persist_state="session",
        help=told.COST,
    )
    at_share = evaluation.at_prevalence(
        now["figures"]["sensitivity"], now["figures"]["specificity"], share_ill / 100
    )
    _curves(run, score, label, rates, now, at_share, colour)
    _calls(now, share_ill / 100)
    _table(now, at_share, split)
    _cost(run, now, share_ill / 100, miss)


def _threshold(run: Run) -> float:
    """Return the threshold in use, from its slider, its box, a button or the ROC curve."""
    slider, box = st.columns([3, 1], vertical_alignment="bottom")
    threshold = slider.slider(
        "Threshold: call pneumonia from this probability on",
        0.0,
        1.0,
        step=0.001,
        key=state.THRESHOLD,
        format="%.4f",
        bind="query-params",
        persist_state="session",
    )
    state.put(state.THRESHOLD_TYPED, threshold)
    box.number_input(
        "or type it",
        0.0,
        1.0,
        step=0.001,
        format="%.4f",
        key=state.THRESHOLD_TYPED,
        on_change=lambda: _move(state.value(state.THRESHOLD_TYPED, threshold)),
    )
    with st.container(horizontal=True):
        for name, point in run.operating_points.items():
            st.button(
                f"{wording.operating_point(name)}: {point['threshold']:.3f}",
                key=f"{state.STORED_POINT}_{name}",
                help=f"{point['rule']}.".capitalize(),
                on_click=_move,
                args=(point["threshold"],),
            )
    st.caption(told.CLICK)
    return threshold


def _move(threshold: float | None) -> None:
    if threshold is not None:
        state.put(state.THRESHOLD, float(threshold))


def _dragged(key: str) -> None:
    _move(state.value(key, {}).get("threshold"))


def _curves(run: Run, score, label, rates, now: Mapping, at_share: Mapping, colour: str) -> None:
    stored = {}
    for name, point in run.operating_points.items():
        parts = operating.at_threshold(score, label, point["threshold"])["figures"]
        stored[wording.operating_point(name)] = (
            1 - parts["specificity"]["value"],
            parts["sensitivity"]["value"],
        )
    percent = f"{100 * at_share['prevalence']:.1f} %"
    left, right = st.columns(2)
    left.markdown("**ROC curve**")
    with left:
        curve.draw(
            figures.roc(rates, colour, now["figures"], stored),
            state.ROC,
            functools.partial(_dragged, state.ROC),
        )
    right.markdown(f"**Precision-recall curve** at a prevalence of {percent}")
    parts = {"sensitivity": now["figures"]["sensitivity"], "ppv": at_share["ppv"]}
    with right:
        curve.draw(
            figures.precision_recall(rates, colour, at_share["prevalence"], parts),
            state.PRECISION_RECALL,
            functools.partial(_dragged, state.PRECISION_RECALL),
        )


def _calls(now: Mapping, share_ill: float) -> None:
    left, right = st.columns(2)
    left.markdown(f"**Confusion matrix**, n = {now['n']}")
    with left:
        pictogram.draw(figures.confusion(now["counts"]), state.CONFUSION)
    parts = now["figures"]
    counts = prevalence.icons(
        parts["sensitivity"]["value"], parts["specificity"]["value"], share_ill
    )
    right.markdown(told.of_hundred(counts, share_ill))
    with right:
        pictogram.draw(figures.hundred(counts), state.HUNDRED)


def _table(now: Mapping, at_share: Mapping, split: str) -> None:
    parts = now["figures"]
    rows = [
        ("Sensitivity", parts["sensitivity"], parts["sensitivity"]),
        ("Specificity", parts["specificity"], parts["specificity"]),
        ("PPV: right among calls of pneumonia", parts["ppv"], at_share["ppv"]),
        ("NPV: right among calls of normal", parts["npv"], at_share["npv"]),
        ("Accuracy", parts["accuracy"], None),
    ]
    lines = [
        f"| {told.SPLIT_NAMES[split].capitalize()} | among these pictures | n "
        f"| at a prevalence of {100 * at_share['prevalence']:.1f} % |",
        "|---|---|---|---|",
    ]
    for name, here, there in rows:
        moved = told.share(there) if there else ""
        lines.append(f"| {name} | {told.share(here)} | {here['n']} | {moved} |")
    st.markdown("\n".join(lines))


def _cost(run: Run, now: Mapping, share_ill: float, miss: float) -> None:
    st.markdown(told.cost(prevalence.expected_cost(now["figures"], share_ill, miss), miss))
    found = resources.cheapest_threshold(run, share_ill, miss)
    if found is None:
        return
    text, button = st.columns([4, 1], vertical_alignment="center")
    text.markdown(told.cheapest(found))
    button.button(
        "Use it",
        key=state.CHEAPEST,
        on_click=_move,
        args=(found["threshold"],),
        icon=":material/savings:",
    )
