"""What is in the data set: counts, siblings, and how far train and test lie apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from dashboard.figures.frame import GRID, PLAIN, bars
from dashboard.figures.palette import CLEAR, COLOURS, GREY, NORMAL_COLOUR, PNEUMONIA_COLOUR, SYMBOLS

_AXIS = {"gridcolor": GRID, "zeroline": False}
_BELOW = {
    "yref": "container",
    "y": 0,
    "yanchor": "bottom",
    "x": 0,
    "xanchor": "left",
    "bgcolor": CLEAR,
}
_KIND_COLOURS = {
    "normal": NORMAL_COLOUR,
    "bacteria": PNEUMONIA_COLOUR,
    "virus": COLOURS[0],
    "unknown": GREY,
}


def class_counts(kinds: Mapping[str, Mapping[str, int]]) -> go.Figure:
    """Draw how many pictures of which kind each split has, as shares with the counts on them.

    Parameters
    ----------
    kinds : split -> kind -> count.
    """
    splits = list(kinds)
    totals = {split: sum(own.values()) for split, own in kinds.items()}
    traces = []
    for kind, colour in _KIND_COLOURS.items():
        counts = [kinds[split].get(kind, 0) for split in splits]
        if any(counts):
            traces.append(
                {
                    "type": "bar",
                    "orientation": "h",
                    "name": kind if kind in ("normal", "unknown") else f"pneumonia, {kind}",
                    "y": [f"{split} ({totals[split]:,})" for split in splits],
                    "x": [100 * n / totals[s] for n, s in zip(counts, splits, strict=True)],
                    "text": [f"{n:,}" if n else "" for n in counts],
                    "insidetextanchor": "middle",
                    "marker": {"color": colour},
                    "hovertemplate": "%{y}, " + kind + ": %{text} = %{x:.1f} %<extra></extra>",
                }
            )
    layout = {
        **PLAIN,
        "height": 150 + 46 * len(splits),
        "margin": {"l": 8, "r": 8, "t": 8, "b": 120},
        "barmode": "stack",
        "legend": {**_BELOW, "traceorder": "normal"},
        "xaxis": {**_AXIS, "range": [0, 100], "title": {"text": "% of the split's pictures"}},
        "yaxis": {"autorange": "reversed", "automargin": True},
    }
    return go.Figure(traces, layout)


def per_patient(classes: Mapping[str, Mapping]) -> go.Figure:
    """Draw how many patients have how many pictures, on a logarithmic axis.

    Parameters
    ----------
    classes : class -> ``{"patients", "patients_with": {pictures: patients}}``.
    """
    traces = [
        {
            "type": "bar",
            "name": f"{name.lower()} ({own['patients']:,} patients)",
            "x": [int(size) for size in own["patients_with"]],
            "y": list(own["patients_with"].values()),
            "marker": {"color": _colour(name)},
            "hovertemplate": "%{y} patients with %{x} pictures<extra>" + name.lower() + "</extra>",
        }
        for name, own in classes.items()
        if own["patients"]
    ]
    layout = {
        **PLAIN,
        "height": 300,
        "barmode": "group",
        "legend": {"x": 0.99, "xanchor": "right", "y": 0.99, "bgcolor": CLEAR},
        "xaxis": {**_AXIS, "title": {"text": "Pictures of one patient"}},
        "yaxis": {
            **_AXIS,
            "type": "log",
            "title": {"text": "Patients"},
            "automargin": True,
            "dtick": 1,
            # From half a patient, or a bar of one would have no height.
            "range": [-0.3, None],
        },
    }
    return go.Figure(traces, layout)


def intervals(
    series: Mapping[str, Mapping[str, Mapping]],
    colours: Sequence[str],
    title: str,
    chance: float | None = 0.5,
) -> go.Figure:
    """Draw figures with their 95 % intervals, a row per thing and a mark per series.

    Parameters
    ----------
    series : name of a series -> row -> ``{"value", "low", "high", "n"}``; None values are left out.
    colours : of the series, in order.
    title : of the axis.
    chance : where a dotted line says *as good as guessing*; None for none.
    """
    traces = []
    for position, (name, rows) in enumerate(series.items()):
        known = {row: own for row, own in rows.items() if own and own["value"] is not None}
        parts = list(known.values())
        traces.append(
            {
                "name": name,
                "orientation": "h",
                "mode": "markers",
                "x": [own["value"] for own in parts],
                "y": list(known),
                "marker": {"size": 10, "color": colours[position], "symbol": SYMBOLS[position]},
                "cliponaxis": False,
                "error_x": bars(parts),
                "customdata": [[own["low"], own["high"], own["n"]] for own in parts],
                "hovertemplate": f"{name}: %{{x:.3f}} (%{{customdata[0]:.3f}} to "
                "%{customdata[1]:.3f}), n = %{customdata[2]}<extra></extra>",
            }
        )
    rows = list(dict.fromkeys(row for own in series.values() for row in own))
    line = {"color": GREY, "width": 2, "dash": "dot"}
    shapes = [
        {
            "type": "line",
            "x0": chance,
            "x1": chance,
            "y0": 0,
            "y1": 1,
            "yref": "paper",
            "line": line,
        }
    ]
    legend_px = 20 * len(series) + 12
    layout = {
        **PLAIN,
        "height": 90 + len(rows) * (20 + 15 * len(series)) + legend_px,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 44 + legend_px},
        "scattermode": "group",
        "scattergap": 0.3,
        "shapes": shapes if chance is not None else [],
        "legend": _BELOW,
        "xaxis": {**_AXIS, "title": {"text": title}},
        "yaxis": {
            "autorange": "reversed",
            "automargin": True,
            "categoryorder": "array",
            "categoryarray": rows,
        },
    }
    return go.Figure(traces, layout)


def _colour(name: str) -> str:
    return PNEUMONIA_COLOUR if name == "PNEUMONIA" else NORMAL_COLOUR
