"""The pictures that a run was judged on at the end of its training, judged again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.classifier import Classifier
from pipeline.dataset import load_held_out
from pipeline.errors import RunError
from pipeline.runs import LOGIT_DIGITS, Run

if TYPE_CHECKING:
    import pandas as pd


def judged_anew(run: Run, dataset: Path) -> pd.DataFrame:
    """Return ``run.predictions()`` with the log odds that the stored network gives now.

    The probabilities are still those of before: what follows from the log odds is fitted by
    `pipeline.judging.refitted`.

    Raises
    ------
    RunError : if the run has no predictions or no network.
    DatasetError : if a picture is not there or cannot be read.
    """
    table = run.predictions()
    if table.empty:
        raise RunError(
            f"The run {run.name} has no stored predictions.",
            "Choose a finished run: 'python -m pipeline runs' lists them.",
        )
    classifier = Classifier(run)
    logit = classifier.logits(
        load_held_out(table["file"], table["split"], dataset, classifier.size_px)
    )
    return table.assign(logit=logit.round(LOGIT_DIGITS))
