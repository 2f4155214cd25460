"""Who agrees with whom: readers with each other, with the model and with the truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from pipeline.observers import kappa
from pipeline.observers.estimate import absent, count, estimate
from pipeline.observers.panel import Moment, Panel, repeats, shared

MODEL, TRUTH, READER = "model", "truth", "reader"
# Agreement this high with a kappa this low is the paradox of Feinstein and Cicchetti.
_HIGH, _LOW = 0.8, 0.4

ONE_CATEGORY = "both say the same of every case"
ALL_ONE = "everybody says the same of every case"
ONE_READER = "one reader only"
NO_SHARED_CASE = "no case that two have answered"
NO_COMPLETE_CASE = "no case that every reader has answered"
NOT_ASKED = "not asked, or not answered by both"


@dataclass(frozen=True)
class Rater:
    """Somebody who calls cases: a reader, the model or the truth."""

    kind: str
    name: str = ""


@dataclass(frozen=True)
class Pair:
    """How far two raters agree on the cases that both have called.

    Attributes
    ----------
    first, second : who.
    n : cases.
    equal : share of equal calls, with Wilson's interval.
    kappa, ac1 : Cohen's and Gwet's, with intervals over patients.
    chance : share of equal calls that chance alone would give.
    positive, negative, prevalence, bias : as `kappa.specific` returns them.
    confidence, quality : quadratically weighted kappa of how sure two readers are, and of the
        picture's quality.
    paradox : whether kappa is low although they agree on most cases.
    """

    first: Rater
    second: Rater
    n: int
    equal: dict
    kappa: dict
    ac1: dict
    chance: float | None
    positive: float | None
    negative: float | None
    prevalence: float | None
    bias: float | None
    confidence: dict
    quality: dict
    paradox: bool


@dataclass(frozen=True)
class Group:
    """How far all readers agree at one moment.

    Attributes
    ----------
    readers : how many.
    equal : share of pairs of readers with the same call, over cases that two or more called.
    fleiss : over the cases that every reader called, as its definition needs.
    ac1 : over all cases that two or more called.
    positive : share of all calls that are pneumonia.
    cases : answered by anybody.
    """

    readers: int
    equal: dict
    fleiss: dict
    ac1: dict
    positive: dict
    cases: int


@dataclass(frozen=True)
class Agreement:
    """One moment's agreement: `pairs` of all raters, and the `group` of readers."""

    moment: Moment
    raters: tuple[Rater, ...]
    pairs: tuple[Pair, ...]
    group: Group


@dataclass(frozen=True)
class Repeat:
    """One reader's two answers on the same cases, having seen the same."""

    reader: str
    first: Moment
    second: Moment
    pair: Pair


def agreement(panel: Panel) -> Agreement:
    """Return how far readers, model and truth agree at one moment."""
    readers = [Rater(READER, name) for name in panel.readers]
    columns = {rater: panel.call[:, position] for position, rater in enumerate(readers)}
    columns[Rater(MODEL)] = panel.model_call
    if panel.labelled.any():
        columns[Rater(TRUTH)] = panel.label
    scores = {rater: panel.score[:, position] for position, rater in enumerate(readers)}
    qualities = {rater: panel.quality[:, position] for position, rater in enumerate(readers)}
    pairs = tuple(
        _pair(
            a,
            b,
            (columns[a], columns[b]),
            (scores.get(a), scores.get(b)),
            (qualities.get(a), qualities.get(b)),
            panel.patients,
        )
        for a, b in combinations(columns, 2)
    )
    return Agreement(panel.moment, tuple(columns), pairs, _group(panel))


def intra_reader(panels: Sequence[Panel]) -> list[Repeat]:
    """Return each reader's agreement with themselves, over passes that showed them the same."""
    found = []
    for a, b in repeats(panels):
        rows_a, rows_b = shared(a, b)
        for reader in a.readers:
            if reader not in b.readers:
                continue
            i, j = a.readers.index(reader), b.readers.index(reader)
            pair = _pair(
                Rater(READER, reader),
                Rater(READER, reader),
                (a.call[rows_a, i], b.call[rows_b, j]),
                (a.score[rows_a, i], b.score[rows_b, j]),
                (a.quality[rows_a, i], b.quality[rows_b, j]),
                a.patients[rows_a],
            )
            if pair.n:
                found.append(Repeat(reader, a.moment, b.moment, pair))
    return found


def _pair(first: Rater, second: Rater, calls, scores, qualities, patients: np.ndarray) -> Pair:
    a, b, own = _both(calls, patients)
    n = len(a)
    cohen = _two(kappa.cohen, a, b, own, ONE_CATEGORY if n else NO_SHARED_CASE)
    agreed = count(int(np.sum(a == b)), n, NO_SHARED_CASE)
    by_chance = kappa.chance(a, b, np.ones((1, n)))[0] if n else None
    ratings = np.column_stack([a, b])
    low = cohen["value"] is None or cohen["value"] < _LOW
    return Pair(
        first=first,
        second=second,
        n=n,
        equal=agreed,
        kappa=cohen,
        ac1=estimate(lambda weights: kappa.gwet(ratings, weights), own, NO_SHARED_CASE),
        chance=None if by_chance is None else float(by_chance),
        **kappa.specific(a, b),
        confidence=_ordered(scores, patients, kappa.steps),
        quality=_ordered(qualities, patients),
        paradox=bool(n and agreed["value"] >= _HIGH and low and agreed["value"] < 1),
    )


def _both(columns, patients: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    there = np.isfinite(columns[0]) & np.isfinite(columns[1])
    return columns[0][there], columns[1][there], patients[there]


def _two(figure: Callable, a: np.ndarray, b: np.ndarray, patients: np.ndarray, why: str) -> dict:
    return estimate(lambda weights: figure(a, b, weights), patients, why)


def _ordered(columns, patients: np.ndarray, scale: Callable = np.asarray) -> dict:
    if columns[0] is None or columns[1] is None:
        return absent(NOT_ASKED)
    a, b, own = _both(columns, patients)
    if not len(a):
        return absent(NOT_ASKED)
    return _two(kappa.quadratic, scale(a), scale(b), own, ONE_CATEGORY)


def _group(panel: Panel) -> Group:
    given, alone = panel.answered.sum(axis=1), len(panel.readers) < 2
    twice = given >= 2
    complete = panel.answered.all(axis=1) & (not alone)

    def over(rows: np.ndarray, figure: Callable, nobody: str) -> dict:
        if not rows.any():
            return absent(ONE_READER if alone else nobody)
        own = panel.call[rows]
        return estimate(lambda weights: figure(own, weights), panel.patients[rows], ALL_ONE)

    return Group(
        readers=len(panel.readers),
        equal=over(twice, kappa.pairwise, NO_SHARED_CASE),
        fleiss=over(complete, kappa.fleiss, NO_COMPLETE_CASE),
        ac1=over(twice, kappa.gwet, NO_SHARED_CASE),
        positive=estimate(
            lambda weights: (weights @ np.nansum(panel.call, axis=1)) / (weights @ given),
            panel.patients,
            "no answer",
        ),
        cases=len(panel.cases),
    )
