"""What a better figure costs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import plotly.graph_objects as go

from dashboard.figures.frame import GRID, PLAIN, bars
from dashboard.figures.palette import CLEAR

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
    legend_px = 20 * len(figures) + 8  # a phone may need a line per run
    layout = {
        **PLAIN,
        "height": 60 + 230 * count + legend_px,
        "hovermode": "closest",
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "bgcolor": CLEAR},
        "margin": {**PLAIN["margin"], "t": legend_px},
    }
    for number, (title, known) in enumerate(prices.items(), start=1):
        own = "" if number == 1 else str(number)
        layout |= {
            f"xaxis{own}": {
                **_AXIS,
                "type": "log",
                "anchor": f"y{own}",
                "title": {"text": title},
                **_ticks(known.values()),
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
                "legendgroup": run,
                "showlegend": number == 1,
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


def _ticks(values: Iterable[float]) -> dict:
    """Return ticks at round numbers around `values`, closer where they span little.

    Plotly's own leave nothing but a bare digit where the values span less than a power of ten.
    """
    low, high = min(values) / 2, max(values) * 2
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 1.5, 2, 3, 5, 7) if high / low < 50 else (1,)
    shown = [step * 10.0**power for power in powers for step in steps]
    inside = [value for value in shown if low <= value <= high]
    return {"tickvals": inside, "ticktext": [_short(value) for value in inside]}


def _short(value: float) -> str:
    """Say 2000000 as 2M and 500000 as 500k."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
