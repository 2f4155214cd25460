"""Do runs err on the same pictures? A picture that all of them miss may have a wrong label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from pipeline.config import CLASS_NAMES, PNEUMONIA
from pipeline.evaluation import resampled_weights
from pipeline.evaluation.wilson_score import share

_CASE = ["file", "label"]


@dataclass(frozen=True)
class Calls:
    """What several runs called the same pictures.

    Attributes
    ----------
    cases : (N rows) columns ``file, label, kind, patient``.
    runs : (R,) names.
    called : (N, R) bool, True for pneumonia.
    left_out : pictures that not every run has judged; they are in none of the figures.
    """

    cases: pd.DataFrame
    runs: tuple[str, ...]
    called: np.ndarray
    left_out: int

    def __post_init__(self):
        if self.called.shape != (len(self.cases), len(self.runs)):
            raise ValueError(
                f"Expected a call per case and run, ({len(self.cases)}, {len(self.runs)}). "
                f"Received: {self.called.shape}"
            )

    @property
    def wrong(self) -> np.ndarray:
        """(N, R) bool."""
        return self.called != (self.cases["label"].to_numpy() == PNEUMONIA)[:, None]

    def missed_by_all(self) -> pd.DataFrame:
        """Return the cases that every run calls wrongly, by file name."""
        return self.cases[self.wrong.all(axis=1)].sort_values("file", ignore_index=True)


def calls(tables: Mapping[str, pd.DataFrame], thresholds: Mapping[str, float]) -> Calls:
    """Put the calls of several runs side by side.

    Parameters
    ----------
    tables : run -> one split of its predictions.
    thresholds : run -> its own threshold.
    """
    if not tables:
        raise ValueError("Expected at least one run. Received: none")
    indexed = {run: table.set_index(_CASE) for run, table in tables.items()}
    indices = [table.index for table in indexed.values()]
    shared, seen = indices[0], indices[0]
    for other in indices[1:]:
        shared, seen = shared.intersection(other, sort=False), seen.union(other, sort=False)
    first = next(iter(indexed.values()))
    called = [
        table["probability"].reindex(shared).to_numpy() >= thresholds[run]
        for run, table in indexed.items()
    ]
    return Calls(
        cases=first.loc[shared, ["kind", "patient"]].reset_index(),
        runs=tuple(tables),
        called=np.array(called, bool).T.reshape(len(shared), len(tables)),
        left_out=len(seen) - len(shared),
    )


def pairs(calls: Calls, resamples: int = 1000, seed: int = 0) -> list[dict]:
    """Return how far each two runs agree, whether they are right or wrong.

    Returns
    -------
    A row per pair: ``first, second``; ``equal``, the share of equal calls with Wilson's interval;
    ``kappa``, agreement beyond chance, 1 for equal calls and 0 for chance, with the 2.5th and
    97.5th percentile over resamples of the patients. Each is ``{"value", "low", "high", "n"}``;
    a kappa that does not exist, because both runs call everything the same, has the value None.

    References
    ----------
    Cohen 1960, A Coefficient of Agreement for Nominal Scales, doi:10.1177/001316446002000104.
    """
    count = len(calls.cases)
    if not count:
        return []
    label, patients = calls.cases["label"].to_numpy(), calls.cases["patient"].tolist()
    weights = np.concatenate(list(resampled_weights(label, patients, resamples, seed)))
    everyone = np.ones((1, count))
    rows = []
    for i, j in combinations(range(len(calls.runs)), 2):
        a, b = calls.called[:, i], calls.called[:, j]
        value = _kappa(a, b, everyone)[0]
        drawn = _kappa(a, b, weights)
        known = np.isfinite(value) and np.isfinite(drawn).any()
        low, high = np.nanpercentile(drawn, [2.5, 97.5]) if known else (None, None)
        rows.append(
            {
                "first": calls.runs[i],
                "second": calls.runs[j],
                "equal": share(int(np.sum(a == b)), count),
                "kappa": {
                    "value": float(value) if known else None,
                    "low": float(low) if known else None,
                    "high": float(high) if known else None,
                    "n": count,
                },
            }
        )
    return rows


def _kappa(a: np.ndarray, b: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return kappa (K,) of two (N,) bool under each row of `weights` (K, N); NaN for 0 / 0."""
    total = weights.sum(axis=1)
    equal = weights @ (a == b) / total
    first, second = weights @ a / total, weights @ b / total
    chance = first * second + (1 - first) * (1 - second)
    left = 1 - chance
    return np.divide(equal - chance, left, out=np.full_like(left, np.nan), where=left > 1e-12)


def misses(calls: Calls) -> list[dict]:
    """Return how many pictures exactly k of the R runs miss, for k = 0 to R.

    Returns
    -------
    A row per k: ``runs`` (= k), then per class the count and ``<class>_by_chance``: how many it
    would be if the runs erred independently, each at its own rate in that class.
    """
    ill = calls.cases["label"].to_numpy() == PNEUMONIA
    by_class = {}
    for name, members in zip(CLASS_NAMES, (~ill, ill), strict=True):
        wrong = calls.wrong[members]
        counts = np.bincount(wrong.sum(axis=1), minlength=len(calls.runs) + 1)
        rates = wrong.mean(axis=0) if len(wrong) else np.zeros(len(calls.runs))
        by_class[name] = (counts, len(wrong) * _number_of_successes(rates))
    return [
        {
            "runs": k,
            **{name: int(counts[k]) for name, (counts, _) in by_class.items()},
            **{f"{name}_by_chance": float(chance[k]) for name, (_, chance) in by_class.items()},
        }
        for k in range(len(calls.runs) + 1)
    ]


def _number_of_successes(rates: np.ndarray) -> np.ndarray:
    """Return P(k successes) (R + 1,) of independent trials with these rates (R,)."""
    spread = np.ones(1)
    for rate in rates:
        spread = np.convolve(spread, [1 - rate, rate])
    return spread
