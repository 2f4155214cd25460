"""Numbers in, a plotly Figure out. No streamlit; legible on a dark and on a light page."""

from dashboard.figures.palette import run_colours, run_symbols
from dashboard.figures.training import AXIS_TITLES, METRIC_TITLES, curve_figure
from dashboard.figures.verdict import performance, verdict_scale

__all__ = [
    "AXIS_TITLES",
    "METRIC_TITLES",
    "curve_figure",
    "performance",
    "run_colours",
    "run_symbols",
    "verdict_scale",
]
