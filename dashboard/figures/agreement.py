"""Do runs err on the same pictures?"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.figures.palette import CLEAR, GREY, NORMAL_COLOUR, PNEUMONIA_COLOUR


def miss_bars(rows: Sequence[dict]) -> go.Figure:
    """Draw how many pictures exactly k runs miss, k > 0, stacked by what the error is.

    Parameters
    ----------
    rows : as `pipeline.agreement.misses` returns them. Those that no run misses are left out:
        they are most of the set and would flatten the rest.
    """
    missed = [row for row in rows if row["runs"] > 0]
    x = [str(row["runs"]) for row in missed]
    figure = go.Figure()
    for label, name, colour in (
        ("NORMAL", "normal, called pneumonia", NORMAL_COLOUR),
        ("PNEUMONIA", "pneumonia, called normal", PNEUMONIA_COLOUR),
    ):
        figure.add_bar(
            x=x,
            y=[row[label] for row in missed],
            name=name,
            marker_color=colour,
            hovertemplate="%{y} pictures<extra>" + name + "</extra>",
        )
    figure.add_scatter(
        x=x,
        y=[row["NORMAL_by_chance"] + row["PNEUMONIA_by_chance"] for row in missed],
        name="if the runs erred independently",
        mode="lines+markers",
        line={"color": GREY, "dash": "dot"},
        marker={"symbol": "diamond-open", "size": 8},
        hovertemplate="%{y:.1f} pictures<extra>if independent</extra>",
    )
    figure.update_layout(
        barmode="stack",
        height=340,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        legend={"orientation": "h", "y": -0.25},
    )
    figure.update_xaxes(
        title=f"called wrongly by so many of the {len(missed)} runs", type="category"
    )
    figure.update_yaxes(title="pictures", gridcolor="rgba(128,128,128,0.3)", rangemode="tozero")
    return figure


def kappa_matrix(rows: Sequence[dict], runs: Sequence[str]) -> go.Figure:
    """Draw kappa of each two runs as a matrix, the darker the more alike.

    Parameters
    ----------
    rows : as `pipeline.agreement.pairs` returns them.
    runs : their names, in the order to draw.
    """
    known = {frozenset((row["first"], row["second"])): row["kappa"]["value"] for row in rows}
    matrix = [
        [known.get(frozenset((first, second))) if first != second else None for second in runs]
        for first in runs
    ]
    figure = go.Figure(
        go.Heatmap(
            z=matrix,
            x=list(runs),
            y=list(runs),
            zmin=0,
            zmax=1,
            colorscale="Cividis",  # legible without colour vision
            reversescale=True,
            texttemplate="%{z:.2f}" if len(runs) <= 12 else None,
            hovertemplate="%{x}<br>%{y}<br>kappa %{z:.3f}<extra></extra>",
            hoverongaps=False,
            colorbar={"title": "kappa", "thickness": 12},
        )
    )
    figure.update_layout(
        height=160 + 34 * len(runs),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
    )
    figure.update_xaxes(tickangle=-40, showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure
