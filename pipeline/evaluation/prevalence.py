"""What a call is worth where another share of the children has pneumonia."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


def at_prevalence(
    sensitivity: Mapping | float, specificity: Mapping | float, prevalence: float
) -> dict:
    """Return PPV and NPV by Bayes' rule, with intervals that follow from those given.

    The predictive values of a test set hold for its own share of pneumonias (62.5 % in the
    official one). Sensitivity and specificity are figures of separate children, so the interval
    of either likelihood ratio follows from their limits by MOVER-R, and the predictive value
    rises with the ratio. Closed form: quick enough for a slider.

    Parameters
    ----------
    sensitivity, specificity : figures ``{"value", "low", "high", "n"}`` with their 95 % limits
        (Wilson, as in `report`); a bare number is taken as known exactly.
    prevalence : share of the children with pneumonia, in (0, 1).

    Returns
    -------
    ``{"prevalence", "ppv", "npv"}``, both figures with ``n`` of both classes together; None where
    one of the two given, or the call itself, does not exist.

    References
    ----------
    Donner, Zou 2012, Closed-form confidence intervals for functions of the normal mean and
    standard deviation, Statistical Methods in Medical Research 21:347.
    Newcombe 2016, MOVER-R confidence intervals for ratios and products of two independently
    estimated quantities, Statistical Methods in Medical Research 25:1774.
    """
    if not 0 < prevalence < 1:
        raise ValueError(f"Expected a prevalence between 0 and 1. Received: {prevalence}")
    found, cleared = _limits(sensitivity), _limits(specificity)
    counts = [
        figure.get("n") for figure in (sensitivity, specificity) if isinstance(figure, Mapping)
    ]
    n = sum(counts) if len(counts) == 2 and None not in counts else None
    none = {"value": None, "low": None, "high": None, "n": n}
    if found is None or cleared is None:
        return {"prevalence": float(prevalence), "ppv": none, "npv": none}
    odds = prevalence / (1 - prevalence)
    ppv = _predictive(found, _complement(cleared), odds)
    npv = _predictive(cleared, _complement(found), 1 / odds)
    return {
        "prevalence": float(prevalence),
        "ppv": {**ppv, "n": n} if ppv else none,
        "npv": {**npv, "n": n} if npv else none,
    }


def _limits(figure: Mapping | float) -> tuple[float, float, float] | None:
    """Return (low, value, high)."""
    if not isinstance(figure, Mapping):
        return float(figure), float(figure), float(figure)
    if figure["value"] is None:
        return None
    return figure["low"], figure["value"], figure["high"]


def _complement(limits: tuple[float, float, float]) -> tuple[float, float, float]:
    low, value, high = limits
    return 1 - high, 1 - value, 1 - low


def _predictive(right, wrong, odds: float) -> dict | None:
    """Return the share of right calls, from the rates of right and of wrong ones."""
    if right[1] == 0 and wrong[1] == 0:
        return None  # such a call is never made
    low, high = ratio_limits(right, wrong)
    value = odds * right[1] / (odds * right[1] + wrong[1])
    return {"value": value, "low": _share(odds * low), "high": _share(odds * high)}


def _share(odds: float) -> float:
    return 1.0 if np.isinf(odds) else odds / (1 + odds)


def ratio_limits(
    first: tuple[float, float, float], second: tuple[float, float, float]
) -> tuple[float, float]:
    """Return the MOVER-R limits of first / second, each given as (low, value, high) and >= 0."""
    (low_1, value_1, high_1), (low_2, value_2, high_2) = first, second
    product = value_1 * value_2

    def root(limit_1: float, limit_2: float) -> float:
        part = limit_1 * limit_2 * (2 * value_1 - limit_1) * (2 * value_2 - limit_2)
        # Below 0 by rounding only, where both are known exactly.
        return float(np.sqrt(max(product**2 - part, 0.0)))

    # The published lower limit is (product - root) / (high_2 (2 value_2 - high_2)), which is 0 / 0
    # where high_2 = 2 value_2; this is the same, multiplied by (product + root).
    below = product + root(low_1, high_2)
    low = low_1 * (2 * value_1 - low_1) / below if below > 0 else 0.0
    above = low_2 * (2 * value_2 - low_2)
    high = (product + root(high_1, low_2)) / above if above > 0 else np.inf
    return float(low), float(high)
