"""Which pictures a run calls wrongly, and how sure it was of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.config import CLASS_NAMES, NORMAL, PNEUMONIA
from pipeline.evaluation import log_odds, name_families
from pipeline.evaluation.wilson_score import share

if TYPE_CHECKING:
    import pandas as pd

# Stored with six digits: 1.000000 stands for everything above .9999995.
_CERTAIN = 5e-7

FALSE_POSITIVE, FALSE_NEGATIVE, RIGHT = "false positive", "false negative", "right"

# What the files' names tell apart, in the order in which pages offer it.
BACTERIAL, VIRAL = "bacterial", "viral"
SERIES_IM, SERIES_NORMAL2, OTHER = "normal IM", "normal NORMAL2-IM", "other"
SUBGROUPS = (BACTERIAL, VIRAL, SERIES_IM, SERIES_NORMAL2, OTHER)

# Column to sort by, and whether its smallest comes first.
ORDERS = {
    "surest": ("margin", False),
    "least sure": ("margin", True),
    "most shared": ("also_wrong", False),
    "file": ("file", True),
}
# The folder that the pictures of a split lie in: validation patients were taken out of train.
_FOLDERS = {"test": "test", "val": "val", "validation": "train", "train": "train"}


def outcomes(table: pd.DataFrame, threshold: float, band: Mapping | None = None) -> pd.DataFrame:
    """Say of every picture whether it was called rightly.

    Parameters
    ----------
    table : columns ``file, label, kind, patient, probability``; one split of a run's predictions.
    threshold : a picture is called pneumonia at probability >= threshold.
    band : the run's ``abstain`` entry with ``low`` and ``high``, None if it has none.

    Returns
    -------
    `table` with the columns ``outcome`` (`FALSE_POSITIVE`, `FALSE_NEGATIVE` or `RIGHT`),
    ``margin`` (distance of the probability from the threshold in log odds, >= 0: how sure the
    call was), ``unsure`` (whether the probability lies in [low, high) of the band) and
    ``subgroup`` (of `SUBGROUPS`).
    """
    if not 0 < threshold < 1:
        raise ValueError(f"Expected 0 < threshold < 1. Received: {threshold!r}")
    score = table["probability"].to_numpy(float)
    called, ill = score >= threshold, table["label"].to_numpy() == PNEUMONIA
    unsure = (score >= band["low"]) & (score < band["high"]) if band else np.zeros(len(table), bool)
    return table.assign(
        outcome=np.select(
            [called & ~ill, ~called & ill], [FALSE_POSITIVE, FALSE_NEGATIVE], RIGHT
        ).astype(object),
        margin=np.abs(log_odds(score, _CERTAIN) - log_odds(threshold, _CERTAIN)),
        unsure=unsure,
        subgroup=subgroups(table),
    )


def subgroups(table: pd.DataFrame) -> list[str]:
    """Return which of `SUBGROUPS` each picture belongs to, as its name and folder tell."""
    families = name_families(table["label"], table["kind"], table["patient"])
    return [
        germ or (f"normal {series}" if series in ("IM", "NORMAL2-IM") else OTHER)
        for germ, series in zip(families["germ"], families["normal series"], strict=True)
    ]


def selected(
    judged: pd.DataFrame, kind: str = "all", subgroups: tuple[str, ...] = (), order: str = "surest"
) -> pd.DataFrame:
    """Return the errors asked for, in the order asked for.

    Parameters
    ----------
    judged : as `outcomes` returns it; with the column ``also_wrong`` for the order "most shared".
    kind : `FALSE_POSITIVE`, `FALSE_NEGATIVE`, ``all`` for both, or ``unsure`` for every picture
        in the abstain band, right or wrong.
    subgroups : of `SUBGROUPS`; every one if empty.
    order : a key of `ORDERS`; equals are sorted by file name.
    """
    chosen = _chosen(judged)
    if kind not in chosen or order not in ORDERS:
        raise ValueError(f"Expected a known kind and order. Received: {kind!r}, {order!r}")
    rows = chosen[kind]
    if subgroups:
        rows = rows & judged["subgroup"].isin(subgroups)
    column, ascending = ORDERS[order]
    by, rising = [column, "file"], [ascending, True]
    if column == "file":
        by, rising = ["file"], [True]
    return judged[rows].sort_values(by, ascending=rising, ignore_index=True)


def counts(judged: pd.DataFrame) -> dict[str, int]:
    """Return how many pictures there are of each kind that `selected` knows."""
    return {kind: int(rows.sum()) for kind, rows in _chosen(judged).items()}


def _chosen(judged: pd.DataFrame) -> dict[str, pd.Series]:
    return {
        "all": judged["outcome"] != RIGHT,
        FALSE_POSITIVE: judged["outcome"] == FALSE_POSITIVE,
        FALSE_NEGATIVE: judged["outcome"] == FALSE_NEGATIVE,
        "unsure": judged["unsure"],
    }


def error_rates(judged: pd.DataFrame) -> list[dict]:
    """Return how often each subgroup is called wrongly.

    Returns
    -------
    A row per subgroup that occurs: ``subgroup, error`` (which kind it can suffer), ``wrong`` and
    ``value, low, high, n``: the share of wrong calls with Wilson's 95 % interval.
    """
    rows = []
    for name in SUBGROUPS:
        for label, error in ((NORMAL, FALSE_POSITIVE), (PNEUMONIA, FALSE_NEGATIVE)):
            own = judged[(judged["subgroup"] == name) & (judged["label"] == label)]
            if len(own):
                wrong = int((own["outcome"] != RIGHT).sum())
                rows.append(
                    {"subgroup": name, "error": error, "wrong": wrong, **share(wrong, len(own))}
                )
    return rows


def picture_path(dataset: Path, split: str, label: int, file: str) -> Path | None:
    """Return where a judged picture lies in a data set in the Kaggle layout; None if it does not.

    Parameters
    ----------
    dataset : holds ``{train,val,test}/{NORMAL,PNEUMONIA}/``.
    split, label, file : as in a run's predictions.
    """
    if split not in _FOLDERS or Path(file).name != file:  # never out of the folder
        return None
    path = dataset / _FOLDERS[split] / CLASS_NAMES[label] / file
    return path if path.is_file() else None
