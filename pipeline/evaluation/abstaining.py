"""When to make no call, and what the calls that are left are worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.config import CLASS_NAMES, PNEUMONIA
from pipeline.evaluation.resampling import bootstrap, middle_95
from pipeline.evaluation.thresholds import both_classes, clearing, finding
from pipeline.evaluation.wilson_score import share

# Of the validation patients of either class, at most this share is called wrongly with confidence.
_LOST = 0.01


def abstain_band(score: np.ndarray, label: np.ndarray, threshold: float | None = None) -> dict:
    """Choose on validation patients the probabilities at which no call is made.

    Parameters
    ----------
    score : (N,) calibrated probability of pneumonia.
    label : (N,) 0 or 1.
    threshold : of the operating point that the run is used at; the band is widened to hold it, so
        that a call outside of the band is the same call with or without it.

    Returns
    -------
    ``{"low", "high", "rule"}``: no call for low <= score < high. Below the rule-out threshold lie
    at most 1 % of the pneumonias; at or above the rule-in threshold at most 1 % of the normals.
    Where the classes are so well separated that the rule-in threshold is the lower of the two,
    both promises hold everywhere between them; the band is then still what lies between, so that
    each promise is more than kept: such a validation set says little about another hospital.
    """
    score, label = np.asarray(score, np.float64), np.asarray(label)
    both_classes(label)
    rule_out, rule_in = finding(score, label, 1 - _LOST), clearing(score, label, 1 - _LOST)
    rule = (
        f"below it lie at most {_LOST:.0%} of the validation pneumonias, at or above it at most "
        f"{_LOST:.0%} of the validation normals"
    ).replace("%", " %")
    if rule_in < rule_out:
        rule += (
            "; the two thresholds cross (either promise is kept anywhere between them), and the "
            "band is what lies between"
        )
    low, high = min(rule_out, rule_in), max(rule_out, rule_in)
    if threshold is not None and not low <= threshold <= high:
        rule += "; widened to hold the threshold that the run is used at"
        low, high = min(low, threshold), max(high, threshold)
    return {"low": low, "high": high, "rule": rule}


def selective(
    score: np.ndarray,
    label: np.ndarray,
    low: float,
    high: float,
    groups: Sequence[str] | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> dict:
    """Return how many pictures get a call, and how good these calls are.

    Parameters
    ----------
    score, label, groups : (N,) as for `report`.
    low, high : no call for low <= score < high; normal below, pneumonia from high on.

    Returns
    -------
    ``low, high, n``; the figures ``coverage`` (of all pictures), ``accuracy``, ``sensitivity``,
    ``specificity`` (of those with a call; Wilson intervals) and ``balanced_accuracy`` (of the same;
    bootstrap over patients), each ``{"value", "low", "high", "n"}``; ``undecided`` counts the
    others by class. None where there is nothing to count.
    """
    score, label = np.asarray(score, np.float64), np.asarray(label).astype(int)
    if not low <= high or score.shape != label.shape or len(score) == 0:
        raise ValueError(
            "Expected low <= high and as many scores as labels. "
            f"Received: {low}, {high}, {score.shape} and {label.shape}"
        )
    decided = (score < low) | (score >= high)
    right = decided & ((score >= high) == (label == PNEUMONIA))
    positive = label == PNEUMONIA
    result = {
        "low": float(low),
        "high": float(high),
        "n": len(score),
        "coverage": share(int(decided.sum()), len(score)),
        "accuracy": share(int(right.sum()), int(decided.sum())),
        "sensitivity": share(int((right & positive).sum()), int((decided & positive).sum())),
        "specificity": share(int((right & ~positive).sum()), int((decided & ~positive).sum())),
        "undecided": {
            name: int((~decided & (label == value)).sum()) for value, name in enumerate(CLASS_NAMES)
        },
    }
    own = None if groups is None else np.asarray(groups)[decided]
    return result | {
        "balanced_accuracy": _balanced(score[decided], label[decided], high, own, resamples, seed)
    }


def _balanced(score, label, high: float, groups, resamples: int, seed: int) -> dict:
    if len(np.unique(label)) < 2:
        return {"value": None, "low": None, "high": None, "n": len(label)}
    name = "balanced_accuracy"
    draws = bootstrap(score, label, high, groups, (name,), resamples, seed)[name]
    called = score >= high
    value = (called[label == PNEUMONIA].mean() + (~called)[label != PNEUMONIA].mean()) / 2
    low_limit, high_limit = middle_95(draws)
    return {"value": float(value), "low": low_limit, "high": high_limit, "n": len(label)}
