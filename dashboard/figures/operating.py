"""A threshold among all the others: ROC and precision-recall curve, for ``curve.js`` to draw."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dashboard.figures.palette import PNEUMONIA_COLOUR
from pipeline.performance.operating import Rates


def roc(
    curve: Rates, colour: str, now: Mapping[str, Mapping], stored: Mapping[str, tuple[float, float]]
) -> dict:
    """Return sensitivity over false alarms.

    Parameters
    ----------
    now : ``sensitivity`` and ``specificity`` of the threshold in use, with limits.
    stored : a name -> (false alarms, sensitivity) of the run's own operating points.
    """
    specificity = now["specificity"]
    false_alarms = {
        "value": 1 - specificity["value"],
        "low": 1 - specificity["high"],
        "high": 1 - specificity["low"],
    }
    drawn = curve.corner
    return {
        **_points(curve.false_alarms[drawn], curve.sensitivity[drawn], curve.cut[drawn]),
        "now": _here(false_alarms, now["sensitivity"]),
        "marks": [{"x": x, "y": y, "name": name} for name, (x, y) in stored.items()],
        "guide": [0, 0, 1, 1],
        "xTitle": "False alarms among normals (1 − specificity)",
        "yTitle": "Sensitivity",
        "label": "ROC curve: sensitivity over false alarms for every threshold",
        "colour": colour,
        "accent": PNEUMONIA_COLOUR,
    }


def precision_recall(
    curve: Rates, colour: str, prevalence: float, now: Mapping[str, Mapping]
) -> dict:
    """Return PPV over sensitivity where that share of the children is ill.

    Parameters
    ----------
    now : ``sensitivity`` and ``ppv`` (at that share) of the threshold in use, with limits.
    """
    # Not the first point: where nobody is called there is no PPV.
    known = now["ppv"]["value"] is not None
    return {
        **_points(curve.sensitivity[1:], curve.precision(prevalence)[1:], curve.cut[1:]),
        "now": _here(now["sensitivity"], now["ppv"]) if known else None,
        "marks": [],
        "guide": [0, prevalence, 1, prevalence],
        "xTitle": "Sensitivity (recall)",
        "yTitle": "PPV (precision)",
        "label": "Precision-recall curve: PPV over sensitivity for every threshold",
        "colour": colour,
        "accent": PNEUMONIA_COLOUR,
    }


def _points(x: np.ndarray, y: np.ndarray, cut: np.ndarray) -> dict:
    # Four digits are more than a screen has; the threshold keeps what tells neighbours apart.
    return {
        "x": np.round(x, 4).tolist(),
        "y": np.round(y, 4).tolist(),
        "threshold": np.round(cut, 7).tolist(),
    }


def _here(across: Mapping, up: Mapping) -> dict:
    return {
        "x": across["value"],
        "y": up["value"],
        "left": across["low"],
        "right": across["high"],
        "bottom": up["low"],
        "top": up["high"],
    }
