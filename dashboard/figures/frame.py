"""What plotly figures share: their surroundings and their error bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard.figures.palette import CLEAR

GRID = "rgba(128,128,128,0.25)"
PLAIN = {
    "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
    "paper_bgcolor": CLEAR,
    "plot_bgcolor": CLEAR,
}

# A line per entry, flush left: names are long and a phone is narrow.
LEGEND_BELOW = {
    "yref": "container",
    "y": 0,
    "yanchor": "bottom",
    "x": 0,
    "xanchor": "left",
    "bgcolor": CLEAR,
}


def bars(parts: Sequence[Mapping]) -> dict:
    """Return plotly's error bars for figures ``{"value", "low", "high"}``."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [part["high"] - part["value"] for part in parts],
        "arrayminus": [part["value"] - part["low"] for part in parts],
    }
