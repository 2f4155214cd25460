"""Numbers in, a plotly Figure out. No streamlit; legible on a dark and on a light page."""

from dashboard.figures.agreement import kappa_matrix, miss_bars
from dashboard.figures.audit import class_counts, intervals, per_patient
from dashboard.figures.chance import chance
from dashboard.figures.evidence import forest, reliability, spread
from dashboard.figures.grey_levels import CURVES, brightness_boxes, grey_curves, mean_picture
from dashboard.figures.operating import precision_recall, roc
from dashboard.figures.palette import run_colours, run_symbols
from dashboard.figures.parallel import FIRST_AXES, MOST_AXES, most_telling, parallel
from dashboard.figures.pictograms import confusion, hundred
from dashboard.figures.price import price
from dashboard.figures.tries import tries
from dashboard.figures.verdict import performance, verdict_scale

__all__ = [
    "CURVES",
    "FIRST_AXES",
    "MOST_AXES",
    "brightness_boxes",
    "chance",
    "class_counts",
    "confusion",
    "forest",
    "grey_curves",
    "hundred",
    "intervals",
    "kappa_matrix",
    "mean_picture",
    "miss_bars",
    "most_telling",
    "parallel",
    "per_patient",
    "performance",
    "precision_recall",
    "price",
    "reliability",
    "roc",
    "run_colours",
    "run_symbols",
    "spread",
    "tries",
    "verdict_scale",
]
