"""How long each reader takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from dashboard.figures.frame import PLAIN, bars
from dashboard.figures.palette import CLEAR
from dashboard.figures.readers import AXIS, FIXED, ROW_PX, ROWS, mark, plain


def pace(names: Sequence[str], series: Sequence[tuple[str, Sequence[Mapping | None]]]) -> go.Figure:
    """Draw the middle half of every reader's seconds a case, and its median.

    Parameters
    ----------
    series : (moment, for each of `names` ``{"median", "lower", "upper", "n"}`` or None).
    """
    traces, moments = [], len(series)
    for place, (moment, paces) in enumerate(series):
        shift = (place - (moments - 1) / 2) * 0.6 / max(moments, 2)
        rows = [i for i, one in enumerate(paces) if one is not None]
        parts = [
            {"value": paces[i]["median"], "low": paces[i]["lower"], "high": paces[i]["upper"]}
            for i in rows
        ]
        traces.append(
            {
                "type": "scatter",
                "name": moment,
                "mode": "markers",
                "x": [part["value"] for part in parts],
                "y": [i + shift for i in rows],
                "marker": mark(place),
                "error_x": {
                    **bars(parts),
                    "thickness": 5,
                    "width": 0,
                    "color": mark(place)["color"],
                },
                "customdata": [
                    f"{part['value']:.0f} s ({part['low']:.0f} to {part['high']:.0f}), "
                    f"n = {paces[i]['n']}"
                    for i, part in zip(rows, parts, strict=True)
                ],
                "hovertemplate": f"{moment}: %{{customdata}}<extra></extra>",
            }
        )
    legend_px = 22 * moments + 8
    layout = {
        **PLAIN,
        "height": 90 + int(ROW_PX * len(names) * max(1, moments / 2)) + legend_px,
        "legend": {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "bgcolor": CLEAR},
        "margin": {**PLAIN["margin"], "t": legend_px},
        "xaxis": {
            **AXIS,
            **FIXED,
            "showgrid": True,
            "rangemode": "tozero",
            "title": {"text": "seconds a case"},
        },
        "yaxis": {
            **ROWS,
            **FIXED,
            "range": [len(names) - 0.4, -0.6],
            "tickmode": "array",
            "tickvals": list(range(len(names))),
            "ticktext": plain(names),
        },
    }
    return go.Figure(traces, {**layout, "showlegend": True})
