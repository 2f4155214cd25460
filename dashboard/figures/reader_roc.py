"""Readers beside the model on the ROC plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from dashboard.figures.frame import GRID, LEGEND_BELOW, PLAIN
from dashboard.figures.palette import GREY, PNEUMONIA_COLOUR
from dashboard.figures.readers import mark, plain

if TYPE_CHECKING:
    from pipeline.observers.accuracy import Curve

_MODEL = {"symbol": "star", "size": 15, "color": PNEUMONIA_COLOUR, "line": {"width": 1}}


def readers_roc(
    model: Curve,
    model_point: tuple[float, float],
    curves: Mapping[str, Curve],
    points: Sequence[tuple[str, Mapping[str, tuple[float, float]]]],
) -> go.Figure:
    """Draw the model's curve, readers' curves faintly, and where each of them stands.

    Parameters
    ----------
    model_point : false alarms and sensitivity of the model's own calls.
    curves : reader -> curve, by how sure they are.
    points : (moment, reader -> false alarms and sensitivity of their calls).
    """
    traces = [
        {
            "x": [0, 1],
            "y": [0, 1],
            "mode": "lines",
            "line": {"color": GREY, "width": 1, "dash": "dot"},
            "showlegend": False,
            "hoverinfo": "skip",
        }
    ]
    traces += [
        {
            "x": curve.false_alarms,
            "y": curve.sensitivity,
            "mode": "lines",
            "line": {"color": GREY, "width": 1.2},
            "opacity": 0.55,
            "name": "readers, by how sure they are",
            "legendgroup": "curves",
            "showlegend": not position,
            "customdata": plain([reader]) * len(curve.sensitivity),
            "hovertemplate": "%{customdata}<extra></extra>",
        }
        for position, (reader, curve) in enumerate(curves.items())
    ]
    traces.append(
        {
            "x": model.false_alarms,
            "y": model.sensitivity,
            "mode": "lines",
            "line": {"color": PNEUMONIA_COLOUR, "width": 3},
            "name": "the model, at every threshold",
            "hoverinfo": "skip",
        }
    )
    traces += [
        {
            "x": [place[0] for place in where.values()],
            "y": [place[1] for place in where.values()],
            "customdata": plain(list(where)),
            "mode": "markers",
            "marker": mark(position),
            "name": f"readers' calls, {moment}",
            "hovertemplate": "%{customdata}: false alarms %{x:.1%}, sensitivity %{y:.1%}"
            f"<extra>{moment}</extra>",
        }
        for position, (moment, where) in enumerate(points)
    ]
    traces.append(
        {
            "x": [model_point[0]],
            "y": [model_point[1]],
            "mode": "markers",
            "marker": _MODEL,
            "name": "the model's calls",
            "hovertemplate": "false alarms %{x:.1%}, sensitivity %{y:.1%}<extra>the model</extra>",
        }
    )
    legend_px = 22 * (len(points) + 3)
    axis = {
        "gridcolor": GRID,
        "zeroline": False,
        "range": [-0.02, 1.02],
        "tickformat": ".0%",
        "fixedrange": True,
    }
    return go.Figure(
        [{"type": "scatter", **trace} for trace in traces],
        {
            **PLAIN,
            "height": 440 + legend_px,
            "margin": {**PLAIN["margin"], "b": 52 + legend_px},
            "legend": LEGEND_BELOW,
            "hovermode": "closest",
            "xaxis": {**axis, "title": {"text": "False alarms among normals (1 − specificity)"}},
            "yaxis": {**axis, "title": {"text": "Sensitivity"}},
        },
    )
