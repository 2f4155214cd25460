"""Training curves of several runs."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.palette import CLEAR, FAINT

METRIC_TITLES = {
    "loss": "Loss (cross-entropy)",
    "accuracy": "Accuracy",
    "auc": "AUC",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "objective": "Objective (what training minimises)",
    "learning_rate": "Learning rate",
}
AXIS_TITLES = {"epoch": "Epoch", "seconds": "Seconds since training began"}


def curve_figure(
    table: pd.DataFrame,
    metric: str,
    colours: Mapping[str, str],
    symbols: Mapping[str, str],
    best: Mapping[str, int | None],
    labels: Mapping[str, str] | None = None,
    x: str = "epoch",
    log_y: bool = False,
) -> go.Figure:
    """Draw one metric of several runs: training solid, validation dashed.

    Parameters
    ----------
    table : as `pipeline.curves.curves` returns it. Where `smoothed` differs from `raw`, the raw
        trace stays visible, faintly.
    metric : the rows of `table` to draw.
    colours, symbols : of `run_colours` and `run_symbols`.
    best : per run the epoch to mark on its validation curve, with its raw value; None for none.
    labels : what to call a run, by default its name.
    x : ``epoch`` or ``seconds``.
    """
    figure = go.Figure()
    drawn = table[table["metric"] == metric]
    runs = list(dict.fromkeys(drawn["run"]))
    for run in runs:
        own = drawn[drawn["run"] == run]
        label = (labels or {}).get(run, run)
        for position, (side, part) in enumerate(own.groupby("side", sort=True)):
            line = {"color": colours[run], "dash": "solid" if side == "train" else "dash"}
            if not part["smoothed"].equals(part["raw"]):
                figure.add_scatter(
                    x=part[x],
                    y=part["raw"],
                    mode="lines",
                    line=line | {"width": 1},
                    opacity=FAINT,
                    legendgroup=run,
                    showlegend=False,
                    hoverinfo="skip",
                )
            figure.add_scatter(
                x=part[x],
                y=part["smoothed"],
                name=label,
                mode="lines+markers",
                line=line | {"width": 2},
                # Small on the dashed line, where markers would fill the gaps.
                marker={"symbol": symbols[run], "size": 5 if side == "train" else 3},
                legendgroup=run,
                showlegend=position == 0,
                hovertemplate=f"{label}, {side}: %{{y:.4g}}<extra></extra>",
            )
        marked = own[(own["side"] == "validation") & (own["epoch"] == best.get(run))]
        figure.add_scatter(
            x=marked[x],
            y=marked["raw"],
            # Of more runs the numbers would cover each other; the table below the plot has them.
            text=[f"{value:.3f}" for value in marked["raw"]] if len(runs) <= 2 else None,
            mode="markers+text",
            textposition="top center",
            textfont={"color": colours[run]},
            marker={
                "symbol": f"{symbols[run]}-open",
                "size": 13,
                "color": colours[run],
                "line": {"width": 2},
            },
            legendgroup=run,
            showlegend=False,
            cliponaxis=False,
            hoverinfo="skip",
        )
    # One line of legend per run, below the plot: names are long and a phone is narrow.
    legend_px = 22 * len(runs) + 12
    figure.update_layout(
        title={"text": METRIC_TITLES.get(metric, metric), "x": 0, "xanchor": "left"},
        height=330 + legend_px,
        margin={"l": 8, "r": 16, "t": 44, "b": 48 + legend_px},
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        hovermode="x unified",
        showlegend=True,
        legend={
            "orientation": "v",
            "yref": "container",
            "y": 0,
            "yanchor": "bottom",
            "x": 0,
            "xanchor": "left",
            "bgcolor": CLEAR,
        },
        uirevision=f"{metric} {x} {log_y}",
    )
    figure.update_xaxes(title={"text": AXIS_TITLES[x]}, rangemode="tozero")
    figure.update_yaxes(type="log" if log_y else "linear", automargin=True)
    return figure
