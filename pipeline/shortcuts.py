"""Does a run's own network look at the lungs? Its test figures when parts are hidden.

A network that still tells the classes apart where no lung can be seen uses markers, borders or
collimation. The reverse does not hold: hidden parts are something it was never trained on, and a
shortcut may need more of the picture than it was left.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import numpy as np

from pipeline import evaluation
from pipeline.audit.parts import PARTS, WITHOUT_LUNGS, only
from pipeline.classifier import Classifier
from pipeline.config import PNEUMONIA
from pipeline.dataset import Item, load_images
from pipeline.errors import RunError
from pipeline.runs import Run, class_counts

SCHEMA = 1
FILE = "shortcuts.json"
KEPT = ("auc", "sensitivity", "specificity")

# What an AUC without lungs means, by where its 95 % interval lies.
STRONG, TRACE, NONE, REVERSED = "strong", "trace", "none", "reversed"


def examine(
    run: Run, items: Sequence[Item], progress: Callable[[float], None] = lambda _: None
) -> dict:
    """Judge `items` with a run's network while it is shown parts of each picture alone.

    Parameters
    ----------
    items : labelled pictures, of both classes.
    progress : called with the finished fraction, 0 to 1.

    Returns
    -------
    ``{"run", "model_sha256", "temperature", "operating_point", "threshold", "data", "parts"}``;
    each of the parts has ``auc``, ``sensitivity`` and ``specificity`` at the run's threshold, and
    ``mean_probability`` per class, as ``{"value", "low", "high", "n"}``; besides ``counts``, and
    for a part without lungs ``shortcut`` (`strength`), and for every part but the whole
    ``auc_change`` against the whole (DeLong). The intervals of AUC and mean probability are
    bootstrapped over patients.

    Raises
    ------
    DatasetError : if a picture cannot be read.
    RunError : if the run has no network to ask.
    """
    labels = np.array([item.label for item in items])
    if len(np.unique(labels)) < 2:
        raise ValueError(f"Expected pictures of both classes. Received: only {np.unique(labels)}")
    classifier = Classifier(run)
    _, threshold = classifier.threshold()
    patients = [item.patient for item in items]
    images = load_images(items, classifier.size_px)
    parts, scores = {}, {}
    for part, what in PARTS.items():
        scores[part] = score = classifier.probabilities(only(images, part))[:, PNEUMONIA]
        found = evaluation.report(score, labels, threshold, patients)
        parts[part] = {
            "part": what,
            "without_lungs": part in WITHOUT_LUNGS,
            "counts": found["counts"],
            **{name: found["figures"][name] for name in KEPT},
            "mean_probability": _means(score, labels, patients),
        }
        if part != "whole":
            paired = evaluation.delong(score, scores["whole"], labels)
            parts[part]["auc_change"] = paired["difference"] | {"p": paired["p"]}
        if part in WITHOUT_LUNGS:
            parts[part]["shortcut"] = strength(parts[part]["auc"])
        progress(len(parts) / len(PARTS))
    return {
        "schema": SCHEMA,
        "command": f"python -m pipeline shortcuts {run.name} --write",
        "run": run.name,
        **_bound_to(run),
        "data": {
            "split": items[0].split,
            "pictures": len(items),
            **class_counts(labels),
            "patients": len(set(patients)),
        },
        "parts": parts,
    }


def strength(auc: dict) -> str:
    """Say what an AUC without lungs means, by where its 95 % interval lies.

    Returns
    -------
    ``strong`` if the lower limit is at least .6, ``trace`` if it is above .5, ``none`` if .5 lies
    inside, and ``reversed`` if the upper limit is below .5: what is left moves the network, but
    against the class, so that no right answer comes from it.
    """
    if auc["low"] > 0.5:
        return STRONG if auc["low"] >= 0.6 else TRACE
    return REVERSED if auc["high"] < 0.5 else NONE


def stored(run: Run) -> dict | None:
    """Return what was stored of a run; None if nothing was.

    Raises
    ------
    RunError : if the file is damaged, or was made from another network or threshold.
    """
    path = run.folder / FILE
    if not path.is_file():
        return None
    hint = f"Make it again with 'python -m pipeline shortcuts {run.name} --write'."
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(f"{FILE} of {run.name} cannot be read.", hint) from error
    if not isinstance(document, dict) or "parts" not in document:
        raise RunError(f"{FILE} of {run.name} is not a shortcut audit.", hint)
    if {key: document.get(key) for key in _bound_to(run)} != _bound_to(run):
        raise RunError(f"{FILE} of {run.name} belongs to another network or threshold.", hint)
    return document


def _bound_to(run: Run) -> dict:
    """Return what the figures depend on."""
    point = run.document["operating_point"]
    return {
        "model_sha256": run.document["model_sha256"],
        "temperature": run.temperature,
        "operating_point": point,
        "threshold": run.operating_points[point]["threshold"],
    }


def _means(score: np.ndarray, labels: np.ndarray, patients: Sequence[str]) -> dict[str, dict]:
    """Return the mean probability of pneumonia per class with its interval over patients."""
    names = np.asarray(patients)
    table = {}
    for name, value in zip(class_counts(labels), np.unique(labels), strict=True):
        own = labels == value
        draws = np.concatenate(
            [
                weights @ score[own] / weights.sum(axis=1)
                for weights in evaluation.resampled_weights(labels[own], names[own], 1000, 0)
            ]
        )
        low, high = np.percentile(draws, [2.5, 97.5])
        table[name] = {
            "value": float(score[own].mean()),
            "low": float(low),
            "high": float(high),
            "n": int(own.sum()),
        }
    return table
