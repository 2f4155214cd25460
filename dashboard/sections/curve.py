"""A ROC or precision-recall curve on which the threshold can be dragged.

Not plotly, which takes longer to draw a curve again than a hand to move.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_curve = st.components.v2.component(
    "threshold_curve",
    html='<div class="curve"></div>',
    css=(_HERE / "curve.css").read_text(encoding="utf-8"),
    js=(_HERE / "curve.js").read_text(encoding="utf-8"),
)


def draw(data: Mapping, key: str, on_threshold: Callable[[], None]) -> None:
    """Show a curve of `dashboard.figures.operating`.

    Parameters
    ----------
    key : the session's value under it has the ``threshold`` that was let go of.
    on_threshold : called then.
    """
    _curve(key=key, data=dict(data), on_threshold_change=on_threshold)
