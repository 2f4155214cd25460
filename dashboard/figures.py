"""Numbers in, a plotly Figure out. No streamlit; legible on a dark and on a light page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

# Okabe, Ito 2008 (colour-blind safe), without black and yellow, which vanish on one of the themes.
_COLOURS = ("#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#0072b2", "#d55e00", "#8f8f8f")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star", "hexagon", "cross")
# Fixed too: blue speaks against pneumonia, orange for it, on every page.
_NORMAL, _PNEUMONIA = "#0072b2", "#d55e00"
_GREY = "#8f98a3"
_CLEAR = "rgba(0,0,0,0)"
_FAINT = 0.4

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


def run_colours(names: Sequence[str]) -> dict[str, str]:
    """Return one colour per run, by its position among *all* stored runs, sorted.

    Give every stored name, never a selection: only then does a run keep its colour everywhere.
    Where there are more runs than colours, `run_symbols` tells equal colours apart.
    """
    return {name: _COLOURS[i % len(_COLOURS)] for i, name in enumerate(sorted(names))}


def run_symbols(names: Sequence[str]) -> dict[str, str]:
    """Return one marker symbol per run; colour and symbol together repeat after 56 runs."""
    return {
        name: _SYMBOLS[i // len(_COLOURS) % len(_SYMBOLS)] for i, name in enumerate(sorted(names))
    }


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
                    opacity=_FAINT,
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
            text=[f"{value:.3f}" for value in marked["raw"]],
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
        paper_bgcolor=_CLEAR,
        plot_bgcolor=_CLEAR,
        hovermode="x unified",
        showlegend=True,
        legend={
            "orientation": "v",
            "yref": "container",
            "y": 0,
            "yanchor": "bottom",
            "x": 0,
            "xanchor": "left",
            "bgcolor": _CLEAR,
        },
        uirevision=f"{metric} {x} {log_y}",
    )
    figure.update_xaxes(title={"text": AXIS_TITLES[x]}, rangemode="tozero")
    figure.update_yaxes(type="log" if log_y else "linear", automargin=True)
    return figure


def verdict_scale(probability: float, threshold: float) -> go.Figure:
    """Draw a probability in [0, 1] on a scale with its threshold: normal left, pneumonia right."""
    figure = go.Figure()
    for low, high, colour in ((0, threshold, _NORMAL), (threshold, 1, _PNEUMONIA)):
        figure.add_shape(
            type="rect",
            x0=low,
            x1=high,
            y0=0.35,
            y1=0.65,
            fillcolor=colour,
            opacity=0.45,
            line_width=0,
        )
    line = {"width": 2, "color": _GREY}
    figure.add_shape(type="line", x0=threshold, x1=threshold, y0=0.2, y1=0.8, line=line)
    # Near an end the figure leans inwards, or a narrow screen would cut it off.
    lean = "left" if probability > 0.85 else "right" if probability < 0.15 else "center"
    figure.add_trace(
        go.Scatter(
            x=[probability],
            y=[0.5],
            mode="markers+text",
            marker={
                "size": 20,
                "symbol": "diamond",
                "color": _PNEUMONIA if probability >= threshold else _NORMAL,
                "line": {"width": 2, "color": "white"},
            },
            text=[f"<b>{100 * probability:.1f} %</b>"],
            textposition=f"top {lean}",
            textfont={"size": 17},
            cliponaxis=False,
        )
    )
    for x, anchor, text in ((0, "left", "normal"), (1, "right", "pneumonia")):
        figure.add_annotation(x=x, y=0.15, xanchor=anchor, text=text, showarrow=False, font_size=14)
    lean = "left" if threshold < 0.15 else "right" if threshold > 0.85 else "center"
    figure.add_annotation(
        x=threshold,
        y=-0.2,
        xanchor=lean,
        text=f"threshold {100 * threshold:.1f} %",
        showarrow=False,
        font_size=13,
    )
    figure.update_layout(
        height=130,
        margin={"l": 8, "r": 8, "t": 8, "b": 4},
        paper_bgcolor=_CLEAR,
        plot_bgcolor=_CLEAR,
        showlegend=False,
    )
    figure.update_xaxes(range=[-0.02, 1.02], visible=False, fixedrange=True)
    figure.update_yaxes(range=[-0.35, 1.2], visible=False, fixedrange=True)
    return figure


def performance(reports: Mapping[str, dict], titles: Mapping[str, str]) -> go.Figure:
    """Draw figures with their 95 % intervals, a colour and symbol per split.

    Parameters
    ----------
    reports : split -> what `pipeline.evaluation.report` returned.
    titles : figure -> its name for people; in this order from the top.
    """
    figure = go.Figure()
    for position, (split, report) in enumerate(reports.items()):
        known = [name for name in titles if report["figures"][name]["value"] is not None]
        parts = [report["figures"][name] for name in known]
        figure.add_trace(
            go.Scatter(
                name=f"{split} (n = {report['n']})",
                x=[part["value"] for part in parts],
                y=[titles[name] for name in known],
                mode="markers",
                marker={
                    "size": 10,
                    "color": _COLOURS[position],
                    "symbol": _SYMBOLS[position],
                },
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "array": [part["high"] - part["value"] for part in parts],
                    "arrayminus": [part["value"] - part["low"] for part in parts],
                },
                customdata=[[part["low"], part["high"], part["n"]] for part in parts],
                hovertemplate="%{x:.3f} (%{customdata[0]:.3f} to %{customdata[1]:.3f}), "
                "n = %{customdata[2]}",
            )
        )
    figure.update_layout(
        height=80 + 42 * len(titles),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor=_CLEAR,
        plot_bgcolor=_CLEAR,
        legend={"orientation": "h", "y": -0.12},
        # Drawn side by side, or one interval would hide the other.
        scattermode="group",
        scattergap=0.4,
    )
    figure.update_xaxes(range=[0.4, 1.005], gridcolor="rgba(128,128,128,0.3)")
    figure.update_yaxes(autorange="reversed")
    return figure
