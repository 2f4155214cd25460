"""Stored runs against each other, on the very same pictures, from their predictions.

Of every pair: does one do better, or was it chance? Which pictures runs get wrong together is
asked in `pipeline.agreement`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from pipeline import evaluation
from pipeline.config import NORMAL, PNEUMONIA
from pipeline.errors import RunError
from pipeline.evaluation.paired import compare_placements, placements
from pipeline.evaluation.resampling import middle_95
from pipeline.runs import Run, class_counts

if TYPE_CHECKING:
    import pandas as pd

# Each is a family of tests with a Holm correction of its own: AUC by DeLong, calls by McNemar.
TESTS = ("auc", "accuracy", "sensitivity", "specificity")
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Paired:
    """Runs on the very same pictures, in the same order.

    Attributes
    ----------
    runs : at least two.
    split : ``test`` or ``validation``.
    points : the operating point of each run.
    pictures : (N) rows ``file, label, kind, patient``.
    scores : (runs, N) calibrated probabilities.
    """

    runs: tuple[Run, ...]
    split: str
    points: tuple[str, ...]
    pictures: pd.DataFrame
    scores: np.ndarray

    @property
    def thresholds(self) -> np.ndarray:
        """(runs,) each run's own, at its operating point."""
        chosen = zip(self.runs, self.points, strict=True)
        return np.array([run.operating_points[name]["threshold"] for run, name in chosen])

    @property
    def called(self) -> np.ndarray:
        """(runs, N) bool, pneumonia."""
        return self.scores >= self.thresholds[:, None]

    @property
    def label(self) -> np.ndarray:
        return self.pictures["label"].to_numpy()


def pair(runs: Sequence[Run], split: str = "test", point: str | None = None) -> Paired:
    """Lay the stored predictions of several runs side by side.

    Raises
    ------
    RunError : if a run has none for `split`, has no such operating point, or if two runs were not
        judged on the same pictures.
    """
    if len(runs) < 2:
        raise RunError("One run alone cannot be compared.", "Name at least two runs.")
    tables = [_predictions(run, split) for run in runs]
    first = tables[0]
    for run, table in zip(runs[1:], tables[1:], strict=True):
        if set(table.index) != set(first.index):
            raise RunError(
                f"{runs[0].name} and {run.name} were not judged on the same {split} pictures: "
                f"{len(first)} and {len(table)}, of which "
                f"{len(first.index.intersection(table.index))} are the same.",
                "Compare runs of one data set and one split of its patients, or another --split.",
            )
    points = tuple(run.point(point) for run in runs)
    scores = np.stack([table.loc[first.index, "probability"].to_numpy() for table in tables])
    return Paired(
        tuple(runs),
        split,
        points,
        first.reset_index()[["file", "label", "kind", "patient"]],
        scores,
    )


def _predictions(run: Run, split: str) -> pd.DataFrame:
    table = run.predictions()
    own = table[table["split"] == split]
    if own.empty:
        raise RunError(
            f"The run {run.name} has no stored predictions of {split} pictures.",
            "Choose finished runs: 'python -m pipeline runs' lists them.",
        )
    if own["label"].nunique() < 2:
        raise RunError(
            f"The {split} pictures of {run.name} are all of one class.",
            "Compare on a split that holds both classes.",
        )
    return own.set_index(["file", "label"], drop=True)


def compare(
    runs: Sequence[Run],
    split: str = "test",
    point: str | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> dict:
    """Compare every pair of runs on the same pictures.

    Parameters
    ----------
    runs : at least two, with stored predictions.
    split : ``test`` or ``validation``.
    point : operating point of all; by default each run's own.

    Returns
    -------
    ``{"split", "n", "NORMAL", "PNEUMONIA", "patients", "runs", "pairs"}``. ``runs`` has name,
    operating point, threshold and the values of `TESTS`. Each of ``pairs`` has ``a`` and ``b``, for
    each of `TESTS` a dict, and ``sentence``. Such a dict has ``difference`` (a - b with the 95 %
    interval of a bootstrap over patients, the same patients for both), ``p``, ``p_holm``
    (corrected over all pairs) and ``told_apart``; of AUC also ``delong`` (difference with DeLong's
    interval), of the others ``counts`` (both_right, only_a, only_b, both_wrong) of McNemar's test.

    ``told_apart`` asks for both: p_holm below .05, and a bootstrap interval without 0. The tests
    take pictures as independent, the bootstrap knows which are of one child.

    Raises
    ------
    RunError : as `pair`.
    """
    paired = pair(runs, split, point)
    label, called, patients = paired.label, paired.called, paired.pictures["patient"].tolist()
    judged = list(zip(paired.scores, paired.thresholds, strict=True))
    values = [evaluation.figures(score, label, threshold, TESTS) for score, threshold in judged]
    # The same patients are drawn for every run, because labels, patients and seed are the same.
    draws = [
        evaluation.bootstrap(score, label, threshold, patients, TESTS, resamples, seed)
        for score, threshold in judged
    ]
    placed = [placements(score, label) for score in paired.scores]
    pairs = []
    for a, b in combinations(range(len(runs)), 2):
        entry = {"a": runs[a].name, "b": runs[b].name}
        for test in TESTS:
            low, high = middle_95(draws[a][test] - draws[b][test])
            found = _test(test, placed[a], placed[b], called[a], called[b], label)
            difference = {
                "value": values[a][test] - values[b][test],
                "low": low,
                "high": high,
                "n": found.pop("n"),
            }
            entry[test] = {"difference": difference, **found}
        pairs.append(entry)
    _correct(pairs)
    for entry in pairs:
        entry["sentence"] = sentence(entry)
    return {
        "split": split,
        "n": len(label),
        **class_counts(label),
        "patients": len(set(patients)),
        "runs": [
            {
                "run": run.name,
                "operating_point": name,
                "threshold": run.operating_points[name]["threshold"],
                **own,
            }
            for run, name, own in zip(runs, paired.points, values, strict=True)
        ],
        "pairs": pairs,
    }


def _test(test: str, placed_a, placed_b, called_a, called_b, label: np.ndarray) -> dict:
    if test == "auc":
        found = compare_placements(placed_a, placed_b)
        return {"n": len(label), "p": found["p"], "delong": found["difference"]}
    of_class = {"sensitivity": (PNEUMONIA,), "specificity": (NORMAL,)}.get(test, (0, 1))
    own = np.isin(label, of_class)
    return evaluation.mcnemar(called_a[own], called_b[own], label[own])


def _correct(pairs: Sequence[dict]) -> None:
    for test in TESTS:
        for entry, p in zip(pairs, evaluation.holm([one[test]["p"] for one in pairs]), strict=True):
            interval = entry[test]["difference"]
            entry[test]["p_holm"] = p
            entry[test]["told_apart"] = p < SIGNIFICANT and not (
                interval["low"] <= 0 <= interval["high"]
            )


def sentence(entry: dict) -> str:
    """Say in plain words whether the two runs of a pair differ, and in what."""
    n = entry["accuracy"]["difference"]["n"]
    told = [_finding(test, entry) for test in TESTS if entry[test]["told_apart"]]
    if not told:
        return f"{entry['a']} and {entry['b']} cannot be told apart on these {n} pictures."
    return "; ".join(told) + "."


def _finding(test: str, entry: dict) -> str:
    difference = entry[test]["difference"]
    ahead = difference["value"] > 0
    better, other = (entry["a"], entry["b"]) if ahead else (entry["b"], entry["a"])
    if test == "auc":
        return (
            f"{better} ranks these {difference['n']} pictures better than {other} "
            f"(AUC higher by {abs(difference['value']):.3f})"
        )
    counts = entry[test]["counts"]
    more, less = counts["only_a"], counts["only_b"]
    more, less = (more, less) if ahead else (less, more)
    n = difference["n"]
    does, alone = {
        "accuracy": (f"is right on more of the {n} pictures", "that it alone calls rightly"),
        "sensitivity": (f"finds more of the {n} pneumonias", "that it alone finds"),
        "specificity": (f"clears more of the {n} normals", "that it alone clears"),
    }[test]
    return f"{better} {does} than {other} ({more} {alone}, {less} the other way round)"
