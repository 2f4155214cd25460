"""Does a probability mean what it says, and what does saying *unsure* win?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import figures
from dashboard.wording import performance as told
from pipeline import evaluation
from pipeline.performance import calibration
from pipeline.runs import Run


def draw(run: Run, own: pd.DataFrame, split: str, errors: dict, colour: str) -> None:
    """Draw the section.

    Parameters
    ----------
    own : the run's predictions of `split`.
    errors : ``{"before", "after"}`` of `pipeline.performance.calibration.calibration_error`.
    """
    label = own["label"].to_numpy()
    before = evaluation.probability(own["logit"].to_numpy(), 1.0)
    chart, text = st.columns([3, 2], gap="large")
    chart.plotly_chart(
        figures.reliability(
            calibration.reliability(own["probability"].to_numpy(), label),
            calibration.reliability(before, label),
            colour,
        ),
        key="reliability",
        config={"displayModeBar": False},
        alt="Share that is pneumonia over the probability the model says",
    )
    text.markdown(told.calibration(errors["before"], errors["after"], run.temperature, split))
    band = run.document.get("abstain")
    if band:
        found = evaluation.selective(
            own["probability"].to_numpy(),
            label,
            band["low"],
            band["high"],
            own["patient"].tolist(),
            resamples=1,  # only shares of counts are shown, whose intervals are Wilson's
        )
        text.markdown(told.abstaining(found, band["rule"], split))
    text.caption(
        f"From `predictions.csv`; `python -m pipeline evaluate {run.name} --stored` computes the "
        "same figures anew."
    )
