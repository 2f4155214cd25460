"""Many readers, many cases: do readers do better with the model, or was it these readers and cases?

Two answers: for readers like these (readers and cases both random), and for these readers only.
The method is that of `pipeline.observers.variance`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.config import PNEUMONIA
from pipeline.observers.panel import Moment, Panel
from pipeline.observers.variance import FIGURES, Components, analyse

# Fewer than these, and nobody should speak of readers, or of cases, in general.
FEW_READERS, FEW_OF_A_CLASS = 4, 10


@dataclass(frozen=True)
class Comparison:
    """One figure of readers at two moments.

    Attributes
    ----------
    figure : one of `FIGURES`.
    before, after : the moments.
    readers : that have answered enough of the cases at both.
    cases, positives, patients : of known truth that all of them answered at both moments.
    by_reader : (2, R) the figure of each reader; empty where it does not exist.
    means : before and after, ``{"value", "low", "high", "n", "why"}``; random readers and cases.
    random, fixed : after - before for readers like these, and for these only: ``{"value", "low",
        "high", "n", "why", "p", "df", "statistic"}``. The statistic is F or chi squared.
    components : None where the figure does not exist.
    """

    figure: str
    before: Moment
    after: Moment
    readers: tuple[str, ...]
    cases: int
    positives: int
    patients: int
    by_reader: np.ndarray
    means: tuple[dict, dict]
    random: dict
    fixed: dict
    components: Components | None

    @property
    def enough(self) -> bool:
        """Whether there are enough readers and cases of each class to speak in general."""
        rarer = min(self.positives, self.cases - self.positives)
        return len(self.readers) >= FEW_READERS and rarer >= FEW_OF_A_CLASS


def compare(before: Panel, after: Panel) -> list[Comparison]:
    """Return every one of `FIGURES` compared between two moments.

    All readers must have read all cases: of the readers those, and of the cases those, are used
    that leave most answers.
    """
    readers, rows_a, rows_b = crossed(before, after)
    columns_a = [before.readers.index(name) for name in readers]
    columns_b = [after.readers.index(name) for name in readers]
    label, patients = before.label[rows_a], before.patients[rows_a]
    calls = np.stack([before.call[rows_a][:, columns_a], after.call[rows_b][:, columns_b]])
    scores = np.stack([before.score[rows_a][:, columns_a], after.score[rows_b][:, columns_b]])
    found = []
    for figure in FIGURES:
        ratings = scores if figure == "auc" else calls
        parts = analyse(figure, ratings, label, patients)
        found.append(
            Comparison(
                figure,
                before.moment,
                after.moment,
                readers,
                len(label),
                int(np.sum(label == PNEUMONIA)),
                len(set(patients)),
                **parts,
            )
        )
    return found


def crossed(before: Panel, after: Panel) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """Return the readers who answered the same cases at both moments, and those rows of either.

    Readers come in by how much they have answered; whoever would cost more answers of the others
    than they add, stays out.
    """
    common, rows_a, rows_b = np.intersect1d(before.cases, after.cases, return_indices=True)
    known = np.isfinite(before.label[rows_a])
    both = [name for name in before.readers if name in after.readers]
    there = {
        name: known
        & before.answered[rows_a, before.readers.index(name)]
        & after.answered[rows_b, after.readers.index(name)]
        for name in both
    }
    order = sorted(both, key=lambda name: (-int(there[name].sum()), name))
    best, most = ((), np.zeros(len(common), bool)), 0
    for k in range(1, len(order) + 1):
        cases = np.logical_and.reduce([there[name] for name in order[:k]])
        if k * int(cases.sum()) >= max(most, 1):
            best, most = (tuple(sorted(order[:k])), cases), k * int(cases.sum())
    readers, cases = best
    return readers, rows_a[cases], rows_b[cases]
