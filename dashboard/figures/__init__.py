"""Numbers in, a plotly Figure out. No streamlit; legible on a dark and on a light page."""

from dashboard.figures.agreement import kappa_matrix, miss_bars
from dashboard.figures.audit import class_counts, intervals, per_patient
from dashboard.figures.batch import batch
from dashboard.figures.chance import chance
from dashboard.figures.evidence import forest, reliability, spread
from dashboard.figures.grey_levels import CURVES, brightness_boxes, grey_curves, mean_picture
from dashboard.figures.operating import precision_recall, roc
from dashboard.figures.pace import pace
from dashboard.figures.palette import run_colours, run_symbols
from dashboard.figures.parallel import FIRST_AXES, MOST_AXES, most_telling, parallel
from dashboard.figures.pictograms import confusion, hundred
from dashboard.figures.price import price
from dashboard.figures.reader_roc import readers_roc
from dashboard.figures.readers import dumbbells, rater_matrix
from dashboard.figures.tries import tries
from dashboard.figures.verdict import performance, verdict_scale

__all__ = [
    "CURVES",
    "FIRST_AXES",
    "MOST_AXES",
    "batch",
    "brightness_boxes",
    "chance",
    "class_counts",
    "confusion",
    "dumbbells",
    "forest",
    "grey_curves",
    "hundred",
    "intervals",
    "kappa_matrix",
    "mean_picture",
    "miss_bars",
    "most_telling",
    "pace",
    "parallel",
    "per_patient",
    "performance",
    "precision_recall",
    "price",
    "rater_matrix",
    "readers_roc",
    "reliability",
    "roc",
    "run_colours",
    "run_symbols",
    "spread",
    "tries",
    "verdict_scale",
]
