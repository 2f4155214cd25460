"""How often each reader is right, before and after the model was shown.

Only cases of known truth count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.config import NORMAL, PNEUMONIA
from pipeline.evaluation.measures import weighted_figures
from pipeline.evaluation.paired import mcnemar
from pipeline.observers.estimate import absent, count, estimate, pooled
from pipeline.observers.panel import Moment, Panel, shared
from pipeline.performance.operating import rates

ONE_CLASS = "cases of one class only"
CLASSES = {"sensitivity": PNEUMONIA, "specificity": NORMAL}


@dataclass(frozen=True)
class Accuracy:
    """One rater at one moment.

    Attributes
    ----------
    reader : a pseudonym; "" for all readers together or for the model.
    sensitivity, specificity : shares; Wilson's interval for one rater, over patients for all.
    auc : empirical, of how sure they are, with an interval over patients.
    cases : of known truth that were answered.
    """

    reader: str
    sensitivity: dict
    specificity: dict
    auc: dict
    cases: int


@dataclass(frozen=True, eq=False)
class Curve:
    """An empirical ROC curve: (K,) shares of the normals and of the pneumonias that are called."""

    false_alarms: np.ndarray
    sensitivity: np.ndarray


@dataclass(frozen=True, eq=False)
class AtMoment:
    """What readers and model were worth at one moment, on the same cases.

    Attributes
    ----------
    model, pooled : the network, and all readers' answers together.
    readers : one each.
    curves : reader -> curve; those of one class only have none.
    model_curve : None where the cases are of one class.
    """

    moment: Moment
    model: Accuracy
    pooled: Accuracy
    readers: tuple[Accuracy, ...]
    curves: dict[str, Curve]
    model_curve: Curve | None


@dataclass(frozen=True)
class Change:
    """What a reader's figure gained from one moment to the next, on the same cases.

    Attributes
    ----------
    before, after : with Wilson's intervals.
    difference : after - before, with an interval over patients.
    p : McNemar's exact test, two-sided; 1 where no call changed, None without a case.
    """

    reader: str
    figure: str
    before: dict
    after: dict
    difference: dict
    p: float | None


def at_moment(panel: Panel) -> AtMoment:
    """Return the figures of one moment."""
    known = panel.labelled
    label, patients = panel.label[known], panel.patients[known]
    readers, curves = [], {}
    for position, reader in enumerate(panel.readers):
        call, score = panel.call[known, position], panel.score[known, position]
        there = np.isfinite(call)
        readers.append(_one(reader, call[there], score[there], label[there], patients[there]))
        if (drawn := curve(score[there], label[there])) is not None:
            curves[reader] = drawn
    model_call, model_score = panel.model_call[known], panel.model_score[known]
    return AtMoment(
        moment=panel.moment,
        model=_one("", model_call, model_score, label, patients),
        pooled=_pooled(panel.call[known], panel.score[known], label, patients),
        readers=tuple(readers),
        curves=curves,
        model_curve=curve(model_score, label),
    )


def curve(score: np.ndarray, label: np.ndarray) -> Curve | None:
    """Return the empirical ROC curve of scores (N,); None where the cases are of one class."""
    if len(np.unique(label)) < 2:
        return None
    found = rates(score, label)
    return Curve(found.false_alarms, found.sensitivity)


def auc(score: np.ndarray, label: np.ndarray, patients: Sequence[str]) -> dict:
    """Return the empirical AUC of scores (N,) with its interval over patients."""
    if len(np.unique(label)) < 2:
        return absent(ONE_CLASS if len(label) else "no case of known truth", len(label))
    return estimate(
        lambda weights: weighted_figures(score, label, 0.0, weights, ("auc",))["auc"],
        patients,
        ONE_CLASS,
    )


def changes(before: Panel, after: Panel) -> list[Change]:
    """Return what every reader gained on the cases that they answered at both moments."""
    rows_a, rows_b = shared(before, after)
    label, patients = before.label[rows_a], before.patients[rows_a]
    found = []
    for reader in [name for name in before.readers if name in after.readers]:
        a = before.call[rows_a, before.readers.index(reader)]
        b = after.call[rows_b, after.readers.index(reader)]
        there = np.isfinite(a) & np.isfinite(b)
        for figure, value in CLASSES.items():
            own = there & (label == value)
            right_a, right_b = a[own] == value, b[own] == value
            found.append(_change(reader, figure, right_a, right_b, patients[own]))
    return found


def _change(reader: str, figure: str, a: np.ndarray, b: np.ndarray, patients) -> Change:
    gained = b.astype(float) - a.astype(float)
    return Change(
        reader=reader,
        figure=figure,
        before=count(int(a.sum()), len(a)),
        after=count(int(b.sum()), len(b)),
        difference=estimate(
            lambda weights: weights @ gained / weights.sum(axis=1), patients, "no case"
        ),
        p=mcnemar(a, b, np.ones(len(a)))["p"] if len(a) else None,
    )


def _one(reader: str, call, score, label, patients) -> Accuracy:
    shares = {
        figure: count(int(np.sum(call[label == value] == value)), int(np.sum(label == value)))
        for figure, value in CLASSES.items()
    }
    return Accuracy(reader, **shares, auc=auc(score, label, patients), cases=len(label))


def _pooled(call: np.ndarray, score: np.ndarray, label: np.ndarray, patients) -> Accuracy:
    """Return all readers' answers as shares, and the mean of their AUCs."""
    shares = {}
    for figure, value in CLASSES.items():
        of = np.isfinite(call) & (label == value)[:, None]
        shares[figure] = pooled(call == value, of, patients)
    there = np.isfinite(call)
    both = [
        j for j in range(call.shape[1]) if len(np.unique(label[there[:, j]])) == 2
    ]  # a reader of one class has no AUC

    def mean_auc(weights: np.ndarray) -> np.ndarray:
        each = [
            weighted_figures(
                score[there[:, j], j], label[there[:, j]], 0.0, weights[:, there[:, j]], ("auc",)
            )["auc"]
            for j in both
        ]
        return np.mean(each, axis=0)

    area = estimate(mean_auc, patients, ONE_CLASS) if both else absent(ONE_CLASS, len(label))
    return Accuracy("", **shares, auc=area, cases=int(there.any(axis=1).sum()))
