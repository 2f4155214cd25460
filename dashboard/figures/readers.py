"""Readers of a study: who agrees with whom, and how often each is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import plotly.graph_objects as go

from dashboard.figures.frame import GRID, PLAIN, bars
from dashboard.figures.palette import CLEAR, COLOURS, GREY

AXIS = {"gridcolor": GRID, "zeroline": False}
ROWS = {"showgrid": False, "zeroline": False, "automargin": True}
FIXED = {"fixedrange": True}  # a finger that scrolls the page must not zoom
# A row of a chart, and what stands below its lowest one.
ROW_PX, _TITLE_PX = 30, 66


def rater_matrix(names: Sequence[str], figures: Mapping[tuple[int, int], Mapping]) -> go.Figure:
    """Draw kappa of every two raters; the lower half only, since it is the same in both.

    Parameters
    ----------
    names : of the raters, in the order to draw.
    figures : (position, position) -> ``{"value", "low", "high", "n"}``.
    """
    count = len(names)
    value = [[None] * count for _ in names]
    told = [[""] * count for _ in names]
    for (i, j), figure in figures.items():
        row, column = max(i, j), min(i, j)
        value[row][column] = figure["value"]
        told[row][column] = _told(figure)
    figure = go.Figure(
        go.Heatmap(
            z=value[1:],
            x=list(range(count - 1)),
            y=list(range(1, count)),
            customdata=told[1:],
            zmin=0,
            zmax=1,
            colorscale="Cividis",  # legible without colour vision
            reversescale=True,
            texttemplate="%{z:.2f}" if count <= 12 else None,
            hovertemplate="%{customdata}<extra></extra>",
            hoverongaps=False,
            xgap=2,
            ygap=2,
            colorbar={"title": "kappa", "thickness": 12},
        )
    )
    ticks = {"tickmode": "array", "showgrid": False, "zeroline": False, **FIXED}
    figure.update_layout({**PLAIN, "height": 150 + 34 * count})
    figure.update_xaxes(
        {**ticks, "tickvals": list(range(count - 1)), "ticktext": plain(names[:-1])}, tickangle=-40
    )
    figure.update_yaxes(
        {**ticks, "tickvals": list(range(1, count)), "ticktext": plain(names[1:])},
        autorange="reversed",
        automargin=True,
    )
    return figure


def dumbbells(
    names: Sequence[str],
    panels: Mapping[str, Sequence[tuple[str, Sequence[Mapping]]]],
    arrows: bool,
) -> go.Figure:
    """Draw shares of every reader at several moments, an arrow from the first to the last.

    Parameters
    ----------
    names : of the rows, from the top.
    panels : title -> (moment, a figure for each of `names`); the moments are the same in all.
    arrows : whether the moments are of the same readings, so that an arrow means a change.
    """
    traces, annotations = [], []
    moments = len(next(iter(panels.values())))
    lowest = min(
        (
            figure["value"] if figure["low"] is None else figure["low"]
            for series in panels.values()
            for _, figures in series
            for figure in figures
            if figure["value"] is not None
        ),
        default=0,
    )
    rows_px = ROW_PX * len(names) * max(1, moments / 2)
    inner_px = len(panels) * (rows_px + _TITLE_PX)
    legend_px = 22 * moments + 8
    layout = {
        **PLAIN,
        "height": inner_px + legend_px + 36,
        "legend": {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "bgcolor": CLEAR},
        "margin": {**PLAIN["margin"], "t": legend_px + 28},
    }
    for number, (title, series) in enumerate(panels.items()):
        axis = "" if not number else str(number + 1)
        top = 1 - number * (rows_px + _TITLE_PX) / inner_px
        domain = [top - rows_px / inner_px, top]
        layout |= _panel_axes(axis, names, domain, title, lowest)
        points = []
        for place, (moment, figures) in enumerate(series):
            shift = (place - (moments - 1) / 2) * 0.6 / max(moments, 2)
            known = [i for i, figure in enumerate(figures) if figure["value"] is not None]
            whole = [i for i in known if figures[i]["low"] is not None]
            points.append({i: (figures[i]["value"], i + shift) for i in known})
            traces.append(_points(axis, moment, place, shift, figures, whole or known, not number))
        if arrows and moments > 1:
            annotations += _arrows(axis, points[0], points[-1])
    return go.Figure(traces, {**layout, "annotations": annotations})


def _panel_axes(axis: str, names: Sequence[str], domain: list, title: str, lowest: float) -> dict:
    return {
        f"xaxis{axis}": {
            **AXIS,
            **FIXED,
            "anchor": f"y{axis}",
            "showgrid": True,
            "range": [max(-0.02, lowest - 0.04), 1.02],
            "tickformat": ".0%",
            "title": {"text": title},
        },
        f"yaxis{axis}": {
            **ROWS,
            **FIXED,
            "anchor": f"x{axis}",
            "domain": domain,
            "range": [len(names) - 0.4, -0.6],
            "tickmode": "array",
            "tickvals": list(range(len(names))),
            "ticktext": plain(names),
        },
    }


def _points(axis, moment, place, shift, figures, rows, first: bool) -> dict:
    own = [figures[i] for i in rows]
    known = [
        one if one["low"] is not None else {**one, "low": one["value"], "high": one["value"]}
        for one in own
    ]
    return {
        "type": "scatter",
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
        "name": moment,
        "legendgroup": moment,
        "showlegend": first,
        "mode": "markers",
        "x": [one["value"] for one in known],
        "y": [i + shift for i in rows],
        "marker": mark(place),
        "error_x": {**bars(known), "thickness": 1, "width": 3, "color": GREY},
        "customdata": [_told(one) for one in own],
        "hovertemplate": f"{moment}: %{{customdata}}<extra></extra>",
    }


def _arrows(axis: str, begin: Mapping, end: Mapping) -> list[dict]:
    """An arrow only where the figure moved far enough for one to be seen."""
    return [
        {
            "x": end[i][0],
            "y": end[i][1],
            "ax": begin[i][0],
            "ay": begin[i][1],
            "xref": f"x{axis}",
            "yref": f"y{axis}",
            "axref": f"x{axis}",
            "ayref": f"y{axis}",
            "showarrow": True,
            "arrowhead": 2,
            "arrowwidth": 1.5,
            "arrowcolor": GREY,
            "standoff": 6,
            "startstandoff": 6,
            "text": "",
        }
        for i in begin.keys() & end.keys()
        if abs(end[i][0] - begin[i][0]) >= 0.04
    ]


def mark(place: int) -> dict:
    """Return the marker of the moment in that place: told apart by shape, not by colour alone."""
    symbols = ("circle-open", "diamond", "square", "triangle-up", "x", "star", "hexagon", "cross")
    colours = (COLOURS[1], COLOURS[0], *COLOURS[2:])
    return {
        "symbol": symbols[place % len(symbols)],
        "color": colours[place % len(colours)],
        "size": 11,
        "line": {"width": 2.5 if not place else 0},
    }


def plain(names: Sequence[str]) -> list[str]:
    """Return names of which plotly takes no part for markup."""
    return [escape(name, quote=False) for name in names]


def _told(figure: Mapping) -> str:
    if figure["value"] is None:
        return f"none: {figure['why']}"
    if figure["low"] is None:
        return f"{figure['value']:.3f}, n = {figure['n']}"
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f}), n = {figure['n']}"
