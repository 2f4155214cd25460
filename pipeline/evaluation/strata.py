"""Subgroups: the same figures of a part of the pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.config import NORMAL
from pipeline.evaluation.measures import figures
from pipeline.evaluation.reporting import report
from pipeline.evaluation.resampling import bootstrap, middle_95

# How the data set names the patients of its normal pictures, in two series.
_SERIES = re.compile(r"((?:NORMAL\d+-)?IM)-\d+")


def subgroups(
    score: np.ndarray,
    label: np.ndarray,
    threshold: float,
    families: Mapping[str, Sequence[str | None]],
    groups: Sequence[str] | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, dict[str, dict]]:
    """Return a `report` of every subgroup.

    Parameters
    ----------
    score, label, groups : (N,) as for `report`.
    families : (N,) for each way to divide the pictures, the name of each picture's subgroup, None
        where it belongs to none; as from `name_families` and `thirds`.

    Returns
    -------
    ``{family: {subgroup: report}}`` in the order of the subgroups' first picture. A subgroup of one
    class only has besides ``auc_against_others``: its AUC together with all pictures of the other
    class.
    """
    score, label = np.asarray(score, np.float64), np.asarray(label).astype(int)
    patients = None if groups is None else np.asarray(groups)
    result: dict[str, dict[str, dict]] = {}
    for family, names in families.items():
        names = np.asarray(names, dtype=object)
        if names.shape != label.shape:
            raise ValueError(
                f"Expected a subgroup per picture. Received: {names.shape} for {label.shape}"
            )
        result[family] = {}
        for name in dict.fromkeys(name for name in names if name is not None):
            own = names == name
            part = report(
                *_part(score, label, own),
                threshold,
                None if patients is None else patients[own],
                resamples,
                seed,
            )
            if len(np.unique(label[own])) == 1:
                with_others = own | (label != label[own][0])
                part["auc_against_others"] = _auc(
                    *_part(score, label, with_others),
                    None if patients is None else patients[with_others],
                    resamples,
                    seed,
                )
            result[family][name] = part
    return result


def _part(score: np.ndarray, label: np.ndarray, own: np.ndarray):
    return score[own], label[own]


def _auc(score, label, groups, resamples: int, seed: int) -> dict | None:
    if len(np.unique(label)) < 2:
        return None
    value = figures(score, label, 0.5, only=("auc",))["auc"]
    draws = bootstrap(score, label, 0.5, groups, ("auc",), resamples, seed)["auc"]
    low, high = middle_95(draws)
    return {"value": value, "low": low, "high": high, "n": len(label)}


def name_families(
    label: Sequence[int], kind: Sequence[str], patient: Sequence[str]
) -> dict[str, list[str | None]]:
    """Return the families that file names tell: the germ, and the series of the normal pictures.

    Parameters
    ----------
    kind, patient : as `pipeline.dataset.patient_of` reads them off a name.
    """
    germs = {"bacteria": "bacterial", "virus": "viral"}
    return {
        "germ": [germs.get(one) for one in kind],
        "normal series": [
            found[1] if value == NORMAL and (found := _SERIES.fullmatch(name)) else None
            for value, name in zip(label, patient, strict=True)
        ],
    }


def thirds(
    values: Sequence[float], words: tuple[str, str, str], unit: str, digits: int = 0
) -> list[str | None]:
    """Divide pictures into three parts of about equal size by a measured value.

    Parameters
    ----------
    values : (N,) measured of each picture.
    words : names of the lower, middle and upper third; the limits and the unit are added.

    Returns
    -------
    (N,) names; all None where the values do not differ enough to divide by.
    """
    values = np.round(np.asarray(values, np.float64), digits)
    lower, upper = np.quantile(values, [1 / 3, 2 / 3], method="lower")
    if not values.min() <= lower < upper < values.max():
        return [None] * len(values)
    names = (
        f"{words[0]} (up to {lower:.{digits}f} {unit})",
        f"{words[1]} (up to {upper:.{digits}f} {unit})",
        f"{words[2]} (over {upper:.{digits}f} {unit})",
    )
    return [names[int(value > lower) + int(value > upper)] for value in values]
