"""What was tried: validation against test."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.figures.frame import PLAIN, bars
from dashboard.figures.palette import COLOURS, GREY


def tries(entries: Sequence[dict], stored: Sequence[dict]) -> go.Figure:
    """Draw the AUC on the test set, with its 95 % interval, over that on validation patients.

    Parameters
    ----------
    entries : of `pipeline.lab.record`.
    stored : the runs that were kept: ``{"name", "validation", "test"}`` with reports.
    """
    figure = go.Figure()
    for name, shown, colour, symbol in (
        ("tried", entries, GREY, "circle-open"),
        ("kept as a run", stored, COLOURS[0], "diamond"),
    ):
        test = [entry["test"]["figures"]["auc"] for entry in shown]
        validation = [entry["validation"]["figures"]["auc"]["value"] for entry in shown]
        figure.add_trace(
            go.Scatter(
                name=name,
                x=validation,
                y=[part["value"] for part in test],
                error_y={**bars(test), "thickness": 1, "width": 3},
                text=[entry["name"] for entry in shown],
                hovertemplate="%{text}<br>validation %{x:.4f}<br>test %{y:.4f}<extra></extra>",
                mode="markers",
                marker={"size": 11, "color": colour, "symbol": symbol, "line": {"width": 2}},
            )
        )
    lowest = min(
        (entry["validation"]["figures"]["auc"]["value"] for entry in (*entries, *stored)), default=1
    )
    line = {"color": GREY, "dash": "dot", "width": 1}
    figure.add_shape(type="line", x0=lowest, y0=lowest, x1=1, y1=1, line=line, layer="below")
    figure.update_layout(
        PLAIN,
        height=380,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    figure.update_xaxes(title={"text": "AUC on validation patients"}, automargin=True)
    figure.update_yaxes(title={"text": "AUC on the official test set"}, automargin=True)
    return figure
