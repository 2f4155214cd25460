"""Our runs for other programs: event files of TensorBoard, and a CSV file per run.

The layout is the one Keras' callbacks write, so that whatever reads those reads these.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import RunError
from pipeline.foreign.event import file_start, scalar
from pipeline.foreign.record_file import packed
from pipeline.runs import Run
from pipeline.spreadsheet import csv_text
from pipeline.storage import replacing

if TYPE_CHECKING:
    import pandas as pd

_COUNTING = ("epoch", "seconds")
_VALIDATION = "val_"


def to_tensorboard(runs: Sequence[Run], folder: Path) -> list[Path]:
    """Write event files: ``<folder>/<run>/train/`` and ``<folder>/<run>/validation/``.

    A figure ``x`` becomes the tag ``epoch_x`` of its side, at the step epoch - 1, as Keras counts;
    optimiser steps become ``epoch_step``. TensorBoard keeps float32. Times are those of the run,
    counted from 1970 where it does not tell when it began; all are equal where it has no times.

    Returns
    -------
    The files.

    Raises
    ------
    RunError : if the folder holds event files already, a history is damaged, none of the runs
        has an epoch, or writing fails.
    """
    if folder.is_dir() and any(folder.rglob("*tfevents*")):
        raise RunError(f"{folder} holds event files already.", "Choose another folder with --out.")
    written = []
    for run, history in _histories(runs):
        times = _times(run, history)
        for side, figures in _sides(history).items():
            events = [file_start(times[0])]
            for row, epoch, time in zip(
                history.to_dict("records"), history["epoch"], times[1:], strict=True
            ):
                events += [
                    scalar(f"epoch_{tag}", int(epoch) - 1, row[column], time)
                    for tag, column in figures.items()
                    if math.isfinite(row[column])
                ]
            place = folder / run.name / side
            name = f"events.out.tfevents.{int(times[0]):010d}.{run.name}.v2"
            written.append(_write(place / name, packed(events)))
    return written


def to_csv(runs: Sequence[Run], folder: Path) -> list[Path]:
    """Write ``<folder>/<run>.csv`` in the form of Keras' ``CSVLogger``.

    Epochs count from 0, a missing figure is ``NA``, figures stand in the order of the alphabet;
    ``seconds`` and ``step`` come along where the run has them.

    Returns
    -------
    The files.

    Raises
    ------
    RunError : if one of the files is there already, a history is damaged, none of the runs has
        an epoch, or writing fails.
    """
    told = list(_histories(runs))
    taken = [run.name for run, _ in told if (folder / f"{run.name}.csv").exists()]
    if taken:
        raise RunError(
            f"{folder} holds a file of {', '.join(taken)} already.",
            "Choose another folder with --out.",
        )
    written = []
    for run, history in told:
        columns = ["epoch", *sorted(name for name in history if name != "epoch")]
        rows = [
            {name: "NA" if value != value else value for name, value in row.items()}
            | {"epoch": int(row["epoch"]) - 1}
            for row in history[columns].to_dict("records")
        ]
        written.append(_write(folder / f"{run.name}.csv", csv_text(rows, columns).encode()))
    return written


def _histories(runs: Sequence[Run]) -> Iterator[tuple[Run, pd.DataFrame]]:
    """Yield the runs that have an epoch, with their numbers alone."""
    told = [(run, run.history().select_dtypes("number")) for run in runs]
    told = [(run, history) for run, history in told if len(history) and len(history.columns) > 1]
    if not told:
        raise RunError(
            "None of these runs has a curve.", "Choose runs that `python -m pipeline runs` lists."
        )
    yield from told


def _sides(history: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Return per folder its figures: name of the tag and column."""
    sides = {"train": {}, "validation": {}}
    for column in history:
        if column.startswith(_VALIDATION):
            sides["validation"][column.removeprefix(_VALIDATION)] = column
        elif column not in _COUNTING:
            sides["train"][column] = column
    return {side: figures for side, figures in sides.items() if figures}


def _times(run: Run, history: pd.DataFrame) -> list[float]:
    """Return when the run began and when each epoch ended, in Unix seconds."""
    try:
        start = datetime.fromisoformat(run.document.get("started", "")).timestamp()
    except (TypeError, ValueError):
        start = 0.0
    if "seconds" not in history:
        return [start] * (len(history) + 1)
    return [start, *(start + history["seconds"].fillna(0).cumsum())]


def _write(path: Path, content: bytes) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        raise RunError(
            f"{path} could not be written ({error.strerror or error}).",
            "Check the permissions and the free space, or choose another folder with --out.",
        ) from error
    return path
