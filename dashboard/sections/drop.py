"""From validation patients to the official test, class by class, with the measured cause."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import figures, wording
from dashboard.wording import performance as told
from pipeline.evaluation import name_families
from pipeline.performance import drop
from pipeline.runs import Run


def draw(run: Run, predictions: pd.DataFrame, audit: dict | None) -> None:
    """Draw the section; `audit` as ``python -m pipeline data audit`` stored it."""
    point = run.document["operating_point"]
    threshold = run.operating_points[point]["threshold"]
    classes = drop.right_per_class(predictions, threshold)
    chart, text = st.columns([3, 2], gap="large")
    chart.plotly_chart(
        figures.spread(drop.probability_shares(predictions), threshold),
        key="spread",
        config={"displayModeBar": False},
        alt="How the probabilities of each class lie on validation and on test",
    )
    chart.caption(told.SPREAD_CAPTION)
    text.markdown(f"At the run's own point *{wording.operating_point(point)}* ({threshold:.3f}):")
    for name, splits in classes.items():
        known = all(splits[split]["n"] for split in drop.SPLITS)
        difference = drop.loss(splits["validation"], splits["test"]) if known else None
        text.markdown(f"- {told.lost(name, splits, difference)}")
    separability = (audit or {}).get("separability")
    text.markdown(told.cause(separability) if separability else told.WHERE_CAUSE)
    st.markdown("**By kind of picture**, official test set, share of right calls")
    st.markdown(_kinds(predictions, threshold))
    st.caption(
        f"From `predictions.csv`; `python -m pipeline evaluate {run.name} --stored` computes the "
        "same figures anew."
    )


def _kinds(predictions: pd.DataFrame, threshold: float) -> str:
    """Return a markdown table."""
    own = predictions[predictions["split"] == "test"]
    families = name_families(own["label"], own["kind"], own["patient"])
    lines = ["| Kind | Right | n |", "|---|---|---|"]
    for family, names in families.items():
        for name, figure in drop.right_by(own, names, threshold).items():
            kind = name if family == "germ" else f"{family} {name}"
            lines.append(f"| {kind} | {told.share(figure)} | {figure['n']} |")
    return "\n".join(lines)
