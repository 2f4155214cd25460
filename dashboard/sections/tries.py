"""The lab record: what was tried on the way to the stored networks, and what it gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import figures
from dashboard.wording import performance as told


def draw(entries: Sequence[dict], reports: Mapping[str, Mapping[str, dict]]) -> None:
    """Draw the tries of `pipeline.lab.record` beside the stored runs.

    Parameters
    ----------
    reports : run -> ``{"validation", "test"}`` -> its report.
    """
    if not entries:
        st.info(told.NO_TRIES, icon=":material/science:")
        return
    kept = [{"name": name, **report} for name, report in reports.items()]
    st.plotly_chart(
        figures.tries(entries, kept),
        key="tries",
        config={"displayModeBar": False},
        alt="AUC on the test set over AUC on validation patients, for each try and each stored run",
    )
    st.dataframe(
        pd.DataFrame([_row(entry) for entry in entries]),
        hide_index=True,
        column_config={
            **{
                name: st.column_config.NumberColumn(format="%.4f")
                for name in ("Validation AUC", "Test AUC")
            },
            **{
                name: st.column_config.NumberColumn(format="%.3f")
                for name in ("Accuracy", "Sens.", "Spec.")
            },
            "Minutes": st.column_config.NumberColumn(format="%.0f"),
        },
    )
    st.caption(told.tries(entries))
    # As text: in a cell of the table sentences would be cut off.
    st.markdown("\n".join(f"- {told.one_try(entry)}" for entry in entries))


def _row(entry: dict) -> dict:
    test = {name: part["value"] for name, part in entry["test"]["figures"].items()}
    return {
        "Name": entry["name"],
        "Lever": entry["lever"],
        "Validation AUC": entry["validation"]["figures"]["auc"]["value"],
        "Test AUC": test["auc"],
        "Accuracy": test["accuracy"],
        "Sens.": test["sensitivity"],
        "Spec.": test["specificity"],
        "Minutes": None if entry["seconds"] is None else entry["seconds"] / 60,
    }
