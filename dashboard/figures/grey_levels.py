"""How bright the pictures are, per split and class, and their means with the difference."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.frame import GRID, LEGEND_BELOW, PLAIN
from dashboard.figures.palette import CLEAR, NORMAL_COLOUR, PNEUMONIA_COLOUR

_AXIS = {"gridcolor": GRID, "zeroline": False}
_DASH = {"train": "dot", "val": "dashdot", "test": "solid"}
# Two of the three: sixteen pictures have no histogram worth the name.
_DRAWN = ("train", "test")
CURVES = {
    "histogram": ("Grey level (0 black, 255 white)", "% of the pixels"),
    "rows": ("Grey level", "From the top (0) to the bottom (100)"),
    "columns": ("From the picture's left (0) to its right (100)", "Grey level"),
}


def grey_curves(grey: Mapping[str, Mapping[str, Mapping]], what: str) -> go.Figure:
    """Draw the grey levels of train and test, a colour per class and a dash per split.

    Parameters
    ----------
    grey : split -> class -> ``{"n", "histogram", "rows", "columns"}``, 32 values each.
    what : one of `CURVES`. Rows are drawn downwards, as in the picture.
    """
    traces = []
    for name, colour in (("NORMAL", NORMAL_COLOUR), ("PNEUMONIA", PNEUMONIA_COLOUR)):
        for split in _DRAWN:
            own = grey.get(split, {}).get(name)
            if own is None:
                continue
            values = np.asarray(own[what]) * (100 if what == "histogram" else 1)
            middles = (np.arange(len(values)) + 0.5) / len(values)
            middles *= 255 if what == "histogram" else 100
            x, y = (values, middles) if what == "rows" else (middles, values)
            traces.append(
                {
                    "name": f"{name.lower()}, {split} (n = {own['n']:,})",
                    "x": x,
                    "y": y,
                    "mode": "lines",
                    "line": {"color": colour, "dash": _DASH[split], "width": 2},
                    "hovertemplate": "%{x:.3g}, %{y:.3g}<extra>%{fullData.name}</extra>",
                }
            )
    across, up = CURVES[what]
    layout = {
        **PLAIN,
        "height": 380,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 130},
        "legend": LEGEND_BELOW,
        "xaxis": {**_AXIS, "title": {"text": across}},
        "yaxis": {
            **_AXIS,
            "title": {"text": up},
            "automargin": True,
            "autorange": "reversed" if what == "rows" else True,
        },
    }
    return go.Figure(traces, layout)


def brightness_boxes(grey: Mapping[str, Mapping[str, Mapping]], what: str, title: str) -> go.Figure:
    """Draw how a figure of single pictures spreads per split and class.

    Parameters
    ----------
    grey : split -> class -> `what` -> ``{"value", "quantiles"}``; the quantiles are 5, 25, 50, 75
        and 95 %. Whiskers reach from the first to the last.
    """
    traces = []
    for name, colour in (("NORMAL", NORMAL_COLOUR), ("PNEUMONIA", PNEUMONIA_COLOUR)):
        own = {split: grey[split][name] for split in grey if name in grey[split]}
        quantiles = np.array([entry[what]["quantiles"] for entry in own.values()])
        if not len(quantiles):
            continue
        traces.append(
            {
                "type": "box",
                "name": name.lower(),
                "x": list(own),
                "lowerfence": quantiles[:, 0],
                "q1": quantiles[:, 1],
                "median": quantiles[:, 2],
                "q3": quantiles[:, 3],
                "upperfence": quantiles[:, 4],
                "marker": {"color": colour},
            }
        )
    layout = {
        **PLAIN,
        "height": 300,
        "boxmode": "group",
        "legend": {"orientation": "h", "y": -0.15, "bgcolor": CLEAR},
        "yaxis": {**_AXIS, "title": {"text": title}, "automargin": True},
    }
    return go.Figure(traces, layout)


def mean_picture(image: np.ndarray, limit: float | None = None) -> go.Figure:
    """Draw a mean picture (H, W) in grey, or a difference if `limit` is given.

    Parameters
    ----------
    limit : the difference in grey levels that gets the full colour; green is brighter, purple
        darker: neither blue nor orange, which mean the classes.
    """
    shown = np.asarray(image, float).round(1)
    trace = {
        "type": "heatmap",
        "z": shown,
        "colorscale": "gray" if limit is None else "PRGn",
        "zmin": 0 if limit is None else -limit,
        "zmax": 255 if limit is None else limit,
        "showscale": False,
        "hovertemplate": "%{z:.0f}<extra></extra>",
    }
    hidden = {"visible": False, "fixedrange": True}
    layout = {
        **PLAIN,
        "height": 230,
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "xaxis": {**hidden, "constrain": "domain"},
        "yaxis": {**hidden, "autorange": "reversed", "scaleanchor": "x", "constrain": "domain"},
    }
    return go.Figure([trace], layout)
