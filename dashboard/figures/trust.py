"""How far an explanation may be trusted: its curves beside random ones, and where it lies."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from dashboard.figures.frame import GRID, PLAIN
from dashboard.figures.palette import COLOURS, GREY, NORMAL_COLOUR, PNEUMONIA_COLOUR
from pipeline.config import PNEUMONIA
from pipeline.explain.faithfulness import Curve

# Room for the last figure of the axis.
_FRAME = PLAIN | {"margin": {"l": 8, "r": 28, "t": 8, "b": 8}}
_TICKS = {
    "tickvals": [0, 50, 100],
    "ticktext": ["0 %", "50 %", "100 %"],
    "gridcolor": GRID,
    "fixedrange": True,
}
_INSIDE, _ELSEWHERE = COLOURS[2], COLOURS[3]


def faithfulness(curve: Curve, target: int, axis: str) -> go.Figure:
    """Draw a deletion or insertion curve with the band of random orders.

    Parameters
    ----------
    target : index of the explained class, whose colour the curve has.
    axis : what is taken away or put back, as a title of the axis.
    """
    percent = [100 * share for share in curve.shares]
    figure = go.Figure()
    for edge, fill in ((curve.band_low, None), (curve.band_high, "tonexty")):
        figure.add_trace(
            go.Scatter(
                x=percent,
                y=list(edge),
                mode="lines",
                line={"width": 0},
                fill=fill,
                fillcolor="rgba(143,152,163,0.35)",
                hoverinfo="skip",
            )
        )
    figure.add_trace(
        go.Scatter(
            name="random orders",
            x=percent,
            y=list(curve.random),
            mode="lines",
            line={"width": 2, "color": GREY, "dash": "dot"},
            hovertemplate="%{x:.0f} %: %{y:.3f}",
        )
    )
    figure.add_trace(
        go.Scatter(
            name="this map",
            x=percent,
            y=list(curve.probabilities),
            mode="lines+markers",
            line={
                "width": 3,
                "color": PNEUMONIA_COLOUR if target == PNEUMONIA else NORMAL_COLOUR,
            },
            marker={"size": 5},
            hovertemplate="%{x:.0f} %: %{y:.3f}",
        )
    )
    figure.update_layout(**_FRAME, height=210, showlegend=False)
    figure.update_xaxes(title=axis, range=[0, 100], **_TICKS)
    figure.update_yaxes(
        title="Probability", range=[-0.03, 1.03], gridcolor=GRID, fixedrange=True, zeroline=False
    )
    return figure


def shortcut_meter(shares: Mapping[str, float], blind: Mapping[str, float]) -> go.Figure:
    """Draw shares of the evidence as bars, with marks where a map that knows nothing would be.

    Parameters
    ----------
    shares : title -> share in [0, 1], from the top; the first is where evidence belongs.
    blind : title -> the share of a map that knows nothing.
    """
    # Beside the name: on the hatching a figure could not be read, after the bar it meets a mark.
    titles = {title: f"{title}: <b>{100 * share:.0f} %</b>" for title, share in shares.items()}
    figure = go.Figure(
        go.Bar(
            x=[100 * share for share in shares.values()],
            y=list(titles.values()),
            orientation="h",
            marker={
                "color": [_INSIDE, *[_ELSEWHERE] * (len(titles) - 1)],
                # Not by colour alone: what lies elsewhere is hatched.
                "pattern": {"shape": ["", *["/"] * (len(titles) - 1)], "solidity": 0.3},
            },
            hoverinfo="skip",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=[100 * share for share in blind.values()],
            y=[titles[title] for title in blind],
            mode="markers",
            marker={
                "symbol": "diamond",
                "size": 12,
                "color": "white",
                "line": {"width": 2, "color": "black"},
            },
            hovertemplate="a map that knows nothing: %{x:.0f} %<extra></extra>",
        )
    )
    figure.update_layout(**_FRAME, height=170, showlegend=False, bargap=0.35)
    figure.update_xaxes(range=[0, 100], **_TICKS)
    figure.update_yaxes(autorange="reversed", fixedrange=True, automargin=True)
    return figure
