"""Rows of figures as tables for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from dashboard import wording
from dashboard.wording import judging
from dashboard.wording import mistakes as sentences
from pipeline.config import CLASS_NAMES

PROBABILITY = "Probability of pneumonia"

_CASE_COLUMNS = {
    "file": "File",
    "label": "Label",
    "patient": "Patient",
    "probability": PROBABILITY,
    "outcome": "Called",
    "unsure": "Unsure",
    "also_wrong": "Other runs wrong",
}


def cases(rows: pd.DataFrame) -> pd.DataFrame:
    """Return those columns of cases that mean something to a reader."""
    shown = rows[[name for name in _CASE_COLUMNS if name in rows]]
    shown = shown.assign(label=[CLASS_NAMES[label].lower() for label in shown["label"]])
    return shown.rename(columns=_CASE_COLUMNS)


def error_rates(rows: Sequence[dict]) -> pd.DataFrame:
    """Return a row per subgroup; `rows` as of `pipeline.mistakes.error_rates`."""
    return pd.DataFrame(
        {
            "Pictures": sentences.SUBGROUP_NAMES[row["subgroup"]],
            "Error": row["error"],
            "Wrong": row["wrong"],
            "Of": row["n"],
            "Share": wording.percent(row),
        }
        for row in rows
    )


def pairs(rows: Sequence[dict]) -> pd.DataFrame:
    """Return a row per pair of runs, the least alike first; `rows` as of `agreement.pairs`."""

    def kappa(row: dict) -> str:
        figure = row["kappa"]
        if figure["value"] is None:
            return "does not exist: one call only"
        return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"

    least_first = sorted(rows, key=lambda row: (row["kappa"]["value"] or 0.0, row["first"]))
    return pd.DataFrame(
        {
            "One run": row["first"],
            "Other run": row["second"],
            "Kappa": kappa(row),
            "Equal calls": wording.percent(row["equal"]),
        }
        for row in least_first
    )


def best_figures(rows: Sequence[Mapping]) -> pd.DataFrame:
    """Return a row per run; `rows` as of `pipeline.comparison.summary`."""
    shown = [
        {
            **row,
            "test_interval": judging.interval(row, "test_auc_low", "test_auc_high"),
            "drop_interval": judging.interval(row, "drop_low", "drop_high"),
        }
        for row in rows
    ]
    return pd.DataFrame(shown, columns=list(judging.FIGURES))


def printed_figures(rows: Sequence[Mapping]) -> pd.DataFrame:
    """Return `best_figures` under the headings that a reader sees, the first columns only."""
    headings = {name: title for name, (title, _) in judging.FIGURES.items()}
    return best_figures(rows)[list(judging.FIRST)].rename(columns=headings)
