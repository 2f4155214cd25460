"""The lab record: what was tried on the way to the stored networks, and what it gave.

A try is a folder ``artifacts/lab/<name>/``: ``try.json`` says what was tried and what was found,
``predictions.csv`` holds its scores and ``metrics.json`` the figures that follow from them; a
training adds its ``run.json`` and ``history.csv``. Weights are not kept. Choices are made by
validation patients; the figures on the test set are reported beside them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline import evaluation
from pipeline.classifier import Classifier
from pipeline.dataset import load_held_out
from pipeline.errors import RunError
from pipeline.images import resize
from pipeline.runs import (
    LOGIT_DIGITS,
    PREDICTION_COLUMNS,
    Run,
    checked_name,
    plain_csv,
    read_predictions,
)
from pipeline.storage import read_object, write_json, write_text

if TYPE_CHECKING:
    import pandas as pd

FIGURES = ("auc", "accuracy", "sensitivity", "specificity", "ece")

# What an averaging over views looks at: (share of the side that is kept, and where it begins
# as a share of what is left over, row and column). The first is the whole picture.
VIEWS = (
    (1.0, 0.5, 0.5),
    (0.94, 0.5, 0.5),
    (0.88, 0.5, 0.5),
    (0.94, 0.0, 0.0),
    (0.94, 0.0, 1.0),
    (0.94, 1.0, 0.0),
    (0.94, 1.0, 1.0),
)


@dataclass(frozen=True)
class Try:
    """One thing that was tried.

    Attributes
    ----------
    name : of its folder.
    lever : what kind of change it is, such as ``resolution`` or ``augmentation``.
    tried : what was done, in a sentence.
    command : what does it again, with the data set in place.
    found : what follows from its validation figures.
    seconds : of training or computing, on the machine it ran on; None if not measured.
    """

    name: str
    lever: str
    tried: str
    command: str
    found: str
    seconds: float | None


def record(folder: Path) -> list[dict]:
    """Return every try with its stored figures, the highest validation AUC first."""
    entries = [asdict(one) | metrics(folder, one) for one in list_tries(folder)]
    return sorted(entries, key=lambda entry: -entry["validation"]["figures"]["auc"]["value"])


def list_tries(folder: Path) -> list[Try]:
    """List what lies in ``artifacts/lab`` by name.

    Raises
    ------
    RunError : for a ``try.json`` that cannot be read.
    """
    tries = []
    for path in sorted(folder.glob("*/try.json")):
        try:
            tries.append(Try(name=path.parent.name, **json.loads(path.read_text("utf-8"))))
        except (OSError, ValueError, TypeError) as error:
            raise RunError(
                f"try.json of {path.parent.name} is damaged.", "Restore the file, or remove it."
            ) from error
    return tries


def store(folder: Path, one: Try, table: pd.DataFrame) -> None:
    """Write `one` and its predictions below `folder` (``artifacts/lab``)."""
    own = folder / checked_name(one.name)
    own.mkdir(parents=True, exist_ok=True)
    rows = table[list(PREDICTION_COLUMNS)].to_dict("records")
    write_text(own / "predictions.csv", plain_csv(PREDICTION_COLUMNS, rows))
    write_json(own / "metrics.json", judged(table))
    write_json(own / "try.json", {k: v for k, v in asdict(one).items() if k != "name"})


def metrics(folder: Path, one: Try) -> dict:
    """Return ``{split: report}`` as stored with a try."""
    return read_object(
        folder / one.name / "metrics.json",
        f"metrics.json of {one.name}",
        "Make it again with 'python -m pipeline lab again'.",
    )


def keep_run(run: Run, folder: Path, one: Try) -> None:
    """Store a finished training as a try, with its settings and history but without its weights."""
    if run.status != "finished":
        raise RunError(
            f"The run {run.name} is {run.status}.", "Keep it when its training is finished."
        )
    store(folder, one, run.predictions())
    for name in ("run.json", "history.csv"):
        shutil.copyfile(run.folder / name, folder / one.name / name)


def judged(table: pd.DataFrame, point: str = evaluation.DEFAULT_OPERATING_POINT) -> dict:
    """Return ``{split: report}`` of a try's predictions.

    Temperature and threshold are fitted on its validation patients, as for a run.
    """
    fitted = evaluation.fit_decision(table)
    temperature = fitted["calibration"]["temperature"]
    table = table.assign(probability=evaluation.probability(table["logit"], temperature))
    table = table[table["split"].isin(("validation", "test"))]
    metrics = evaluation.judge(table, {point: fitted["operating_points"][point]})
    return {split: reports[point] for split, reports in metrics.items()}


def predictions(folder: Path, one: Try) -> pd.DataFrame:
    """Return the stored scores of a try."""
    return read_predictions(folder / one.name / "predictions.csv")


def averaged(runs: Sequence[Run], dataset: Path | None = None, views: int = 1) -> pd.DataFrame:
    """Return predictions whose log odds are the mean over runs, and over views of each picture.

    Parameters
    ----------
    runs : judged on the same pictures.
    dataset : folder in the Kaggle layout, needed for more than one view.
    views : how many of `VIEWS`; 1 is the whole picture alone, from stored predictions.

    Raises
    ------
    RunError : if the runs were judged on different pictures.
    DatasetError : if the pictures are not there.
    """
    tables = [run.predictions() for run in runs]
    first = tables[0]
    keys = ["file", "split", "label", "patient"]
    if first.empty or any(not table[keys].equals(first[keys]) for table in tables):
        raise RunError(
            "These runs have no predictions of the same pictures.",
            "Choose finished runs that were trained on one data set.",
        )
    if views == 1:
        logit = np.mean([table["logit"] for table in tables], axis=0)
    else:
        logit = np.mean([_over_views(run, first, dataset, views) for run in runs], axis=0)
    table = first.assign(logit=np.round(logit, LOGIT_DIGITS))
    temperature = evaluation.fit_decision(table)["calibration"]["temperature"]
    return table.assign(probability=evaluation.probability(table["logit"], temperature))


def _over_views(run: Run, table: pd.DataFrame, dataset: Path, views: int) -> np.ndarray:
    classifier = Classifier(run)
    images = load_held_out(table["file"], table["split"], dataset, classifier.size_px)
    return np.mean(
        [classifier.logits(np.stack([seen(i, view) for i in images])) for view in VIEWS[:views]],
        axis=0,
    )


def seen(image: np.ndarray, view: tuple[float, float, float]) -> np.ndarray:
    """Return a part of `image` (S, S) uint8, one of `VIEWS`, at the size of the whole."""
    side = len(image)
    share, row, column = view
    kept = round(share * side)
    top, left = round(row * (side - kept)), round(column * (side - kept))
    return resize(np.ascontiguousarray(image[top : top + kept, left : left + kept]), side)
