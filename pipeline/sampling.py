"""Which pictures are looked at where all would take too long: drawn by a seed, never by hand."""

from __future__ import annotations

import csv

import numpy as np

from pipeline.errors import RunError
from pipeline.runs import Run


def drawn_names(run: Run, split: str, count: int, seed: int) -> list[str]:
    """Draw about `count` judged pictures of a run, half of each class, one of each patient.

    Parameters
    ----------
    split : of the run's predictions, such as ``validation`` or ``test``.

    Returns
    -------
    File names, NORMAL first; fewer where there are fewer patients.

    Raises
    ------
    RunError : if the run's predictions hold none.
    """
    with (run.folder / "predictions.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == split]
    generator = np.random.default_rng(seed)
    rows = [rows[position] for position in generator.permutation(len(rows))]
    chosen = []
    for label in ("0", "1"):
        own = {row["patient"]: row["file"] for row in rows if row["label"] == label}
        chosen += list(own.values())[: -(-count // 2)]
    if not chosen:
        raise RunError(
            f"{run.name} has no predictions of {split} pictures.",
            "Choose another run: 'python -m pipeline runs' lists them.",
        )
    return chosen
