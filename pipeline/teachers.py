"""Finished runs as teachers of another: their averaged log odds are its soft labels.

Knowledge distillation (Hinton, Vinyals, Dean 2015, arXiv:1503.02531) from an ensemble of seeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from pipeline import evaluation
from pipeline.classifier import Classifier
from pipeline.config import NORMAL, PNEUMONIA, TrainingConfig
from pipeline.errors import TrainingError
from pipeline.examples import Teach
from pipeline.runs import Run, open_run


def teachers(runs: Path, config: TrainingConfig) -> tuple[Teach | None, list[Run]]:
    """Open the teachers that `config` names.

    Returns
    -------
    A function from images (N, S, S) in 0..255 to soft labels (N, 2), None without teachers; and
    their runs.

    Raises
    ------
    RunError, TrainingError : if one cannot be called, or sees pictures of another size.
    """
    opened = [open_run(runs, name) for name in config.teachers]
    # One thread each: they work beside the training, one batch ahead.
    classifiers = [Classifier(run, threads=1) for run in opened]
    for classifier in classifiers:
        if classifier.size_px != config.size_px:
            raise TrainingError(
                f"The teacher {classifier.run.name} sees {classifier.size_px} pixels a side, "
                f"this training {config.size_px}.",
                "Give --size the teacher's number, or choose other teachers.",
            )

    def teach(images: np.ndarray) -> np.ndarray:
        logit = np.mean([classifier.logits(images) for classifier in classifiers], axis=0)
        positive = evaluation.probability(logit, 1.0)
        columns = np.empty((len(images), 2))
        columns[:, NORMAL], columns[:, PNEUMONIA] = 1 - positive, positive
        return columns

    return (teach if classifiers else None), opened


def check_same_split(
    taught_by: Sequence[Run], config: TrainingConfig, description: Mapping
) -> None:
    """Refuse teachers that may have learned from this run's validation patients.

    Raises
    ------
    TrainingError : if a teacher was trained on other pictures, or another share of them.
    """
    for run in taught_by:
        theirs = TrainingConfig.from_json(run.config)
        same_split = (theirs.split_seed, theirs.validation_fraction) == (
            config.split_seed,
            config.validation_fraction,
        )
        if not same_split or run.document.get("data") != description:
            raise TrainingError(
                f"The teacher {run.name} was not trained on the same pictures and patients, so "
                "it may know this run's validation patients.",
                "Train it on this data set with the same split.",
            )
