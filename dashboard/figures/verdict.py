"""One verdict on its scale, and what a run was worth on held-out pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from dashboard.figures.palette import CLEAR, COLOURS, GREY, NORMAL_COLOUR, PNEUMONIA_COLOUR, SYMBOLS


def verdict_scale(
    probability: float,
    threshold: float,
    band: tuple[float, float] | None = None,
    others: Sequence[float] = (),
) -> go.Figure:
    """Draw a probability in [0, 1] on a scale with its threshold: normal left, pneumonia right.

    Parameters
    ----------
    band : the probabilities at which the run would rather make no call, drawn in grey.
    others : what the same training gave with other seeds, drawn as ticks.
    """
    edges = ((0, threshold, NORMAL_COLOUR), (threshold, 1, PNEUMONIA_COLOUR))
    shapes = [_stripe(low, high, colour, 0.45) for low, high, colour in edges]
    if band:
        shapes.append(_stripe(*band, GREY, 1))
    line = {"width": 2, "color": GREY}
    shapes.append(
        {"type": "line", "x0": threshold, "x1": threshold, "y0": 0.28, "y1": 0.72, "line": line}
    )
    # White within black, or one of the two themes would swallow them.
    ticks = [
        {
            "type": "scatter",
            "x": list(others),
            "y": [0.5] * len(others),
            "mode": "markers",
            "marker": {
                "size": 18 + width,
                "symbol": "line-ns",
                "line": {"width": width, "color": colour},
            },
        }
        for width, colour in (((5, "black"), (2, "white")) if others else ())
    ]
    # Near an end the figure leans inwards, or a narrow screen would cut it off.
    lean = "left" if probability > 0.85 else "right" if probability < 0.15 else "center"
    mark = {
        "type": "scatter",
        "x": [probability],
        "y": [0.5],
        "mode": "markers+text",
        "marker": {
            "size": 20,
            "symbol": "diamond",
            "color": PNEUMONIA_COLOUR if probability >= threshold else NORMAL_COLOUR,
            "line": {"width": 2, "color": "white"},
        },
        "text": [f"<b>{100 * probability:.1f} %</b>"],
        "textposition": f"top {lean}",
        "textfont": {"size": 17},
        "cliponaxis": False,
    }
    lean = "left" if threshold < 0.15 else "right" if threshold > 0.85 else "center"
    words = [
        _words("normal", 0, 0.15, "left", 14),
        _words("pneumonia", 1, 0.15, "right", 14),
        _words(f"threshold {100 * threshold:.1f} %", threshold, -0.2, lean, 13),
    ]
    if band:
        words.append(_words("unsure", (band[0] + band[1]) / 2, 1.12, "center", 13))
    hidden = {"visible": False, "fixedrange": True}
    return go.Figure(
        {
            "data": [*ticks, mark],
            "layout": {
                "shapes": shapes,
                "annotations": words,
                "height": 130,
                "margin": {"l": 8, "r": 8, "t": 8, "b": 4},
                "paper_bgcolor": CLEAR,
                "plot_bgcolor": CLEAR,
                "showlegend": False,
                "xaxis": {"range": [-0.02, 1.02], **hidden},
                "yaxis": {"range": [-0.35, 1.2], **hidden},
            },
        },
        # Every picture has one. Checked by plotly it took a quarter of an upload's time in Python,
        # for which all who upload wait; the test checks it instead.
        _validate=False,
    )


def _stripe(low: float, high: float, colour: str, opacity: float) -> dict:
    return {
        "type": "rect",
        "x0": low,
        "x1": high,
        "y0": 0.35,
        "y1": 0.65,
        "fillcolor": colour,
        "opacity": opacity,
        "line": {"width": 0},
        "layer": "below",  # or it would hide the marks on it
    }


def _words(text: str, x: float, y: float, anchor: str, size_px: int) -> dict:
    font = {"size": size_px}
    return {"text": text, "x": x, "y": y, "xanchor": anchor, "showarrow": False, "font": font}


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
                orientation="h",  # what is grouped, the rows
                mode="markers",
                marker={
                    "size": 10,
                    "color": COLOURS[position],
                    "symbol": SYMBOLS[position],
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
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        legend={"orientation": "h", "y": -0.12},
        # Drawn side by side, or one interval would hide the other.
        scattermode="group",
        scattergap=0.4,
    )
    figure.update_xaxes(range=[0.4, 1.005], gridcolor="rgba(128,128,128,0.3)")
    figure.update_yaxes(autorange="reversed")
    return figure
