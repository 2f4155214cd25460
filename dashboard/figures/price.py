"""What a better figure costs."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from dashboard.figures.frame import GRID, PLAIN, bars

_AXIS = {"gridcolor": GRID, "zeroline": False}


def price(
    figures: Mapping[str, Mapping],
    prices: Mapping[str, Mapping[str, float]],
    colours: Mapping[str, str],
    symbols: Mapping[str, str],
) -> go.Figure:
    """Draw the AUC of runs, with intervals, over what they cost: a row and a log axis per price.

    Parameters
    ----------
    figures : run -> ``{"value", "low", "high", "n"}``.
    prices : title -> run -> > 0; runs without a price are not drawn.
    """
    traces, count = [], len(prices)
    layout = {
        **PLAIN,
        "height": 60 + 230 * count,
        "showlegend": False,
        "hovermode": "closest",
    }
    for number, (title, known) in enumerate(prices.items(), start=1):
        own = "" if number == 1 else str(number)
        layout |= {
            f"xaxis{own}": {
                **_AXIS,
                "type": "log",
                "anchor": f"y{own}",
                "title": {"text": title},
                "dtick": "D2",
            },
            f"yaxis{own}": {
                **_AXIS,
                "domain": [1 - (number - 0.24) / count, 1 - (number - 1) / count],
                "anchor": f"x{own}",
                "title": {"text": "AUC"},
                "automargin": True,
            },
        }
        traces += [
            {
                "name": run,
                "xaxis": f"x{own}",
                "yaxis": f"y{own}",
                "x": [known[run]],
                "y": [figures[run]["value"]],
                "mode": "markers",
                "marker": {"size": 11, "color": colours[run], "symbol": symbols[run]},
                "error_y": {**bars([figures[run]]), "thickness": 1.2},
                "customdata": [[figures[run][key] for key in ("low", "high", "n")]],
                "hovertemplate": f"{run}<br>AUC %{{y:.3f}} (%{{customdata[0]:.3f}} to "
                f"%{{customdata[1]:.3f}}), n = %{{customdata[2]}}<br>{title}: %{{x:,.4~g}}"
                "<extra></extra>",
            }
            for run in known
        ]
    return go.Figure(traces, layout)
