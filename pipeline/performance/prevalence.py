"""What a threshold means for a hundred children, and what it costs when errors have a price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline import evaluation
from pipeline.config import PNEUMONIA
from pipeline.performance.operating import checked_prevalence


def icons(sensitivity: float, specificity: float, prevalence: float, total: int = 100) -> dict:
    """Return how `total` children fall into ``found, missed, false_alarm, cleared``.

    Expected numbers, rounded so that they add up (largest remainders first).
    """
    checked_prevalence(prevalence)
    expected = {
        "found": prevalence * sensitivity,
        "missed": prevalence * (1 - sensitivity),
        "false_alarm": (1 - prevalence) * (1 - specificity),
        "cleared": (1 - prevalence) * specificity,
    }
    # Rounded first, so that 62.5 - 62.499999999 is no remainder.
    exact = {name: round(total * value, 9) for name, value in expected.items()}
    whole = {name: int(value) for name, value in exact.items()}
    by_remainder = sorted(exact, key=lambda name: whole[name] - exact[name])
    for name in by_remainder[: total - sum(whole.values())]:
        whole[name] += 1
    return whole


def _complement(figure: Mapping) -> dict:
    return {
        "value": 1 - figure["value"],
        "low": 1 - figure["high"],
        "high": 1 - figure["low"],
        "n": figure["n"],
    }


def expected_cost(figures: Mapping[str, Mapping], prevalence: float, miss: float) -> dict:
    """Return what the errors among 100 children cost, in false alarms.

    Parameters
    ----------
    figures : ``sensitivity`` and ``specificity`` as of `pipeline.performance.operating`.
    prevalence : share of ill children, 0 < prevalence < 1.
    miss : how many false alarms one missed pneumonia is worth, > 0.

    Returns
    -------
    ``{"value", "low", "high", "n"}``, n being the number of pictures behind it. The limits are
    those of a weighted sum of two independent proportions (MOVER).

    References
    ----------
    Zou, Donner 2008, Construction of confidence limits about effect measures: a general approach,
    doi:10.1002/sim.3095.
    """
    _check(prevalence, miss)
    parts = [
        (100 * prevalence * miss, _complement(figures["sensitivity"])),
        (100 * (1 - prevalence), _complement(figures["specificity"])),
    ]
    value = sum(weight * part["value"] for weight, part in parts)
    below = np.sqrt(sum((weight * (part["value"] - part["low"])) ** 2 for weight, part in parts))
    above = np.sqrt(sum((weight * (part["high"] - part["value"])) ** 2 for weight, part in parts))
    return {
        "value": value,
        "low": float(value - below),
        "high": float(value + above),
        "n": sum(part["n"] for _, part in parts),
    }


def cheapest_threshold(
    score: np.ndarray,
    label: np.ndarray,
    prevalence: float,
    miss: float,
    groups: Sequence[str] | None = None,
    resamples: int = 200,
    seed: int = 0,
) -> dict[str, float]:
    """Return the threshold at which errors cost least; give it validation patients, never test.

    Like the balanced point of `pipeline.evaluation.operating_points` it is the median over
    resamples of the patients, each class on its own: where the classes are almost separated, one
    picture would move it far.

    Parameters
    ----------
    score, label : (N,) probability of pneumonia, and 0 or 1 with both present.
    prevalence, miss : as of `expected_cost`.
    groups : (N,) patient of each case, resampled together; each case its own if None.

    Returns
    -------
    ``{"threshold", "low", "high"}``: the median, and where 95 % of the resamples lie.
    """
    _check(prevalence, miss)
    score, label = np.asarray(score, np.float64), np.asarray(label)
    if len(np.unique(label)) < 2:
        raise ValueError("Expected labels of both classes. Received: only one")
    order = np.argsort(-score, kind="stable")
    samples = evaluation.resampled_weights(label, groups, resamples, seed)
    weights = np.concatenate(list(samples))[:, order]
    ranked, positive = score[order], label[order] == PNEUMONIA
    ends = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
    # One column per cut: before the first case nobody is called, after the last everybody.
    cuts = {}
    for name, members in (("sensitivity", positive), ("false_alarms", ~positive)):
        called = np.cumsum(weights * members, axis=1)
        cuts[name] = np.pad(called[:, ends] / called[:, -1:], ((0, 0), (1, 0)))
    cost = prevalence * miss * (1 - cuts["sensitivity"]) + (1 - prevalence) * cuts["false_alarms"]
    # In the middle of the gap: a threshold that equals a score loses that picture to rounding.
    edges = np.concatenate([[1.0], ranked[ends], [0.0]])
    chosen = ((edges[:-1] + edges[1:]) / 2)[np.argmin(cost, axis=1)]
    low, middle, high = np.percentile(chosen, [2.5, 50, 97.5])
    return {"threshold": float(middle), "low": float(low), "high": float(high)}


def _check(prevalence: float, miss: float) -> None:
    checked_prevalence(prevalence)
    if not miss > 0:
        raise ValueError(f"Expected miss > 0. Received: {miss!r}")
