"""Settings of many runs against their results: parallel coordinates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.palette import CLEAR

# Axes that are readable on a phone, and on a wide screen.
FIRST_AXES, MOST_AXES = 5, 8
# Of two colours that stay apart for the colour-blind, and neither of which vanishes on a dark or on
# a light page (Okabe, Ito 2008); low to high. Where a line ends on the last axis says it as well.
SCALE = ((0.0, "#cc79a7"), (0.5, "#8f8f8f"), (1.0, "#009e73"))
# Numbers that span more than this are drawn by their logarithm: learning rates.
_WIDE = 50
# Up to so many numbers each has its tick.
_TICKS = 6
_LONGEST = 14
_NOT_TOLD = "not recorded"


def most_telling(settings: Mapping[str, Sequence]) -> list[str]:
    """Return the names of settings, those first that tell most of what made a result.

    They are those that every run tells and that several share: one that is another for every run,
    like a seed, tells nothing.

    Parameters
    ----------
    settings : as for `parallel`.
    """

    def weak(name: str) -> tuple[bool, bool]:
        values = settings[name]
        return None in values, len(set(map(str, values))) == len(values)

    return sorted(settings, key=weak)


def parallel(settings: Mapping[str, Sequence], results: Sequence[float], title: str) -> go.Figure:
    """Draw a line per run over an axis per setting to its result.

    Parameters
    ----------
    settings : name -> (N,) values of any kind; None where a run does not tell it.
    results : (N,) finite; they give the colour.
    title : what the results are.
    """
    results = np.asarray(results, np.float64)
    if any(len(values) != len(results) for values in settings.values()):
        raise ValueError(f"Expected {len(results)} values of every setting. Received: others")
    axes = [_axis(name, list(values)) for name, values in settings.items()]
    # Plotly puts the first and the last axis on the margins, and the words of the first outside.
    figure = go.Figure(
        go.Parcoords(
            dimensions=[*axes, {"label": title, "values": results, "tickformat": ".3~f"}],
            line={"color": results, "colorscale": SCALE, "showscale": False},
            labelangle=-20,
            labelside="top",
            unselected={"line": {"opacity": 0.08}},
        )
    )
    return figure.update_layout(
        height=440,
        margin={"l": 84, "r": 52, "t": 88, "b": 24},
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
    )


def _axis(name: str, values: list) -> dict:
    label = name.replace("_", " ")
    numbers = all(isinstance(value, Real) and not isinstance(value, bool) for value in values)
    if not numbers:
        return {"label": label, **_categories(values)}
    values = np.asarray(values, np.float64)
    ticks = np.unique(values)
    if ticks[0] > 0 and ticks[-1] > _WIDE * ticks[0]:
        return {"label": f"{label} (log)", **_ticked(np.log10(values), values)}
    if len(ticks) <= _TICKS:
        return {"label": label, **_ticked(values, values)}
    return {"label": label, "values": values}


def _ticked(places: np.ndarray, values: np.ndarray) -> dict:
    """Return an axis with a tick at each number, or at some of them."""
    at, first = np.unique(places, return_index=True)
    chosen = np.unique(np.linspace(0, len(at) - 1, min(len(at), _TICKS)).round().astype(int))
    return {
        "values": places,
        "tickvals": at[chosen],
        "ticktext": [f"{values[first[i]]:g}" for i in chosen],
    }


def _categories(values: list) -> dict:
    """Return an axis with a place for each word, numbers among them in their order."""

    def order(value) -> tuple:
        is_number = isinstance(value, Real) and not isinstance(value, bool)
        return (value is None, not is_number, value if is_number else 0, str(value))

    kinds = sorted(
        {(type(value).__name__, value) for value in values}, key=lambda kind: order(kind[1])
    )
    place = {kind: position for position, kind in enumerate(kinds)}
    return {
        "values": [place[type(value).__name__, value] for value in values],
        "tickvals": list(place.values()),
        "ticktext": [_said(value) for _, value in kinds],
        "range": [-0.2, max(len(kinds) - 1, 1) + 0.2],
    }


def _said(value) -> str:
    if value is None:
        return _NOT_TOLD
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Real):
        return f"{value:g}"
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
