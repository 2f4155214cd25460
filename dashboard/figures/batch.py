"""What a batch gave: how its probabilities lie, and how good the labelled ones are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.frame import GRID, PLAIN
from dashboard.figures.palette import CLEAR, GREY, NORMAL_COLOUR, PNEUMONIA_COLOUR

_LOOKS = {
    "NORMAL": (NORMAL_COLOUR, ""),
    "PNEUMONIA": (PNEUMONIA_COLOUR, "/"),  # told apart without colour, too
    "label not known": (GREY, ""),
}
_FEW = 8


def batch(counts: Mapping[str, np.ndarray], threshold: float) -> go.Figure:
    """Draw how many pictures have which probability of pneumonia.

    Parameters
    ----------
    counts : label -> (bins,) of equal width from 0 to 1, as `Results.histogram` gives them.
    threshold : where calls of pneumonia begin.
    """
    figure = go.Figure()
    for name, own in counts.items():
        edges = np.linspace(0, 1, len(own) + 1)
        colour, pattern = _LOOKS[name]
        figure.add_trace(
            go.Bar(
                name=name.lower(),
                x=(edges[:-1] + edges[1:]) / 2,
                y=own,
                width=1 / len(own),
                marker={"color": colour, "pattern": {"shape": pattern}},
                customdata=np.stack([edges[:-1], edges[1:]], axis=1),
                hovertemplate=f"{name.lower()}: %{{y}} pictures from %{{customdata[0]:.2f}} to "
                "%{customdata[1]:.2f}<extra></extra>",
            )
        )
    line = {"color": GREY, "width": 2}
    figure.add_shape(type="line", x0=threshold, x1=threshold, y0=0, y1=1, yref="paper", line=line)
    figure.update_layout(
        PLAIN,
        height=320,
        barmode="stack",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "bgcolor": CLEAR},
    )
    figure.update_xaxes(range=[0, 1], gridcolor=GRID, title={"text": "Probability of pneumonia"})
    tallest = sum(counts.values()).max()
    figure.update_yaxes(
        gridcolor=GRID,
        title={"text": "Pictures"},
        automargin=True,
        dtick=1 if tallest <= _FEW else None,  # there are no half pictures
    )
    return figure
