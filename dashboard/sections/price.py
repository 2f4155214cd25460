"""What a better figure costs: parameters, milliseconds, seconds of training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import figures
from dashboard.wording import performance as told
from pipeline.performance.results import Result, name_smallest
from pipeline.runs import Run


def draw(
    runs: Sequence[Run],
    reports: Mapping[str, Mapping],
    latencies: dict | None,
    colours: Mapping[str, str],
    symbols: Mapping[str, str],
    everything: Sequence[Result],
) -> None:
    """Draw the AUC of `runs` over each price, and name the smallest good network.

    Parameters
    ----------
    latencies : as ``benchmark latency`` stored it.
    everything : official test results of all stored runs, chosen or not.
    """
    measured = (latencies or {}).get("runs", {})
    prices = {
        "Parameters": {run.name: run.parameters for run in runs},
        "Milliseconds a picture": {
            run.name: measured[run.name]["ms"]["median"] for run in runs if run.name in measured
        },
        "Seconds of training": {
            run.name: run.document["seconds"] for run in runs if run.document.get("seconds")
        },
    }
    aucs = {name: report["figures"]["auc"] for name, report in reports.items()}
    st.plotly_chart(
        figures.price(
            aucs, {title: known for title, known in prices.items() if known}, colours, symbols
        ),
        key="price",
        config={"displayModeBar": False},
        alt="AUC of each run over what it costs",
    )
    st.markdown(name_smallest(everything, latencies))
    if not latencies:
        st.caption(told.WHERE_LATENCY)
    else:
        machine = latencies["machine"]
        without = [run.name for run in runs if run.name not in measured]
        missing = f" Not measured: {', '.join(without)} (no weights stored)." if without else ""
        st.caption(
            f"Latency: median of single warm pictures on {machine['cores']} cores, load "
            f"{machine['load']} before; `python -m pipeline benchmark latency --write` measures "
            f"it anew.{missing}"
        )
    st.caption(told.PRICE)
