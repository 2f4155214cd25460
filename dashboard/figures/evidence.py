"""Runs side by side, their calibration, and what they lose between splits.

Built from plain dictionaries in one step, which takes plotly a fifth of what step by step takes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.frame import GRID, LEGEND_BELOW, PLAIN, bars
from dashboard.figures.palette import CLEAR, GREY, NORMAL_COLOUR, PNEUMONIA_COLOUR

_SPLIT_DASH = {"validation": "dot", "test": "solid"}
_AXIS = {"gridcolor": GRID, "zeroline": False}


def forest(
    reports: Mapping[str, Mapping],
    titles: Mapping[str, str],
    errors: Sequence[str],
    colours: Mapping[str, str],
    symbols: Mapping[str, str],
) -> go.Figure:
    """Draw figures of several runs with their 95 % intervals; errors on an axis of their own.

    Parameters
    ----------
    reports : run -> what `pipeline.evaluation.report` returned.
    titles : figure -> its name for people; in this order from the top.
    errors : figures that are better when lower; at least one of `titles`, and not all.
    """
    shares = [name for name in titles if name not in errors]
    lower = [name for name in titles if name in errors]
    traces = []
    for axis, names in (("", shares), ("2", lower)):
        for run, report in reports.items():
            known = [name for name in names if report["figures"][name]["value"] is not None]
            parts = [report["figures"][name] for name in known]
            traces.append(
                {
                    "xaxis": f"x{axis}",
                    "yaxis": f"y{axis}",
                    "name": run,
                    "legendgroup": run,
                    "showlegend": not axis,
                    "x": [part["value"] for part in parts],
                    "y": [titles[name] for name in known],
                    "orientation": "h",
                    "mode": "markers",
                    "marker": {"size": 9, "color": colours[run], "symbol": symbols[run]},
                    "error_x": bars(parts),
                    "customdata": [[part["low"], part["high"], part["n"]] for part in parts],
                    "hovertemplate": f"{run}: %{{x:.3f}} (%{{customdata[0]:.3f}} to "
                    "%{customdata[1]:.3f}), n = %{customdata[2]}<extra></extra>",
                }
            )
    # Said, or plotly would begin at 0.
    lowest = min(
        (trace["x"][i] - trace["error_x"]["arrayminus"][i])
        for trace in traces[: len(reports)]
        for i in range(len(trace["x"]))
    )
    legend_px = 20 * len(reports) + 12
    split = len(lower) / len(titles)
    rows = {"autorange": "reversed", "automargin": True}
    layout = {
        **PLAIN,
        "height": 130 + len(titles) * (18 + 15 * max(len(reports), 2)) + legend_px,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 28 + legend_px},
        # Drawn side by side, or one interval would hide the other.
        "scattermode": "group",
        "scattergap": 0.3,
        # Below the plot, a line per run: names are long and a phone is narrow.
        "legend": LEGEND_BELOW,
        "xaxis": {**_AXIS, "anchor": "y", "range": [lowest - 0.02, 1.005]},
        "xaxis2": {**_AXIS, "anchor": "y2", "rangemode": "tozero"},
        "yaxis": {**rows, "domain": [split + 0.04, 1]},
        "yaxis2": {**rows, "domain": [0, split - 0.06], "anchor": "x2"},
    }
    return go.Figure(traces, layout)


def reliability(after: Sequence[Mapping], before: Sequence[Mapping], colour: str) -> go.Figure:
    """Draw the share that is pneumonia over the probability, and below how many cases that is.

    Parameters
    ----------
    after, before : of `pipeline.performance.calibration.reliability`, with the temperature
        fitted on the validation patients, and without.
    """
    traces = [
        {
            "x": [0, 1],
            "y": [0, 1],
            "mode": "lines",
            "line": {"color": GREY, "dash": "dot", "width": 1},
            "showlegend": False,
            "hoverinfo": "skip",
        }
    ]
    for name, bins, own, symbol in (
        ("before calibration", before, GREY, "circle-open"),
        ("calibrated", after, colour, "circle"),
    ):
        traces.append(
            {
                "name": name,
                "x": [entry["probability"] for entry in bins],
                "y": [entry["value"] for entry in bins],
                "mode": "lines+markers",
                "line": {"color": own, "width": 1.5},
                "marker": {"symbol": symbol, "size": 8, "color": own},
                "error_y": {**bars(bins), "thickness": 1},
                "customdata": [[e["low"], e["high"], e["n"]] for e in bins],
                "hovertemplate": f"{name}: said %{{x:.2f}}, is %{{y:.2f}} "
                "(%{customdata[0]:.2f} to %{customdata[1]:.2f}), n = %{customdata[2]}"
                "<extra></extra>",
            }
        )
    counts = [entry["n"] for entry in after]
    traces.append(
        {
            "type": "bar",
            "yaxis": "y2",
            "x": [(entry["from"] + entry["to"]) / 2 for entry in after],
            "y": counts,
            "text": counts,
            "textposition": "outside",
            "cliponaxis": False,
            "marker": {"color": colour, "opacity": 0.6},
            "showlegend": False,
            "hovertemplate": "%{y} pictures<extra></extra>",
        }
    )
    share = {"text": "Share that is pneumonia"}
    layout = {
        **PLAIN,
        "height": 460,
        "legend": {"x": 0.02, "y": 0.99, "bgcolor": CLEAR},
        "bargap": 0.15,
        "xaxis": {
            **_AXIS,
            "range": [-0.02, 1.02],
            "anchor": "y2",
            "title": {"text": "Probability the model says"},
        },
        "yaxis": {
            **_AXIS,
            "domain": [0.32, 1],
            "range": [-0.02, 1.02],
            "title": share,
            "automargin": True,
        },
        "yaxis2": {
            **_AXIS,
            "domain": [0, 0.25],
            "range": [0, 1.3 * max(counts, default=1)],
            "title": {"text": "Pictures"},
            "automargin": True,
        },
    }
    return go.Figure(traces, layout)


def spread(shares: Mapping[str, Mapping[str, np.ndarray]], threshold: float) -> go.Figure:
    """Draw how the probabilities of each class lie on validation and on test.

    Parameters
    ----------
    shares : NORMAL and PNEUMONIA -> split -> shares of equal bins from 0 to 1.
    threshold : where calls of pneumonia begin.
    """
    traces = []
    for number, (name, splits) in enumerate(shares.items()):
        own = PNEUMONIA_COLOUR if name == "PNEUMONIA" else NORMAL_COLOUR
        for split, values in splits.items():
            edges = np.linspace(0, 1, len(values) + 1)
            traces.append(
                {
                    "yaxis": "y2" if number else "y",
                    "name": f"{name.lower()}, {split}",
                    "x": np.repeat(edges, 2)[1:-1],
                    "y": 100 * np.repeat(values, 2),
                    "mode": "lines",
                    "line": {"color": own, "dash": _SPLIT_DASH[split], "width": 2},
                    "fill": "tozeroy" if split == "test" else "none",
                    "hovertemplate": f"{split}: %{{y:.1f}} % of the class<extra></extra>",
                }
            )
    side = {**_AXIS, "automargin": True, "rangemode": "tozero"}
    line = {"color": GREY, "width": 2}
    layout = {
        **PLAIN,
        "height": 440,
        "legend": {"orientation": "h", "y": -0.18},
        "shapes": [
            {
                "type": "line",
                "x0": threshold,
                "x1": threshold,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "line": line,
            }
        ],
        "xaxis": {
            "range": [0, 1],
            "gridcolor": GRID,
            "anchor": "y2",
            "title": {"text": "Probability of pneumonia"},
        },
        "yaxis": {**side, "domain": [0.54, 1], "title": {"text": "% of normals"}},
        "yaxis2": {**side, "domain": [0, 0.46], "title": {"text": "% of pneumonias"}},
    }
    return go.Figure(traces, layout)
